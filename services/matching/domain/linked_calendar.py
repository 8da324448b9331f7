"""A calendar that a member keeps elsewhere, and has read regularly for when it is busy (docs/rules.md, section 8).

Its URL opens it, so it is sealed; of what it says, only busy times are kept, in the agenda."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.chassis.model import Document, InvalidState, Target, parse_target

from .agenda import Busy

PURPOSE = "linked calendars"
"""Of the key that seals their URLs."""
MAX_BYTES = 4 << 20
MAX_MARK = 200
"""Of an ETag and of a date that a server gives; a longer one is not sent back."""
WHOLE_AFTER = dt.timedelta(days=1)
"""How often a calendar is read whole although it says that it has not changed: repetitions come into sight."""
MAX_PAUSE = dt.timedelta(days=1)
ASK_EVERY = dt.timedelta(seconds=10)
"""An organisation has one reading at once in this time, so that no server is flooded by links that come and go."""
JITTER = 0.1

SECRET_LOST, REFUSED, BUSY, SERVER_ERROR, UNEXPECTED, REDIRECTED, NO_CALENDAR, TOO_SLOW, TOO_MANY = (
    "secret_lost",
    "refused",
    "busy",
    "server_error",
    "unexpected",
    "redirected",
    "no_calendar",
    "too_slow",
    "too_many_times",
)
OWN_REASONS = (SECRET_LOST, REFUSED, BUSY, SERVER_ERROR, UNEXPECTED, REDIRECTED, NO_CALENDAR, TOO_SLOW, TOO_MANY)
"""Why a reading failed, beside why a server gave no answer (`ops/outward.py`)."""
REFUSED_STATUSES = (401, 403, 404, 410)
"""With these a server says that the calendar is not there for us, or no longer: waiting does not help."""
BUSY_STATUSES = (429, 503)
"""With these a server says that it has no time now; `Retry-After` says for how long."""
READ, UNCHANGED = "read", "unchanged"
State = Literal["waiting", "ok", "failing"]


def calendar_target(url: str, *, is_open: bool) -> Target:
    """Where a calendar is. `webcal` is what calendar programs write for https. Raises ValueError, which never repeats
    the URL."""
    scheme, colon, rest = url.partition(":")
    return parse_target(f"https:{rest}" if colon and scheme.lower() == "webcal" else url, is_open=is_open)


def failure_of(status: int, *, was_marked: bool) -> str | None:
    """Why an answer with this status brings no calendar; None for one that may, and for "not modified" where
    `was_marked`: it was asked for."""
    if status == 200 or (status == 304 and was_marked):
        return None
    if status in REFUSED_STATUSES:
        return REFUSED
    if status in BUSY_STATUSES:
        return BUSY
    if status >= 500 or status == 408:
        return SERVER_ERROR
    return REDIRECTED if 300 <= status < 400 and status != 304 else UNEXPECTED


def is_mark(text: str) -> bool:
    """Whether what a server gives to recognise a version by can be sent back."""
    return text.isascii() and text.isprintable() and 0 < len(text) <= MAX_MARK


@dataclass(frozen=True)
class Found:
    """What a reading brought: a failure, or busy times in order, or that nothing has changed (neither of the two).
    `wait_seconds`: for how long its server wants to be left alone; `is_orphan`: its organisation has no profile any
    more; `forums`: those at which the member is a delegate."""

    times: Sequence[Busy] | None = None
    failure: str | None = None
    status: int | None = None
    wait_seconds: float = 0.0
    skipped: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)
    is_orphan: bool = False
    forums: Sequence[str] = ()

    @property
    def outcome(self) -> str:
        """READ, UNCHANGED, or why it failed."""
        return self.failure or (UNCHANGED if self.times is None else READ)


class LinkedCalendar(Document):
    """The calendar of one member. `series` is another one with each URL, and `turn` grows with each reading: the job
    of another one does nothing."""

    org: str
    member_id: str
    sealed_url: str
    host: str
    zone: str
    series: str
    turn: int = 0
    next_at: dt.datetime
    marks: dict[str, str] = {}
    """What the server wants to hear to say that nothing has changed, by header."""
    whole_at: dt.datetime | None = None
    read_at: dt.datetime | None = None
    tried_at: dt.datetime | None = None
    failures: int = 0
    failure: str | None = None
    status: int | None = None
    times: int = 0
    skipped: int = 0

    @property
    def state(self) -> State:
        """What its owner is told."""
        if self.failure is not None:
            return "failing"
        return "ok" if self.read_at else "waiting"

    def marks_to_send(self, now: dt.datetime) -> dict[str, str]:
        """Headers with which it is read only if it has changed; none when it is due as a whole."""
        is_due = self.whole_at is None or now - self.whole_at >= WHOLE_AFTER
        return {} if is_due else dict(self.marks)

    def after(self, found: Found, now: dt.datetime, *, every: dt.timedelta, jitter: float) -> LinkedCalendar:
        """After a reading. What it brought before stays while it fails; each failure doubles the pause, up to a day,
        and a server is asked no earlier than it says. `jitter` is from 0 to 1: those that were linked together do not
        go on together."""
        failures = self.failures + 1 if found.failure else 0
        pause = min(every * 2.0 ** min(failures, 20), max(every, MAX_PAUSE)) * (1 - JITTER + 2 * JITTER * jitter)
        asked = dt.timedelta(seconds=min(found.wait_seconds, MAX_PAUSE.total_seconds()))
        change: dict[str, object] = {
            "turn": self.turn + 1,
            "next_at": now + max(pause, asked * (1 + JITTER * jitter)),
            "tried_at": now,
            "failures": failures,
            "failure": found.failure,
            "status": found.status,
        }
        if not found.failure:
            change["read_at"] = now
        if found.times is not None:
            seen = {"whole_at": now, "marks": dict(found.marks), "times": len(found.times), "skipped": found.skipped}
            change |= seen
        return self.model_copy(update=change)


class LinkBook(Document):
    """Which members of an organisation have a calendar linked, in one document: two at once cannot both take the last
    place. `asked_at`: when the last reading at once was planned for."""

    members: list[str] = []
    asked_at: dt.datetime | None = None

    def with_one(self, member_id: str, *, most: int) -> LinkBook:
        """With a member. Raises InvalidState where no calendars are read, or as many as an organisation may have."""
        if most == 0:
            raise InvalidState(
                "no-linked-calendars",
                "This installation reads no calendars from elsewhere; upload the file (.ics) to /busy instead.",
            )
        if member_id in self.members:
            return self
        if len(self.members) >= most:
            raise InvalidState(
                "too-many-linked-calendars",
                f"An organisation has at most {most} calendars linked; a colleague may unlink one, or upload the file.",
            )
        return self.model_copy(update={"members": [*self.members, member_id]})

    def without(self, member_id: str) -> LinkBook:
        """Without a member; how often it asks is remembered."""
        return self.model_copy(update={"members": [known for known in self.members if known != member_id]})

    def asking(self, now: dt.datetime) -> tuple[LinkBook, dt.datetime]:
        """With one more reading at once, and when that is."""
        at = now if self.asked_at is None else max(now, self.asked_at + ASK_EVERY)
        return self.model_copy(update={"asked_at": at}), at
