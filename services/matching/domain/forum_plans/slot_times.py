"""What a slot of a forum takes, in the ten minutes of claims and in minutes of a clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from ..calendar import LENGTH
from ..claim import claim_of, slots


@dataclass(frozen=True)
class Times:
    """The ten minutes that a meeting takes, and those of the change-over after and before it, as claims end."""

    meets: frozenset[str]
    after: frozenset[str]
    before: frozenset[str]


def times_of(start: dt.datetime, change_over: dt.timedelta) -> Times:
    """Those of a slot that begins then."""
    end = start + LENGTH
    spans = ((start, end), (end, end + change_over), (start - change_over, start))
    return Times(*(frozenset(_time_of(claim_of("", slot)) for slot in slots(*span)) for span in spans))


def by_holder(claims: Iterable[str]) -> Mapping[str, Set[str]]:
    """The ten minutes of each holder. Made once: an id for each slot of each person costs a second at a large forum."""
    found = dict[str, set[str]]()
    for id in claims:
        found.setdefault(id.rpartition("/")[0], set()).add(_time_of(id))
    return found


def _time_of(claim: str) -> str:
    return claim.rpartition("/")[2]


def minutes_of(start: dt.datetime) -> tuple[int, int]:
    """When a meeting begins and ends, in minutes of a common clock."""
    begins = int(start.timestamp()) // 60
    return begins, begins + int(LENGTH.total_seconds()) // 60
