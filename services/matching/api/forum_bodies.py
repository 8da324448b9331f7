"""Bodies of requests and answers about forums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from schemas.profiles import Names
from services.chassis.commit import Answer
from services.chassis.http import Input, Output
from services.chassis.model import Instant, PlaceZone, Pseudonym, PublicName, opaque, public_text

from ..domain.forums.forum import Forum, State
from ..domain.forums.offer_terms import OfferTerms
from ..domain.forums.programme import (
    MAX_BREAKS,
    MAX_DAYS,
    MAX_HOURS,
    MAX_INTERPRETERS,
    MAX_LANGUAGE_PAIRS,
    MAX_SPEAKERS,
    MAX_TALKS,
    Break,
    Day,
    Interpreter,
    Language,
    PersonId,
    Span,
    Speaker,
    Talk,
)
from ..domain.forums.registration import MAX_DELEGATES, MAX_MUST_MEETS, Delegate, Registration, Targets
from ..domain.forums.setup import ForumSetup
from ..domain.forums.venue import MAX_HALLS, MAX_ROOMS, MAX_TABLES, Hall, PlaceId, Room, Table, Walk
from .parameters import ProfileId

Sign = Annotated[PlaceId, AfterValidator(public_text)]
"""As organisers name a place or a talk. Events carry it, so it is screened as any public text."""


class NamesIn(Names, Input):
    """A name in up to three languages."""

    ko: PublicName | None = None
    zh: PublicName | None = None
    en: PublicName | None = None


class BreakIn(Break, Input):
    """A time of day without meetings."""


class DayIn(Day, Input):
    """A day, its times by the forum's zone."""

    breaks: Annotated[Sequence[BreakIn], Field(max_length=MAX_BREAKS)] = []


class HallIn(Hall, Input):
    """A hall, by the letter or number on its sign."""

    id: Sign
    names: NamesIn = NamesIn()


class TableIn(Table, Input):
    """A table, by the number on it."""

    id: Sign
    hall: Sign


class RoomIn(Room, Input):
    """A room, by the number at its door."""

    id: Sign
    hall: Sign


class WalkIn(Walk, Input):
    """Minutes between two halls."""

    halls: tuple[Sign, Sign]


class SpanIn(Span, Input):
    """From an instant to another."""

    start: Instant
    end: Instant


class SpeakerIn(Speaker, Input):
    """A profile that speaks, or one of its delegates."""

    profile_id: ProfileId
    member_id: Pseudonym | None = None


class TalkIn(Talk, Input):
    """A talk."""

    id: Sign
    start: Instant
    end: Instant
    titles: NamesIn = NamesIn()
    speakers: Annotated[Sequence[SpeakerIn], Field(max_length=MAX_SPEAKERS)] = []
    room: Sign | None = None


class InterpreterIn(Interpreter, Input):
    """An interpreter, by a pseudonym: keep the names in a list of your own."""

    id: Annotated[PersonId, AfterValidator(opaque)]
    pairs: Annotated[Sequence[tuple[Language, Language]], Field(min_length=1, max_length=MAX_LANGUAGE_PAIRS)]
    hours: Annotated[Sequence[SpanIn], Field(max_length=MAX_HOURS)] = []


class OfferTermsIn(OfferTerms, Input):
    """On which terms a time that became free is offered to another pair."""


