"""What translation does: load, decide, save and emit.

texts        texts come with profiles, and go when nobody says them
translating  a text into another language, by an engine or by a person
terms        organisers add to the glossary
"""
