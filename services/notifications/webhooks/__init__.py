"""Webhooks: the events of public topics for those who have no Kafka, signed and sent by HTTP.

domain    rules: registration, URLs and addresses, signatures, queues, pauses
store     what is kept
usecases  load, decide, save
jobs      what is done later
api       the routes
"""
