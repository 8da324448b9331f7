"""Two profiles, and two organisations: what holds between them whatever else they do (docs/rules.md, section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from services.chassis.model import Document

from .match import Match


def pair_id(a: str, b: str) -> str:
    """The `_id` of a pair: the same in both orders."""
    return "|".join(sorted((a, b)))


class Pair(Document):
    """Two profiles, in the order of their ids. It holds the rule that they have at most one open match."""

    match_id: str | None = None

    def after(self, match: Match) -> Pair:
        """The pair after a write of one of its matches. When its open match has ended, the pair is free."""
        if match.is_open:
            return self.model_copy(update={"match_id": match.id})
        return self.model_copy(update={"match_id": None}) if self.match_id == match.id else self


class OrgPair(Document):
    """Two organisations, in the order of their ids: they rest after a decline or a meeting, whichever of their profiles
    it was. It outlives the profiles, so that none that is made later escapes the rest."""

    rest_until: dt.datetime | None = None
    closed_until: dt.datetime | None = None
    """Before this none of the two may ask for the other by name either."""

    def rests(self, now: dt.datetime) -> bool:
        """Whether nothing is proposed between the two."""
        return self.rest_until is not None and now < self.rest_until

    def is_closed(self, now: dt.datetime) -> bool:
        """Whether neither may ask for the other by name: in this rest one has, or an ask was declined."""
        return self.closed_until is not None and now < self.closed_until

    def after_ask(self, now: dt.datetime) -> OrgPair:
        """The pair after an ask by name: during a rest there is one."""
        return self.model_copy(update={"closed_until": self.rest_until}) if self.rests(now) else self

    def after_end(self, match: Match, *, rest_until: dt.datetime, now: dt.datetime) -> OrgPair:
        """The pair after the end of one of its matches, resting until then at least. An ask that was not agreed to
        closes it for the whole rest, whichever side has ended it."""
        until = max(rest_until, self.rest_until or rest_until)
        closes = match.asker is not None or self.is_closed(now)
        return self.model_copy(update={"rest_until": until, **({"closed_until": until} if closes else {})})


def org_pair_id(owners: Mapping[str, str]) -> str:
    """The `_id` of the pair of organisations that own the two sides; `owners` is by profile."""
    return pair_id(*owners.values())
