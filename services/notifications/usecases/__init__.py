"""What notifications does: load, decide, save and emit.

notify           events update projections and make notices: inbox entries, and deliveries for mail
recipients       members register, change their preferences and unsubscribe
forget           recipients and profiles are deleted with all that belongs to them
plan_mail        when a delivery is decided about; the decision whether it is sent, held or suppressed
send_digest      the daily digest of proposals
compose_mail     the content of a mail
send_mail        a mail is handed to the SMTP server
delivery_states  the only place where a delivery changes its state
record_outcome   the only place where a mailbox changes and events are emitted
render_notices   notices in their reader's language, for the inbox and for mails
stream_inbox     new entries of an inbox, as they come
project_forum    how far forums were read; their events go to webhooks
"""
