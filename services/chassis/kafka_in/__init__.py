"""Kafka in: what a service does with the records of a topic, and what became of those that it could not take."""

from .dead_letters import DeadLetter, retry_row, why_not_to_resend
from .subscriptions import Projects, Route, Subscription, on

__all__ = ["DeadLetter", "Projects", "Route", "Subscription", "on", "retry_row", "why_not_to_resend"]
