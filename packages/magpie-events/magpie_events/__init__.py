"""The events of Magpie: a model for each, and `decode` for a record of Kafka, whatever client has read it."""

from .catalogue import EVENTS
from .decoder import NotAnEvent, Received, decode
from .envelope import Event, Tombstone

__all__ = ["EVENTS", "Event", "NotAnEvent", "Received", "Tombstone", "decode"]
