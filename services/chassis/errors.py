"""Who said no, and what follows: a rule (`Refused`), MongoDB's data checks (`Rejected`), a race (`Conflict`) or an
outage (`Unavailable`)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError

MAX_REASON = 500


class Refused(Exception):
    """A rule's no. The text is shown to callers and written to dead letters: it holds no payload and no personal
    data. `type` is the stable last part of the problem's type; `extra` goes beside it in the answer."""

    def __init__(self, type: str, detail: str, *, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.type, self.detail, self.extra = type, detail, dict(extra or {})


class NotFound(Refused):
    """Unknown, not yet known, or somebody else's: the three look the same from outside."""

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__("not-found", detail)
        self.retry_after = retry_after


class Invalid(Refused):
    """The request can never be right as it stands. `errors` name the fields by JSON Pointer, never their values."""

    def __init__(self, detail: str, *, pointer: str = "", type: str = "invalid") -> None:
        super().__init__(type, detail, extra={"errors": [{"pointer": pointer, "detail": detail}]})


class PreconditionMissing(Refused):
    def __init__(self) -> None:
        super().__init__(
            "precondition-required",
            "This write needs If-Match with the ETag of the revision that you read; read it first.",
        )


class Stale(Refused):
    def __init__(self) -> None:
        super().__init__("stale", "Somebody has written since the revision in If-Match; read it again and decide anew.")


class Contrary(Refused):
    """409: the present state does not allow it. `type` says which rule, e.g. `taken`."""


class Conflict(Exception):
    """Something this batch read, or its place in the log, has changed since: decide again on fresh reads."""


class TooLong(Conflict):
    """The transaction was ended for its time or size: decide again in smaller batches."""


class Rejected(Exception):
    """MongoDB refuses one of these writes for what it contains: waiting does not help. Carries codes, no data."""


class Unavailable(Exception):
    """MongoDB cannot take this now (away, not primary, disk full, not authorised): wait and go on."""


WRITE_CONFLICT, DUPLICATE_KEY = 112, 11000
TRANSACTION_TOO_LARGE, BSON_TOO_LARGE, NO_SUCH_TRANSACTION = 257, 10334, 251
# Codes that speak of the server, not of the data: https://www.mongodb.com/docs/manual/reference/error-codes/
INFRASTRUCTURE = frozenset(
    {6, 7, 13, 18, 24, 46, 50, 89, 91, 189, 202, 246, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436, 14031}
)


def meaning(error: Exception) -> Exception:
    """Which of the four a driver's error is; whatever is not known to lie in the data counts as an outage, so that
    no outage is ever taken for a bad record. An error that is no driver's is returned as it is."""
    match error:
        case BulkWriteError(details={"writeErrors": [{"code": int(code)} as first, *_]}):
            return _meaning_of_write(code, first.get("keyPattern"))
        case DuplicateKeyError(details=details):
            return _meaning_of_write(DUPLICATE_KEY, (details or {}).get("keyPattern"))
        case DocumentTooLarge():
            return Rejected("the document is larger than MongoDB takes")
        case OperationFailure(code=code) if code == TRANSACTION_TOO_LARGE:
            return TooLong(f"code {code}")
        case OperationFailure(code=code) if code == BSON_TOO_LARGE:
            return Rejected(f"code {code}")
        case OperationFailure(code=code) if code == NO_SUCH_TRANSACTION:
            return TooLong("the transaction had ended before its commit")
        case OperationFailure(code=code) if code not in INFRASTRUCTURE and error.has_error_label(
            "TransientTransactionError"
        ):
            return Conflict(f"code {code}")
        case PyMongoError() | ConnectionError() | TimeoutError():
            return Unavailable(f"{type(error).__name__} code {getattr(error, 'code', None)}")
    return error


def _meaning_of_write(code: int, key_pattern: Any) -> Exception:
    if code == WRITE_CONFLICT or (code == DUPLICATE_KEY and key_pattern in (None, {"_id": 1})):
        return Conflict(f"code {code}")
    if code in INFRASTRUCTURE:
        return Unavailable(f"code {code}")
    return Rejected(f"code {code}")


def reason(error: BaseException) -> str:
    """What an error says, for logs and dead letters: never with the payload, which drivers and validators repeat."""
    match error:
        case ValidationError():
            found = error.errors(include_input=False, include_url=False, include_context=False)
            return "; ".join(f"{'.'.join(map(str, e['loc'])) or '(body)'}: {e['type']}" for e in found)[:MAX_REASON]
        case Refused() | Conflict() | Rejected() | Unavailable():
            return f"{type(error).__name__}: {error}"[:MAX_REASON]
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
    return type(error).__name__ + place


def must_go_on() -> None:
    """For loops that survive errors: raises CancelledError where the task was told to end and a clean-up that failed on
    the way out (a driver's close, a producer's stop) has put its own error in place of the cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Pace:
    """Pauses that double from `first` to `most` seconds, jittered: no hot loop against a server in trouble. A task that
    was told to end does not go on after one."""

    def __init__(self, first: float, most: float) -> None:
        self._first, self._most, self._tries = first, most, 0

    def reset(self) -> None:
        self._tries = 0

    async def wait(self) -> None:
        must_go_on()
        pause = min(self._most, self._first * 2 ** min(self._tries, 16))
        self._tries += 1
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))
