"""What else than a rule can stop a commit, without the driver that reports it; and what of an error may be logged."""

from __future__ import annotations

import traceback

from pydantic import ValidationError

from .refusals import Refused, Unreadable

MAX_TEXT = 500
MAX_FRAMES, MAX_INNER = 40, 3


class ConcurrentWrite(Exception):
    """Another writer changed what this batch has read, or its checkpoint: decide again on fresh reads."""

    label = "Conflict"
    """Value of the metric's `cause`; a name of its own, so that renaming the class does not rename a series."""


class TransactionTooLong(ConcurrentWrite):
    """MongoDB ended the transaction because of its time or size: decide again in smaller batches."""

    label = "TooLong"


class Rejected(Exception):
    """MongoDB refuses a write because of its content, so waiting does not help. Carries codes, no data."""

    label = "Rejected"


class Unavailable(Exception):
    """MongoDB, a disk, or another server that the work needs cannot take this now (away, not primary, full, not
    authorised): wait and try again. It says nothing of the record, the command or the job in hand."""


class WorkFailed(Exception):
    """The work of a job has failed elsewhere, in another process for example. Its text says why, without data."""


def safe_text(error: BaseException) -> str:
    """Describes an error for logs and dead letters, without the payload that drivers and validators repeat.

    Our own errors give their text; a validation error its places and kinds; any other error its class and the place
    where it was raised."""
    match error:
        case ValidationError():
            found = error.errors(include_input=False, include_url=False, include_context=False)
            return "; ".join(f"{'.'.join(map(str, e['loc'])) or '(body)'}: {e['type']}" for e in found)[:MAX_TEXT]
        case Refused() | ConcurrentWrite() | Rejected() | Unavailable() | WorkFailed():
            return f"{type(error).__name__}: {error}"[:MAX_TEXT]
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
    return type(error).__name__ + place


def safe_traceback(error: BaseException) -> str:
    """Where an error comes from: the frames of it and of what caused it, oldest first, each ended by its `safe_text`.
    Neither values nor lines of source are in it."""
    parts, known = list[str](), set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in known:
        known.add(id(one))
        parts.append(_frames(one))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(reversed(parts))


def _frames(error: BaseException) -> str:
    found = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), limit=-MAX_FRAMES, lookup_lines=False
    )
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in found]
    inner = error.exceptions[:MAX_INNER] if isinstance(error, BaseExceptionGroup) else ()
    return "\n".join([*lines, safe_text(error), *(_frames(one) for one in inner)])


FAILURE_KINDS = ("unreadable", "invalid", "refused", "rejected", "unexpected")
"""All that `failure_kind` returns."""


def failure_kind(error: BaseException) -> str:
    """One word for metrics: why a record could not be taken."""
    match error:
        case Unreadable():
            return "unreadable"
        case ValidationError():
            return "invalid"
        case Refused():
            return "refused"
        case Rejected():
            return "rejected"
    return "unexpected"
