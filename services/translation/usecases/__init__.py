"""What translation does: load, decide, save.

texts      texts come with profiles, and are erased when no profile has them
translate  a text into another language, by an engine or by a person
glossary   terms that organisers add
documents  writes or erases a translation together with its text
"""
