"""The contract: what stands on Magpie's topics. pydantic and the standard library only; vendor it if you like.

envelope        what every event is
common          texts, their ids, offers and needs
profiles, matches, meetings, translations, notifications      the events of each topic
screening       what may not stand in a public text
catalogue       all events, by name
topics/*.yaml   the topics: who writes, who reads, how long
json/           JSON Schemas, generated; examples/ one record an event
"""
