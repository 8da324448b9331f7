"""What a match has of its meetings."""

from __future__ import annotations

import datetime as dt

from services.chassis.model import Document

from .meeting import Meeting


class Diary(Document):
    """The open meetings of a match, by id: the rule that a start is requested once, and what the end of a match must
    reach. Also when those ended that took place."""

    meetings: dict[str, dt.datetime] = {}
    held: dict[str, dt.datetime] = {}

    def after(self, meeting: Meeting) -> Diary:
        """The diary after a write of one of its meetings: with an open one, without one that has ended."""
        others = {id: start for id, start in self.meetings.items() if id != meeting.id}
        if not meeting.is_open:
            held = {**self.held, meeting.id: meeting.end} if meeting.state == "completed" else self.held
            return self.model_copy(update={"meetings": others, "held": held})
        return self.model_copy(update={"meetings": {**self.meetings, meeting.id: meeting.start}})
