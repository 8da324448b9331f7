"""What people would like: seeded rules that look at what the API shows, and at nothing else.

Every rule takes its own `chance`, made of the seed, the person's pseudonym and what the matter is about, so that the
same seed has the same opinions whatever the order in which things arrive.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Shown = Mapping[str, Any]
"""A thing as the API shows it."""

MOOD = 0.05
"""Standard deviation of what no score tells of a person's liking."""
CONVINCED, UNMOVED = 0.42, 0.27
COURTED, ASKED_BY_NAME, WELL_FOUNDED, OBJECTION = 0.08, 0.22, 0.04, 0.03
SHARE_ASKING = 0.92
SHARE_OTHER_VENUE, SHARE_LEFT_LYING = 0.10, 0.07
SHARE_MOVED, SHARE_MOVE_LEFT_LYING = 0.12, 0.15
SHARE_CANCELLED = 0.09
SHARE_BUSY, SHARE_BUSY_LATER = 0.20, 0.05
SHARE_NAMING = 0.40


# -- answering


@dataclass(frozen=True)
class Accept:
    """Wants to meet them."""


@dataclass(frozen=True)
class Decline:
    reason: str


@dataclass(frozen=True)
class Leave:
    """Answers later, if at all."""


Act = Accept | Decline | Leave


def subject(match: Shown) -> str:
    """What a match is about: the texts that met, which are the same in every run."""
    return "/".join(sorted(entry["text_id"] for pair in match["evidence"] for entry in (pair["need"], pair["offer"])))


def decide(match: Shown, side: str, chance: random.Random) -> Act:
    """Accepts what interests its own side enough, declines what does not, and leaves the rest open."""
    appeal = _appeal(match, side) + chance.gauss(0, MOOD)
    if appeal >= CONVINCED:
        return Accept()
    if appeal < UNMOVED:
        return Decline(_why_not(match, chance))
    return Leave()


def _appeal(match: Shown, side: str) -> float:
    """Its own interest; more where they have said yes already, or have looked for us of all, and where more than one
    thing fits; less for each objection."""
    appeal = float(match["interest"].get(side, 0.0))
    if any(party != side for party in match["accepted_by"]):
        appeal += COURTED + (ASKED_BY_NAME if match["origin"] == "request" else 0.0)
    if sum(pair["fit"] >= UNMOVED for pair in match["evidence"]) > 1:
        appeal += WELL_FOUNDED
    return appeal - OBJECTION * len(match["against"])


def _why_not(match: Shown, chance: random.Random) -> str:
    if match["against"] and chance.random() < 0.3:
        return "other"
    return "timing" if chance.random() < 0.2 else "not_relevant"


# -- asking for a named partner


def words_to_look_for(mine: Shown, glossary: Sequence[Shown], own: str, theirs: str) -> list[str]:
    """In the words of the other language: what my needs name, the most particular (longest) first, then what else
    belongs to their topics."""
    needs = " ".join(need["text"]["text"] for need in mine["needs"])
    topics = {topic for need in mine["needs"] for topic in need["topics"]}
    named = sorted((term for term in glossary if term[own] in needs), key=lambda term: (-len(term[own]), term[theirs]))
    related = sorted((term for term in glossary if term["topic"] in topics), key=lambda term: str(term[theirs]))
    return list(dict.fromkeys(str(term[theirs]) for term in [*named, *related]))


def favourite(found: Iterable[Shown], mine: Shown) -> Shown | None:
    """Of the profiles found, the one whose offers come closest to my needs; None if none shares a topic with them."""
    liked = [(_liking(profile, mine), profile["owner"], profile) for profile in found]
    best = max(liked, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] > 0 else None


def _liking(theirs: Shown, mine: Shown) -> int:
    """Common topics of my needs and their offers; those of the same kind count twice."""
    return sum(
        len(set(need["topics"]) & set(offer["topics"])) * (2 if need["kind"] == offer["kind"] else 1)
        for need in mine["needs"]
        for offer in theirs["offers"]
    )


# -- meeting

PLACES = [{"kind": "onsite", "place": f"Hall A-{n:02d}"} for n in range(1, 25)]
LINKS = [{"kind": "online", "url": f"https://rooms.example/{n:02d}"} for n in range(1, 9)]


@dataclass(frozen=True)
class Confirm:
    """Comes, there, or would rather meet at another venue."""

    venue: Shown | None = None


def asks_first(match: Shown, side: str, chance: random.Random) -> bool:
    """The keener side asks; now and then it does not get round to it."""
    interest = match["interest"]
    keenest = max(sorted(match["parties"]), key=lambda party: interest.get(party, 0.0))
    return side == keenest and chance.random() < SHARE_ASKING


def venue(chance: random.Random) -> Shown:
    return chance.choice(PLACES if chance.random() < 0.8 else LINKS)


def on_request(meeting: Shown, is_own: bool, chance: random.Random) -> Confirm | Leave:
    """`is_own`: they have turned round what I asked for, which is fine with me."""
    if is_own:
        return Confirm()
    whim = chance.random()
    if whim < SHARE_LEFT_LYING:
        return Leave()
    if whim < SHARE_LEFT_LYING + SHARE_OTHER_VENUE:
        return Confirm(chance.choice([place for place in PLACES if place != meeting["venue"]]))
    return Confirm()


def wants_to_move(meeting: Shown, member: str, chance: random.Random) -> bool:
    """Whoever is no longer free must; others now and then."""
    return member in meeting["conflicts"] or chance.random() < SHARE_MOVED


def busy_times(now: dt.datetime, chance: random.Random) -> list[dict[str, str]]:
    """A few half days of the coming week."""
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    halves = [(day, half) for day in range(1, 8) for half in (0, 5)]
    return [
        _time(midnight + dt.timedelta(days=day, hours=half), dt.timedelta(hours=4))
        for day, half in sorted(chance.sample(halves, chance.randint(2, 4)))
    ]


def _time(start: dt.datetime, length: dt.timedelta) -> dict[str, str]:
    return {"start": start.isoformat(), "end": (start + length).isoformat()}


def by_chance(share: float, chance: random.Random) -> bool:
    return chance.random() < share


def choose(slots: Sequence[Shown], chance: random.Random) -> str | None:
    """A start among those that are free for both; None where there is none."""
    return str(chance.choice(slots)["start"]) if slots else None