class ForumIn(ForumSetup, Input):
    """The whole forum: what is left out of a later one is no longer part of it."""

    names: NamesIn
    zone: PlaceZone
    days: Annotated[Sequence[DayIn], Field(min_length=1, max_length=MAX_DAYS)]
    halls: Annotated[Sequence[HallIn], Field(max_length=MAX_HALLS)] = []
    walks: Annotated[Sequence[WalkIn], Field(max_length=MAX_HALLS * (MAX_HALLS - 1) // 2)] = []
    tables: Annotated[Sequence[TableIn], Field(max_length=MAX_TABLES)] = []
    rooms: Annotated[Sequence[RoomIn], Field(max_length=MAX_ROOMS)] = []
    interpreters: Annotated[Sequence[InterpreterIn], Field(max_length=MAX_INTERPRETERS)] = []
    talks: Annotated[Sequence[TalkIn], Field(max_length=MAX_TALKS)] = []
    offers: OfferTermsIn = OfferTermsIn()

    def setup(self) -> ForumSetup:
        """As it is stored."""
        return ForumSetup.model_validate(self.model_dump())


class CloseIn(Input):
    """Why a forum is closed."""

    reason: Literal["over", "cancelled"] = "over"


class ForumOut(Output):
    """A forum. Interpreters, and the speakers of its talks, are shown to organisers."""

    forum_id: str
    state: State
    reason: str | None = None
    announced_at: dt.datetime
    names: Names
    mode: str
    zone: str
    days: list[Day]
    change_over: int
    halls: list[Hall]
    walks: list[Walk]
    tables: list[Table]
    rooms: list[Room]
    interpreters: list[Interpreter] | None = None
    talks: list[Talk]
    offers: OfferTerms
    slots: int
    """Meetings that one table can have in all."""


class ForumSummary(Output):
    """A forum in a list."""

    forum_id: str
    names: Names
    mode: str
    zone: str
    state: State
    days: list[str]


class ForumPage(Output):
    """One page of forums; `next` is the cursor of the following one."""

    items: list[ForumSummary]
    next: str | None = None


class DelegateIn(Delegate, Input):
    """Who comes for a profile: a member, by its pseudonym."""

    member_id: Pseudonym
    arrives_at: Instant | None = None
    leaves_at: Instant | None = None
    languages: Annotated[Sequence[Language], Field(max_length=3)] = []


class RegistrationIn(Input):
    """All delegates of a profile."""

    delegates: Annotated[list[DelegateIn], Field(min_length=1, max_length=MAX_DELEGATES)]

    def stored(self) -> list[Delegate]:
        """As they are stored."""
        return [Delegate.model_validate(one.model_dump()) for one in self.delegates]


class WishesIn(Targets, Input):
    """What an organiser sets for a profile: how many meetings, and with whom surely."""

    must_meets: Annotated[list[ProfileId], Field(max_length=MAX_MUST_MEETS)] = []

    def targets(self) -> Targets:
        """As they are stored."""
        return Targets(minimum=self.minimum, maximum=self.maximum)


class RegistrationOut(Output):
    """A profile at a forum."""

    forum_id: str
    profile_id: str
    delegates: Sequence[Delegate]
    minimum: int
    maximum: int
    must_meets: Sequence[str]


class RegistrationPage(Output):
    """One page of registrations; `next` is the cursor of the following one."""

    items: list[RegistrationOut]
    next: str | None = None


def forum_out(forum: Forum, *, whole: bool) -> ForumOut:
    """A forum as an organiser sees it (`whole`), or any other caller."""
    fields: dict[str, Any] = {name: getattr(forum.setup, name) for name in ForumSetup.model_fields}
    if not whole:
        fields["talks"] = [talk.model_copy(update={"speakers": []}) for talk in forum.setup.talks]
        fields["interpreters"] = None
    about = forum.model_dump(include={"state", "reason", "announced_at"})
    return ForumOut(forum_id=forum.id, slots=len(forum.setup.slots()), **about, **fields)


def forum_summary(forum: Forum) -> ForumSummary:
    """A forum in a list."""
    setup = forum.setup
    fields: dict[str, Any] = {"names": setup.names, "mode": setup.mode, "zone": setup.zone, "state": forum.state}
    return ForumSummary(forum_id=forum.id, days=[day.date for day in setup.days], **fields)


def forum_answer(forum: Forum, status: int = 200) -> Answer:
    """The answer to a command about a forum."""
    location = f"/v1/forums/{forum.id}" if status == 201 else None
    body = forum_out(forum, whole=True)
    return Answer.of(body, subject=forum.id, status=status, revision=forum.revision, location=location)


def registration_out(found: Registration) -> RegistrationOut:
    """A registration as its owner and organisers see it."""
    targets = found.targets.model_dump()
    fields: dict[str, Any] = found.model_dump(include={"forum_id", "profile_id", "delegates", "must_meets"})
    return RegistrationOut(**fields, **targets)


def registration_answer(found: Registration) -> Answer:
    """The answer to a command about a registration."""
    return Answer.of(registration_out(found), subject=found.id, revision=found.revision)
