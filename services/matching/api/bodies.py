"""Bodies of requests and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.common import Text
from schemas.matches import Evidence, EvidenceEntry
from schemas.meetings import Venue
from services.chassis.commit import Answer
from services.chassis.http import Input, Output
from services.chassis.model import Instant, PublicName, PublicUrl, Slug

from ..domain.asks import Meant
from ..domain.desk import Exclusions
from ..domain.match import Match
from ..domain.meeting import Meeting
from ..domain.profile_row import ProfileRow
from ..domain.taxonomy import Taxonomy
from .parameters import ProfileId

MAX_EXCLUDED = 200


class DeclineIn(Input):
    """Why a side declines; no one else is told."""

    reason: Literal["not_relevant", "timing", "already_in_contact", "competitor", "other"] = "other"


class PartnerIn(Input):
    """The partner that is requested, and for which profile of the caller."""

    profile_id: ProfileId
    partner_id: ProfileId


class ExclusionsIn(Input):
    """The complete list: what it does not name is not excluded. A topic excludes every profile that names it."""

    profiles: Annotated[list[ProfileId], Field(max_length=MAX_EXCLUDED)] = []
    groups: Annotated[list[Slug], Field(max_length=MAX_EXCLUDED)] = []
    topics: Annotated[list[Slug], Field(max_length=MAX_EXCLUDED)] = []

    def exclusions(self) -> Exclusions:
        """Sorted, each once."""
        return Exclusions(**{name: sorted(set(values)) for name, values in self.model_dump().items()})


class ExclusionsOut(Output):
    """The exclusions of a profile."""

    profile_id: str
    profiles: list[str]
    groups: list[str]
    topics: list[str]


class VenueIn(Input):
    """`onsite` with a place, and a link where a side takes part from elsewhere; or `online` with an https link, or
    without one for a room of this installation, if it has any. A second link (`fallback_url`) is for who cannot open
    the first."""

    kind: Literal["onsite", "online"]
    place: PublicName | None = None
    url: PublicUrl | None = None
    fallback_url: PublicUrl | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> VenueIn:
        links = [url for url in (self.url, self.fallback_url) if url is not None]
        if self.kind == "onsite" and self.place is None:
            raise ValueError("an onsite venue has a place; give it, or make it online")
        if self.kind == "online" and self.place is not None:
            raise ValueError("an online venue has a url, and no place")
        if self.fallback_url is not None and self.url in (None, self.fallback_url):
            raise ValueError("a second link comes with a first one, and differs from it")
        if not all(url.startswith("https://") for url in links):
            raise ValueError("the url of a venue is https")
        return self

    def venue(self) -> Venue:
        """As the contract has it."""
        return Venue(**self.model_dump())


class MeetingIn(Input):
    """A meeting that is requested."""

    match_id: Annotated[str, Field(max_length=64)]
    start: Instant
    venue: VenueIn


class ConfirmIn(Input):
    """What is confirmed: the start that is asked for, and the venue. Another start is answered 409; another venue does
    not book: the other side is asked to confirm that venue."""

    start: Instant | None = None
    venue: VenueIn | None = None

    def meant(self) -> Meant:
        """As the use case takes it."""
        start = self.start.astimezone(dt.UTC) if self.start else None
        return Meant(start, self.venue.venue() if self.venue else None)


class MoveIn(Input):
    """A move that is requested. Without a venue, the venue stays the same."""

    start: Instant
    venue: VenueIn | None = None


class NodeOut(Output):
    """What a statement is about: a node of the taxonomy, its label in the reader's language, its probability."""

    id: str
    label: str
    chance: float


class EvidenceOut(EvidenceEntry):
    """An entry of the evidence, with its text and the statement of it that met, if its profile still has it. `nodes`
    are there for a single match: what the statement is about."""

    text: Text | None = None
    statement: str | None = None
    nodes: list[NodeOut] = []


