"""Kafka out: the relay sends what the outbox holds. Services use none of it; their events leave by themselves."""
