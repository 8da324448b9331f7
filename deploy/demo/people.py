"""The decisions of the people: seeded rules that use only data from the API.

Every rule gets its own random generator, `chance`, seeded with the seed of the run, the person's pseudonym and the
subject of the decision. So the same seed gives the same decisions, in whatever order the events arrive.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

ApiObject = Mapping[str, Any]
"""A match, profile, meeting, term or slot, as the API returns it."""

MOOD_DEVIATION = 0.05
"""Standard deviation of a person's mood, which is added to the appeal of a match."""
ACCEPT_FROM, DECLINE_BELOW = 0.42, 0.27
"""Appeal from which a match is accepted, and below which it is declined. In between it is left open."""
BONUS_ACCEPTED, BONUS_REQUESTED, BONUS_SEVERAL_FITS, PENALTY_OBJECTION = 0.08, 0.22, 0.04, 0.03
"""The other side has accepted; it has requested us by name; more than one need is met; for each objection."""
BONUS_FORUM = 0.36
"""The forum's round has proposed it: twenty minutes at a table cost little."""
SHARE_REQUESTING = 0.5
SHARE_OTHER_VENUE, SHARE_UNANSWERED = 0.10, 0.07
SHARE_MOVED, SHARE_MOVE_UNANSWERED = 0.12, 0.15
SHARE_CANCELLED = 0.09
SHARE_BUSY, SHARE_BUSY_LATER = 0.20, 0.05
SHARE_NAMED_PARTNER = 0.40
SHARE_LATE_YES = 0.75
SHARE_ABSENT, SHARE_SILENT, SHARE_BY_CALL, SHARE_RATING = 0.03, 0.06, 0.25, 0.6
STEPS_REACHED = ("met", "nda", "pilot", "contract")
SHARES_OF_STEPS = ((0.02, 4), (0.08, 3), (0.25, 2))
"""By chance up to this share: how many of the steps."""


# -- answering matches


@dataclass(frozen=True)
class Accept:
    """Accepts the match."""


@dataclass(frozen=True)
class Decline:
    """Declines the match, for a reason of the API's list."""

    reason: str


@dataclass(frozen=True)
class LeaveOpen:
    """Does not answer now, and perhaps never."""


MatchDecision = Accept | Decline | LeaveOpen


def subject(match: ApiObject) -> str:
    """The subject of a match: the ids of its texts. Unlike the id of the match, they are the same in every run."""
    return "/".join(sorted(entry["text_id"] for pair in match["evidence"] for entry in (pair["need"], pair["offer"])))


def decide_match(match: ApiObject, side: str, chance: random.Random) -> MatchDecision:
    """The answer of one side to a match, by its interest and by chance."""
    appeal = _appeal(match, side) + chance.gauss(0, MOOD_DEVIATION)
    if appeal >= ACCEPT_FROM:
        return Accept()
    if appeal < DECLINE_BELOW:
        return Decline(_decline_reason(match, chance))
    return LeaveOpen()


def _appeal(match: ApiObject, side: str) -> float:
    """The interest of the side itself, with the bonuses and penalties above."""
    appeal = float(match["interest"].get(side, 0.0))
    if any(party != side for party in match["accepted_by"]):
        appeal += BONUS_ACCEPTED + (BONUS_REQUESTED if match["origin"] == "request" else 0.0)
    if match["origin"] == "round":
        appeal += BONUS_FORUM
    if sum(pair["fit"] >= DECLINE_BELOW for pair in match["evidence"]) > 1:
        appeal += BONUS_SEVERAL_FITS
    return appeal - PENALTY_OBJECTION * len(match["against"])


def _decline_reason(match: ApiObject, chance: random.Random) -> str:
    if match["against"] and chance.random() < 0.3:
        return "other"
    return "timing" if chance.random() < 0.2 else "not_relevant"


# -- requesting a named partner


def search_words(mine: ApiObject, glossary: Sequence[ApiObject], own: str, theirs: str) -> list[str]:
    """Words to search partners with, in the language `theirs`: first the terms that my needs contain, then the other
    terms of their topics. `own` is the language of my needs. Long terms come first, because they are more specific."""
    needs = " ".join(need["text"]["text"] for need in mine["needs"])
    topics = {topic for need in mine["needs"] for topic in need["topics"]}
    named = sorted((term for term in glossary if term[own] in needs), key=lambda term: (-len(term[own]), term[theirs]))
    related = sorted((term for term in glossary if term["topic"] in topics), key=lambda term: str(term[theirs]))
    return list(dict.fromkeys(str(term[theirs]) for term in [*named, *related]))


