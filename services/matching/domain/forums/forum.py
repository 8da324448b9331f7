"""A forum as it is stored: announced, open for registration, ready, closed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from schemas import forums as contract
from services.chassis.model import Document, InvalidState

from ..calendar import LENGTH
from .programme import Talk
from .setup import ForumSetup, must_fit_together

State = Literal["announced", "open", "ready", "closed"]
"""`ready`: registration has ended, the forum has not. `closed`: it is over or cancelled, and changes no more."""
Reason = Literal["over", "cancelled"]
_NEXT: dict[State, tuple[State, ...]] = {
    "announced": ("open", "closed"),
    "open": ("ready", "closed"),
    "ready": ("open", "closed"),
    "closed": (),
}


class Forum(Document):
    """A forum. `owner`: the organisation of the organiser who announced it."""

    owner: str
    setup: ForumSetup
    state: State = "announced"
    reason: Reason | None = None
    announced_at: dt.datetime

    @property
    def is_closed(self) -> bool:
        """Whether it changes no more."""
        return self.state == "closed"


@dataclass(frozen=True)
class ForumChange:
    """A forum after an act, and the event that reports it; None if the act changed nothing."""

    forum: Forum
    event: type[contract.ForumState] | None


def announce(id: str, setup: ForumSetup, *, owner: str, now: dt.datetime) -> ForumChange:
    """A new forum. Raises Invalid if its parts do not fit together."""
    must_fit_together(setup)
    return ForumChange(Forum(id=id, owner=owner, setup=setup, announced_at=now), contract.ForumAnnounced)


def change(forum: Forum, setup: ForumSetup) -> ForumChange:
    """Another setup. Raises Invalid if its parts do not fit together, InvalidState (forum-closed)."""
    must_be_going_on(forum)
    must_fit_together(setup, forum.setup)
    if setup == forum.setup:
        return ForumChange(forum, None)
    return ForumChange(forum.model_copy(update={"setup": setup}), contract.ForumUpdated)


def move_on(forum: Forum, state: State, *, reason: Reason | None = None) -> ForumChange:
    """Opens or ends its registration, or closes it. The same again changes nothing. Raises InvalidState
    (not-in-this-state)."""
    if forum.state == state:
        return ForumChange(forum, None)
    if state not in _NEXT[forum.state]:
        detail = (
            f"The forum is {forum.state}; from there it becomes {' or '.join(_NEXT[forum.state]) or 'nothing else'}."
        )
        raise InvalidState("not-in-this-state", detail, extra={"state": forum.state})
    event = contract.ForumClosed if state == "closed" else contract.ForumUpdated
    return ForumChange(forum.model_copy(update={"state": state, "reason": reason}), event)


def without_speaker(forum: Forum, profile_id: str) -> Forum:
    """The forum without a profile that was erased: its talks stay."""
    talks = [talk.without_speaker(profile_id) for talk in forum.setup.talks]
    return forum.model_copy(update={"setup": forum.setup.model_copy(update={"talks": talks})})


def must_be_going_on(forum: Forum) -> None:
    """Raises InvalidState (forum-closed)."""
    if forum.is_closed:
        raise InvalidState("forum-closed", "The forum is closed and changes no more.", extra={"state": forum.state})


def must_take_registrations(forum: Forum) -> None:
    """Raises InvalidState (registration-closed) unless registration is open."""
    if forum.state != "open":
        detail = f"Registration is not open: the forum is {forum.state}. Ask its organiser."
        raise InvalidState("registration-closed", detail, extra={"state": forum.state})


def to_event(forum: Forum, event: type[contract.ForumState]) -> contract.ForumState:
    """The event: what is public of it. Interpreters, speakers and participants are people, and stay here."""
    setup, tables = forum.setup, Counter(table.hall for table in forum.setup.tables)
    return event(
        forum_id=forum.id,
        names=setup.names,
        mode=setup.mode,
        zone=setup.zone,
        days=[contract.ForumDay.model_validate(day.model_dump()) for day in setup.days],
        meeting_minutes=int(LENGTH.total_seconds()) // 60,
        change_over=setup.change_over,
        halls=[contract.ForumHall(id=hall.id, names=hall.names, tables=tables[hall.id]) for hall in setup.halls],
        talks=[_talk(talk) for talk in setup.talks],
        state=forum.state,
        reason=forum.reason,
    )


def _talk(talk: Talk) -> contract.ForumTalk:
    times = {"start": talk.start.isoformat(), "end": talk.end.isoformat()}
    return contract.ForumTalk(id=talk.id, titles=talk.titles, room=talk.room, **times)


def state_event(forum: Forum) -> contract.ForumState:
    """The event that says the whole state once more."""
    return to_event(forum, contract.ForumClosed if forum.is_closed else contract.ForumUpdated)
