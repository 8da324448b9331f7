"""What matching does, by what it is about: load, decide, save and emit.

projecting   a profile's events come in
proposing    vectors, candidates, proposals
answering    accept, decline, expire
ending       a profile is gone: its matches and meetings with it
meeting      request, confirm, move, cancel, lapse
calendar     a member's time: requests, claims, busy times
parties      who may act for which side
"""
