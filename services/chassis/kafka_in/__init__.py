"""Kafka in: what a service does with the records of a topic."""

from .subscriptions import Route, Subscription, on

__all__ = ["Route", "Subscription", "on"]