class EvidencePair(Output):
    """A need and the offer that answers it, with the parts of the fit. `shared` is there for a single match: what both
    statements name, the rarest first, in the reader's language."""

    need: EvidenceOut
    offer: EvidenceOut
    fit: float
    shared: list[str] | None = None
    parts: dict[str, float]


class MatchOut(Output):
    """A match as its sides see it."""

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
    policy_version: str | None = None
    expires_at: dt.datetime


class MatchPage(Output):
    """One page of matches; `next` is the cursor of the following one."""

    items: list[MatchOut]
    next: str | None = None


class MoveOut(Output):
    """A move that waits for an answer."""

    start: dt.datetime
    end: dt.datetime
    venue: Venue
    asked_by: str
    lapses_at: dt.datetime


class MeetingOut(Output):
    """A meeting as its sides see it."""

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
    forum_id: str | None = None
    accepted_by: list[str] | None = None
    """Of an offer of a forum: who has accepted. It is booked when both have."""


class MeetingPage(Output):
    """One page of meetings; `next` is the cursor of the following one."""

    items: list[MeetingOut]
    next: str | None = None


def nodes_out(nodes: Mapping[str, float], taxonomy: Taxonomy, lang: str) -> list[NodeOut]:
    """Nodes as a reader of this language sees them, the likeliest first."""
    best = sorted(nodes.items(), key=lambda one: (-one[1], one[0]))
    return [NodeOut(id=id, label=taxonomy.label(id, lang), chance=chance) for id, chance in best]


def match_out(
    match: Match,
    rows: Mapping[str, ProfileRow],
    about: Callable[[EvidenceEntry], list[NodeOut]] = lambda entry: [],
    shared: Callable[[str, str], list[str] | None] = lambda a, b: None,
) -> MatchOut:
    """A match with the texts of its evidence, as far as `rows` still have them, what its statements are `about`, and
    what two of them name that is `shared`. The reason of a decline is left out."""
    texts = {entry.id: entry.text for row in rows.values() for entry in row.all_entries()}

    def shown(entry: EvidenceEntry) -> EvidenceOut:
        text = texts.get(entry.id)
        statement = text.text[entry.start : entry.end] if text and entry.end else None
        return EvidenceOut(**entry.model_dump(), text=text, statement=statement, nodes=about(entry))

    def paired(evidence: Evidence) -> EvidencePair:
        need, offer = shown(evidence.need), shown(evidence.offer)
        both = shared(need.statement or "", offer.statement or "")
        return EvidencePair(need=need, offer=offer, fit=evidence.fit, shared=both, parts=evidence.parts)

    return MatchOut(
        match_id=match.id,
        evidence=[paired(one) for one in match.evidence],
        reason=match.reason if match.state == "withdrawn" else None,
        **match.model_dump(exclude={"id", "owners", "revision", "at", "evidence", "reason"}),
    )


def match_answer(match: Match, status: int = 200) -> Answer:
    """The answer to a command about a match; without texts."""
    location = f"/v1/matches/{match.id}" if status == 201 else None
    return Answer.of(match_out(match, {}), subject=match.id, status=status, revision=match.revision, location=location)


def exclusions_answer(profile_id: str, excluded: Exclusions) -> Answer:
    """The answer to a change of exclusions."""
    return Answer.of(ExclusionsOut(profile_id=profile_id, **excluded.model_dump()), subject=profile_id)


def meeting_out(meeting: Meeting) -> MeetingOut:
    """A meeting without what is only stored."""
    fields = meeting.model_dump(exclude={"id", "revision", "at", "owners", "ended_by", "asked_by_member", "asked"})
    return MeetingOut(meeting_id=meeting.id, members=meeting.members, **fields)


def meeting_answer(meeting: Meeting, status: int = 200) -> Answer:
    """The answer to a command about a meeting."""
    location = f"/v1/meetings/{meeting.id}" if status == 201 else None
    return Answer.of(
        meeting_out(meeting), subject=meeting.id, status=status, revision=meeting.revision, location=location
    )
