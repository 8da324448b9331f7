"""A live forum: invented organisations of both countries register, are matched, answer, meet for two days in fast time,
and get notices.

organisations.yaml, content   the organisations and their people
people                        decisions of the people: seeded rules on the data that the API returns
delegation, meetings          the people of an organisation act at the services
attending                     the same people at the forum: they register, check in, say what came of it
organiser, venue              the organiser defines, ranks, plans, publishes and changes the forum
forum_days                    the forum of the organiser, from its announcement to its report
fast_time                     the clock of the demonstration, which leaps
client                        an HTTP client that repeats requests that got no answer
tail                          reads the real topics
books, seats                  record every answer, booking and check-in, and find what the platform lost or did twice
steps                         how steps are run
measures                      how long things take
show                          the display in the terminal
forum                         the steps of the demonstration
"""
