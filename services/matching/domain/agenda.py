"""A member's open requests, bookings and busy times, by pseudonym; all private (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from services.chassis.model import Document, InvalidState

MAX_REQUESTS = 20
MAX_BUSY = 500
"""Of a member, after those that touch have become one."""


class Busy(BaseModel):
    """A half-open interval: a member that is busy until 10:20 is free at 10:20."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    start: dt.datetime
    end: dt.datetime

    def overlaps(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether it has a moment in common with another half-open interval."""
        return self.start < end and start < self.end


class Booked(Busy):
    """A booked meeting. `change_over`: minutes between a meeting of a forum and others; None for one beside forums."""

    change_over: int | None = None

    @property
    def before(self) -> Busy:
        """The change-over before it, which meetings beside the forum leave free."""
        return Busy(start=self.start - dt.timedelta(minutes=self.change_over or 0), end=self.start)

    def kept_from(self, change_over: int | None) -> Busy:
        """What a meeting with this change-over must not touch: this one, with the longer change-over of the two before
        and after it. Claims have the time after each only."""
        pause = dt.timedelta(minutes=max(self.change_over or 0, change_over or 0))
        return Busy(start=self.start - pause, end=self.end + pause)

    def leaves_pause(self, other: Booked) -> bool:
        """Whether there is time to change over between the two, whichever of them comes first."""
        return not other.kept_from(self.change_over).overlaps(self.start, self.end)


class Agenda(Document):
    """The rules about a member's open requests and time. Both a confirmation and a change of busy times write it, so
    one of the two always sees the other."""

    requests: list[str] = []
    booked: dict[str, Booked] = {}
    busy: list[Busy] = []
    """As its member has sent them."""
    linked: list[Busy] = []
    """As the calendar says that its member has linked."""

    @property
    def all_busy(self) -> list[Busy]:
        """Whatever says so, in no order."""
        return [*self.busy, *self.linked]

    def with_request(self, meeting_id: str) -> Agenda:
        """With one more open request; the same one counts once. Raises InvalidState if there are too many."""
        if meeting_id in self.requests:
            return self
        if len(self.requests) >= MAX_REQUESTS:
            detail = f"A member has at most {MAX_REQUESTS} open requests; wait for an answer, or cancel one."
            raise InvalidState("too-many-requests-open", detail)
        return self.model_copy(update={"requests": [*self.requests, meeting_id]})

    def without_request(self, meeting_id: str) -> Agenda:
        """Without this request."""
        return self.model_copy(update={"requests": [id for id in self.requests if id != meeting_id]})

    def with_booking(self, meeting_id: str, time: Booked) -> Agenda:
        """With a booked meeting, or with its new time. Raises InvalidState (busy, taken)."""
        if not self.is_free(time.start, time.end):
            raise InvalidState("busy", "Somebody is busy then; the request stays open, ask for another time.")
        if not self.has_pause(meeting_id, time):
            detail = "Somebody needs that time to get to or from a meeting of a forum; ask for another time."
            raise InvalidState("taken", detail)
        return self.model_copy(update={"booked": {**self.booked, meeting_id: time}})

    def has_pause(self, meeting_id: str, time: Booked) -> bool:
        """Whether there is time to change over between this meeting and all others."""
        return all(time.leaves_pause(other) for id, other in self.booked.items() if id != meeting_id)

    def without_booking(self, meeting_id: str) -> Agenda:
        """Without this booked meeting."""
        booked = {id: time for id, time in self.booked.items() if id != meeting_id}
        return self.model_copy(update={"booked": booked})

    def is_free(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether no busy time overlaps this interval. Bookings are not looked at: claims exclude each other."""
        return not any(time.overlaps(start, end) for time in self.all_busy)

    def is_in_use(self, now: dt.datetime) -> bool:
        """Whether a request waits, or a booked meeting is still to come."""
        return bool(self.requests) or any(time.end > now for time in self.booked.values())

    def conflicts(self) -> Iterator[str]:
        """Ids of the booked meetings that overlap a busy time."""
        return (id for id, time in self.booked.items() if not self.is_free(time.start, time.end))


def free_among(wanted: Iterable[dt.datetime], length: dt.timedelta, taken: Iterable[Busy]) -> Iterator[dt.datetime]:
    """Those of the wanted starts, which come in order, at which nothing is taken for this length."""
    # Both are in order, so each time is looked at once: all of them for each start cost seconds.
    times = iter(merged(taken))
    time = next(times, None)
    for start in wanted:
        while time is not None and time.end <= start:
            time = next(times, None)
        if time is None or start + length <= time.start:
            yield start


def freed(before: Iterable[Busy], after: Iterable[Busy], now: dt.datetime) -> Iterator[Busy]:
    """What is still to come of times that were taken, and is not any more, in order."""
    # Both are in order, so each time is looked at once: five hundred with five hundred would cost a tenth of a second.
    taken = deque(merged(after))
    for time in merged(before):
        at = max(time.start, now)
        while at < time.end:
            while taken and taken[0].end <= at:
                taken.popleft()
            gap_ends = min(time.end, taken[0].start) if taken else time.end
            if at < gap_ends:
                yield Busy(start=at, end=gap_ends)
            at = taken[0].end if taken and taken[0].start < time.end else time.end


def merged(times: Iterable[Busy]) -> list[Busy]:
    """The same times in order; those that touch or overlap become one."""
    found: list[Busy] = []
    for time in sorted(times, key=lambda t: (t.start, t.end)):
        if found and time.start <= found[-1].end:
            found[-1] = Busy(start=found[-1].start, end=max(found[-1].end, time.end))
        else:
            found.append(time)
    return found
