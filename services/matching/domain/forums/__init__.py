"""A forum: days on which many people of both countries meet (docs/rules.md, section 9).

venue         halls, their tables and rooms, and how far it is from one to another
programme     days with their slots, talks, interpreters
offer_terms   how a slot that became free is offered: time to answer, quiet hours
setup         all that an organiser defines, and whether it fits together
plan_parts    a published plan in parts, for each day and hall
forum         the forum as it is stored, from its announcement to its end
registration  who takes part: a profile with its delegates, targets and must-meets; how many they are
"""
