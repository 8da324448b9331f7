"""Files of a forum: participants, tables and interpreters as lines of text, in both directions.

cells              what stands in one cell: ids, times, numbers, lists; and what no spreadsheet may calculate
lines              a sheet of a file: its columns, its lines, and what is wrong with them
mistakes           a mistake with its place; its sentences are in `mistake_sentences` and `sheet_sentences`
whole_file         all sheets of a file, and its refusal
participant_lines  lines of participants
place_lines        lines of tables and rooms
interpreter_lines  lines of interpreters
beside_stored      what a file says of a profile, beside what is stored of it
"""
