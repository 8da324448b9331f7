"""Kafka in: what a service does with the records of a topic, and what became of those that it could not take."""

from .dead_letters import DeadLetter, retry_row, why_not_to_resend
from .subscriptions import Route, Subscription, on

__all__ = ["DeadLetter", "Route", "Subscription", "on", "retry_row", "why_not_to_resend"]
