"""What is said over HTTP, strictly, and what is answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from schemas.common import Text
from schemas.matches import EvidenceEntry
from schemas.meetings import Venue
from services.chassis.http import Answer, Input
from services.chassis.texts import Instant, PublicName, PublicUrl, Slug

from .domain.agenda import MAX_BUSY, Agenda, Busy
from .domain.calendar import LENGTH, ZONES, is_provisional
from .domain.candidate import ProfileRow
from .domain.match import Exclusions, Match
from .domain.meeting import Meeting

MAX_EXCLUDED = 200
ProfileId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]


class DeclineIn(Input):
    reason: Literal["not_relevant", "timing", "already_in_contact", "competitor", "other"] = "other"


class PartnerIn(Input):
    """The partner whom you ask for, and for which profile of yours."""

    profile_id: ProfileId
    partner_id: ProfileId


class ExclusionsIn(Input):
    """All of them: what is not named is not excluded. A topic excludes every profile that names it."""

    profiles: Annotated[list[ProfileId], Field(max_length=MAX_EXCLUDED)] = []
    groups: Annotated[list[Slug], Field(max_length=MAX_EXCLUDED)] = []
    topics: Annotated[list[Slug], Field(max_length=MAX_EXCLUDED)] = []

    def exclusions(self) -> Exclusions:
        return Exclusions(**{name: sorted(set(values)) for name, values in self.model_dump().items()})


class ExclusionsOut(BaseModel):
    profile_id: str
    profiles: list[str]
    groups: list[str]
    topics: list[str]


class VenueIn(Input):
    """`onsite` with a place, or `online` with an https link."""

    kind: Literal["onsite", "online"]
    place: PublicName | None = None
    url: PublicUrl | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> VenueIn:
        if self.kind == "onsite" and (self.place is None or self.url is not None):
            raise ValueError("an onsite venue has a place, and no url")
        if self.kind == "online" and (self.url is None or self.place is not None):
            raise ValueError("an online venue has a url, and no place")
        if self.url is not None and not self.url.startswith("https://"):
            raise ValueError("the url of a venue is https")
        return self

    def venue(self) -> Venue:
        return Venue(**self.model_dump())


class MeetingIn(Input):
    match_id: Annotated[str, Field(max_length=64)]
    start: Instant
    venue: VenueIn


class ConfirmIn(Input):
    """With another venue it does not book: it asks the other side back."""

    venue: VenueIn | None = None


class MoveIn(Input):
    """The venue stays where none is given."""

    start: Instant
    venue: VenueIn | None = None


class BusyIn(Input):
    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _ends_later(self) -> BusyIn:
        if self.end <= self.start:
            raise ValueError("ends before it starts")
        return self

    def time(self) -> Busy:
        return Busy(start=self.start.astimezone(dt.UTC), end=self.end.astimezone(dt.UTC))


class BusyTimesIn(Input):
    """All of them: what is not named is free."""

    busy: Annotated[list[BusyIn], Field(max_length=MAX_BUSY)]


class BusyTimesOut(BaseModel):
    member_id: str
    busy: list[Busy]


class EvidenceOut(EvidenceEntry):
    text: Text | None = None


class EvidencePair(BaseModel):
    need: EvidenceOut
    offer: EvidenceOut
    fit: float
    parts: dict[str, float]


class MatchOut(BaseModel):
    match_id: str
    parties: list[str]
    revisions: dict[str, int]
    score: float
    interest: dict[str, float]
    evidence: list[EvidencePair]
    against: list[str]
    labels: list[str] = []
    state: str
    accepted_by: list[str]
    representatives: dict[str, str]
    reason: str | None = None
    origin: str
    expires_at: dt.datetime


class MatchPage(BaseModel):
    items: list[MatchOut]
    next: str | None = None


class MoveOut(BaseModel):
    start: dt.datetime
    end: dt.datetime
    venue: Venue
    asked_by: str
    lapses_at: dt.datetime


class MeetingOut(BaseModel):
    meeting_id: str
    match_id: str
    parties: list[str]
    sides: dict[str, str]
    members: list[str]
    asked_by: str
    start: dt.datetime
    end: dt.datetime
    venue: Venue
    state: str
    reason: str | None = None
    move: MoveOut | None = None
    conflicts: list[str] = []
    ical_sequence: int
    lapses_at: dt.datetime | None = None


class MeetingPage(BaseModel):
    items: list[MeetingOut]
    next: str | None = None


class SlotOut(BaseModel):
    start: dt.datetime
    end: dt.datetime
    local: dict[str, str]
    provisional: bool
    """The official calendar of its year is not out."""


class SlotPage(BaseModel):
    items: list[SlotOut]


def slot_shown(start: dt.datetime) -> SlotOut:
    local = {country: start.astimezone(zone).isoformat() for country, zone in ZONES.items()}
    provisional = is_provisional(start.astimezone(ZONES["KR"]).year)
    return SlotOut(start=start, end=start + LENGTH, local=local, provisional=provisional)


def match_shown(match: Match, rows: Mapping[str, ProfileRow]) -> MatchOut:
    """With the texts that the evidence names, where their profiles still say them. Why somebody declined is private."""
    texts = {said.id: said.text for row in rows.values() for said in row.said()}

    def entry(entry: EvidenceEntry) -> EvidenceOut:
        return EvidenceOut(**entry.model_dump(), text=texts.get(entry.id))

    return MatchOut(
        match_id=match.id,
        evidence=[
            EvidencePair(need=entry(e.need), offer=entry(e.offer), fit=e.fit, parts=e.parts) for e in match.evidence
        ],
        reason=match.reason if match.state == "withdrawn" else None,
        **match.model_dump(exclude={"id", "revision", "at", "evidence", "reason"}),
    )


def match_answered(match: Match, status: int = 200) -> Answer:
    location = f"/v1/matches/{match.id}" if status == 201 else None
    return Answer.of(
        match_shown(match, {}), subject=match.id, status=status, revision=match.revision, location=location
    )


def exclusions_answered(profile_id: str, excluded: Exclusions) -> Answer:
    return Answer.of(ExclusionsOut(profile_id=profile_id, **excluded.model_dump()), subject=profile_id)


def meeting_shown(meeting: Meeting) -> MeetingOut:
    fields = meeting.model_dump(exclude={"id", "revision", "at", "ended_by", "asked_by_member"})
    return MeetingOut(meeting_id=meeting.id, members=meeting.members, **fields)


def meeting_answered(meeting: Meeting, status: int = 200) -> Answer:
    location = f"/v1/meetings/{meeting.id}" if status == 201 else None
    return Answer.of(
        meeting_shown(meeting), subject=meeting.id, status=status, revision=meeting.revision, location=location
    )


def busy_answered(agenda: Agenda) -> Answer:
    body = BusyTimesOut(member_id=agenda.id, busy=agenda.busy)
    return Answer.of(body, subject=agenda.id, revision=agenda.revision)
