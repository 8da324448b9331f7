"""What notifications does: load, decide, save and emit.

telling      events come in, notices go to inboxes
registering  recipients come and go
reading      an inbox, rendered for its reader
"""
