"""A live forum: invented organisations of both countries register, are matched, answer, meet and get notices.

organisations.yaml, content   the organisations and their people
people                        decisions of the people: seeded rules on the data that the API returns
delegation, meetings          the people of an organisation act at the services
client                        an HTTP client that repeats requests that got no answer
tail                          reads the real topics
books                         records every answer and booking, and finds what the platform lost or did twice
measures                      how long things take
show                          the display in the terminal
forum                         the steps of the demonstration
"""
