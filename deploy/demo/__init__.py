"""A forum, live: invented organisations of both countries register, are matched, answer, meet and are told.

organisations.yaml, content   who comes and what they say
people                        what they would like: seeded rules on what the API shows
delegation, meetings          what they do about it at the services
client                        speaks to a service like a patient person: repeats what was not answered
tail                          reads the real topics
books                         every answer, booking and notice, compared with what is there at the end
measures, show                how long it takes, and the terminal
forum                         the course of it all
"""
