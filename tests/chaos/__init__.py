"""Kill anything at any time: a system of two replicas each, people who act, faults from outside, and the books.

people    acts through the API, and what was acknowledged
faults    kills, pauses, restarts, by a seeded schedule
world     what all of it takes place in
acts      what operators do, timed (`seeing`) until it is seen and until all is whole. `restores`: collections come
          back; `retold`: a topic is made again; `absences`: a service stays away; `outages`: a server of three is lost;
          `planning`: a plan is published
recovery  how long until the line works again after each
evidence  what stands on the topics and in the databases at the end
verdict   losses, doubles, disorders: pure
rewind    emptied cursors and inboxes, everything read again: nothing may change
site/     put on a replica's path: its wall clock is minutes off; for the control, its guards are gone
"""