def best_partner(profiles: Iterable[ApiObject], mine: ApiObject) -> ApiObject | None:
    """The profile whose offers fit my needs best; None if no profile shares a topic with them."""
    rated = [(_common_topics(profile, mine), profile["owner"], profile) for profile in profiles]
    best = max(rated, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] > 0 else None


def _common_topics(theirs: ApiObject, mine: ApiObject) -> int:
    """Number of topics that my needs and their offers have in common; topics of the same kind count twice."""
    return sum(
        len(set(need["topics"]) & set(offer["topics"])) * (2 if need["kind"] == offer["kind"] else 1)
        for need in mine["needs"]
        for offer in theirs["offers"]
    )


# -- meetings

PLACES = [{"kind": "onsite", "place": f"Hall A-{n:02d}"} for n in range(1, 25)]
LINKS = [{"kind": "online", "url": f"https://rooms.example/{n:02d}"} for n in range(1, 9)]


@dataclass(frozen=True)
class Confirm:
    """Confirms the meeting or, with a `venue`, proposes another venue."""

    venue: ApiObject | None = None


def requests_meeting(match: ApiObject, side: str, chance: random.Random) -> bool:
    """Whether this side requests a meeting: usually the side with more interest does, never the other one."""
    interest = match["interest"]
    keenest = max(sorted(match["parties"]), key=lambda party: interest.get(party, 0.0))
    return side == keenest and chance.random() < SHARE_REQUESTING


def choose_venue(chance: random.Random) -> ApiObject:
    """A venue for a new meeting: usually a place on site, sometimes a link."""
    return chance.choice(PLACES if chance.random() < 0.8 else LINKS)


def answer_request(meeting: ApiObject, is_own: bool, chance: random.Random) -> Confirm | LeaveOpen:
    """The answer to a request for a meeting.

    `is_own`: it was my request, and the other side proposed another venue; that is always confirmed."""
    if is_own:
        return Confirm()
    draw = chance.random()
    if draw < SHARE_UNANSWERED:
        return LeaveOpen()
    if draw < SHARE_UNANSWERED + SHARE_OTHER_VENUE:
        return Confirm(chance.choice([place for place in PLACES if place != meeting["venue"]]))
    return Confirm()


def wants_to_move(meeting: ApiObject, member: str, chance: random.Random) -> bool:
    """Whether a member asks for another time: always if the booked time is no longer free, otherwise sometimes."""
    return member in meeting["conflicts"] or chance.random() < SHARE_MOVED


def busy_times(now: dt.datetime, chance: random.Random) -> list[dict[str, str]]:
    """Two to four half days of the coming week, in order, as intervals of `start` and `end`."""
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    halves = [(day, half) for day in range(1, 8) for half in (0, 5)]
    return [
        _interval(midnight + dt.timedelta(days=day, hours=half), dt.timedelta(hours=4))
        for day, half in sorted(chance.sample(halves, chance.randint(2, 4)))
    ]


def _interval(start: dt.datetime, length: dt.timedelta) -> dict[str, str]:
    return {"start": start.isoformat(), "end": (start + length).isoformat()}


def by_chance(share: float, chance: random.Random) -> bool:
    """True with the probability `share`."""
    return chance.random() < share


def choose_slot(slots: Sequence[ApiObject], chance: random.Random) -> str | None:
    """The start of one of the free slots; None if there is none."""
    return str(chance.choice(slots)["start"]) if slots else None


# -- at the forum


class Comes(Enum):
    """How a side comes to a meeting."""

    AT_TABLE = "checks in by the code at the table"
    BY_CALL = "checks in by a call"
    SILENTLY = "comes and does not check in"
    NOT = "does not come"


def comes(is_remote: bool, chance: random.Random) -> Comes:
    """Most check in at the table; those who are not there cannot."""
    draw = chance.random()
    if draw < SHARE_ABSENT:
        return Comes.NOT
    if draw < SHARE_ABSENT + SHARE_SILENT:
        return Comes.SILENTLY
    return Comes.BY_CALL if is_remote or chance.random() < SHARE_BY_CALL else Comes.AT_TABLE


def rates(chance: random.Random) -> int | None:
    """How good a meeting was, from 1 to 5; not everybody says it."""
    return min(5, max(1, round(chance.gauss(3.8, 0.9)))) if chance.random() < SHARE_RATING else None


def outcome(chance: random.Random) -> list[str]:
    """What has come of a meeting until the evening, as the steps of the ladder; mostly nothing beyond it."""
    draw = chance.random()
    return next((list(STEPS_REACHED[:count]) for share, count in SHARES_OF_STEPS if draw < share), [])
