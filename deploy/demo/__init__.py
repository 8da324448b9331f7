"""A small forum, live: invented organisations of both countries register, are matched, agree, meet and are told.

organisations.yaml, content   who comes and what they say
client                        speaks to a service like a patient person: repeats what was not answered
people                        what a participant does, decided by what the API shows
tail                          reads the real topics
books                         every answer, booking and notice, compared with what is there at the end
show                          the terminal
forum                         the course of it all
"""
