"""What webhooks do: load, decide, save.

offer      an event of a public topic becomes a delivery for each webhook that takes it
register   webhooks are registered, changed, disabled, rotated, deleted
queues     the only place where a queue gets a delivery or a job
deliver    the next delivery of a queue is sent, at least once and in order
backlog    a webhook for which too much waits is disabled
replay     deliveries are sent again; test events
clean      what is left of erased events and deleted webhooks
"""
