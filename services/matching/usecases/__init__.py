"""What matching does, by what it is about: load, decide, save and emit.

projecting   a profile's events come in
embedding    texts become what they are scored by
proposing    candidates, proposals
judging      open matches after a revision
placing      a match is made, on two desks
asking       a named partner
excluding    whom a profile never wants to meet
answering    accept, decline, expire
ending       a profile is gone: its matches and meetings with it
meeting      request, confirm, move, cancel, lapse
calendar     a member's time: requests, claims, busy times
parties      who may act for which side
"""
