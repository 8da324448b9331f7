"""What of a job's failures lies outside of it, and how long it waits then."""

from __future__ import annotations

import datetime as dt

from pymongo.errors import PyMongoError

from ..model.failures import Unavailable
from ..mongo.errors import classify
from .commands import NotDone, OutcomeUnknown
from .jobs import RunOptions

LONGEST_OUTAGE = dt.timedelta(days=3)
"""For so long a job waits for what it needs from outside: over a weekend, and not without end."""
PAUSES_OF_AN_OUTAGE = 8
"""A pause is this part of the time for which the outage has lasted: after ten minutes a job is a minute late or so."""


def is_outside(error: Exception) -> bool:
    """Whether a failure lies outside of the job: its server, its mirror or its engine is away, and every other job of
    its kind fails for the same reason. What else a job raises is its own failure, a timeout too."""
    if isinstance(error, PyMongoError):
        error = classify(error)
    return isinstance(error, Unavailable | NotDone | OutcomeUnknown)


def pause_of_outage(age: dt.timedelta, options: RunOptions) -> float | None:
    """Seconds until the next run in an outage that has lasted for `age`; None if it has lasted too long."""
    if age > LONGEST_OUTAGE:
        return None
    return min(options.max_backoff_seconds, max(options.backoff_seconds, age.total_seconds() / PAUSES_OF_AN_OUTAGE))
