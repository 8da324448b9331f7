"""Plans of a forum as they are stored: drafts that an organiser compares, locks in part, and publishes.

plan       a plan, the book of a forum's plans with its locks, and the publication of one
inputs     what the scheduler is asked for, from a forum, its registrations and what is agreed and booked
slot_times what a slot takes, in the ten minutes of claims and in minutes of a clock
outputs    what the scheduler answers, by match, place and pseudonym
comparing  what differs between two plans
locks      what is locked, as the scheduler takes it
booking    a meeting of a plan as it is booked
closures   what is away on the day
day_change what follows of it
openings   times that became free, and what was made of them
next_pairs who could meet then instead
offers     a meeting that is offered to both sides
"""
