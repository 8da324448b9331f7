"""What notifications does: load, decide, save and emit.

telling      events come in, notices go to inboxes, mails are queued
registering  recipients come, go and change their wishes
planning     when a mail goes, and whether; the daily digest
sending      a mail leaves
reading      notices, rendered for their reader
streaming    an inbox, as it grows
noting       what became of a notice, in the mailbox
"""
