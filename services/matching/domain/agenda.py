"""A member's time, by its pseudonym: open requests, bookings, and when it is busy; all private (rules 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from services.chassis.documents import Document
from services.chassis.errors import Contrary

MAX_REQUESTS = 20
MAX_BUSY = 200


class Busy(BaseModel):
    """Half-open: who is busy until 10:20 is free at 10:20."""

    model_config = ConfigDict(frozen=True)

    start: dt.datetime
    end: dt.datetime

    def overlaps(self, start: dt.datetime, end: dt.datetime) -> bool:
        return self.start < end and start < self.end


class Agenda(Document):
    """The rule about a member's open requests and about its time: a confirmation writes it, and so does a change of
    availability, so that the two cannot cross."""

    requests: list[str] = []
    booked: dict[str, Busy] = {}
    busy: list[Busy] = []

    def asking(self, meeting_id: str) -> Agenda:
        """With one more open request; the same again counts once. Raises Contrary."""
        if meeting_id in self.requests:
            return self
        if len(self.requests) >= MAX_REQUESTS:
            detail = f"A member has at most {MAX_REQUESTS} open requests; wait for an answer, or cancel one."
            raise Contrary("too-many-requests-open", detail)
        return self.model_copy(update={"requests": [*self.requests, meeting_id]})

    def answered(self, meeting_id: str) -> Agenda:
        return self.model_copy(update={"requests": [id for id in self.requests if id != meeting_id]})

    def booking(self, meeting_id: str, start: dt.datetime, end: dt.datetime) -> Agenda:
        """Raises Contrary (busy)."""
        if not self.is_free(start, end):
            raise Contrary("busy", "Somebody is busy then; the request stays open, ask for another time.")
        return self.model_copy(update={"booked": {**self.booked, meeting_id: Busy(start=start, end=end)}})

    def without(self, meeting_id: str) -> Agenda:
        booked = {id: time for id, time in self.booked.items() if id != meeting_id}
        return self.answered(meeting_id).model_copy(update={"booked": booked})

    def is_free(self, start: dt.datetime, end: dt.datetime) -> bool:
        return not any(time.overlaps(start, end) for time in self.busy)

    def conflicts(self) -> Iterator[str]:
        """Booked meetings that lie in a busy time."""
        return (id for id, time in self.booked.items() if not self.is_free(time.start, time.end))


def merged(times: Iterable[Busy]) -> list[Busy]:
    """The same times, in order, those that touch or overlap as one."""
    found: list[Busy] = []
    for time in sorted(times, key=lambda t: (t.start, t.end)):
        if found and time.start <= found[-1].end:
            found[-1] = Busy(start=found[-1].start, end=max(found[-1].end, time.end))
        else:
            found.append(time)
    return found
