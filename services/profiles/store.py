"""Collections of profiles, and the queries on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import cached_property

from schemas.profiles import ProfileErased
from services.chassis.model import Collection, Doc, Index
from services.chassis.mongo import Database

from .domain.expiry import stored_instant
from .domain.members import Member, Roster
from .domain.portfolio import Portfolio
from .domain.profile import Profile, state_event
from .domain.search_terms import query_terms
from .domain.slugs import spellings
from .domain.summary import MAX_CHARACTERS, MAX_ENTRIES, ListedProfile

VERDICT = "organisation.business_id.verdict"
# Partial: the census counts these few identifiers again and again, and the index holds no others.
TO_REVIEW = Index((VERDICT,), partial={VERDICT: "checksum_exception"})
PROFILES = Collection(
    "profiles",
    Profile,
    topic="profiles",
    indexes=(Index(("owner",)), Index(("state", "organisation.country")), Index(("terms",)), TO_REVIEW),
    state_event=state_event,
    erased_event=ProfileErased,
)
PORTFOLIOS = Collection("portfolios", Portfolio)
MEMBERS = Collection("members", Member)
ROSTERS = Collection("rosters", Roster)
ALL = (PROFILES, PORTFOLIOS, MEMBERS, ROSTERS)

LISTED = Collection("profiles", ListedProfile)
"""The same collection, read in parts and never written."""


def _beginnings(entries: str) -> Doc:
    text = {"lang": "$$entry.text.lang", "text": {"$substrCP": ["$$entry.text.text", 0, MAX_CHARACTERS + 1]}}
    entry = {
        "id": "$$entry.id",
        "kind": "$$entry.kind",
        "topics": "$$entry.topics",
        "text": text,
        "expires_at": "$$entry.expires_at",
    }
    return {"$map": {"input": {"$slice": [entries, MAX_ENTRIES]}, "as": "entry", "in": entry}}


BEGINNINGS: Doc = {
    **dict.fromkeys(("owner", "state", "revision", "languages", "organisation"), 1),
    "offers": _beginnings("$offers"),
    "needs": _beginnings("$needs"),
    "offer_count": {"$size": "$offers"},
    "need_count": {"$size": "$needs"},
}


@dataclass(frozen=True, kw_only=True)
class SearchFilter:
    """Conditions of a search; None means any. `text` is what the person typed: each of its words must occur. `topic` is
    a slug; kind and topic are of one entry, which is not over at `now`."""

    now: dt.datetime
    owner: str | None = None
    states: tuple[str, ...] = ("published",)
    country: str | None = None
    kind: str | None = None
    topic: str | None = None
    text: str | None = None

    @cached_property
    def terms(self) -> list[str] | None:
        """Terms that a profile must have, all of them; None if the search has no text."""
        return query_terms(self.text) if self.text else None

    @property
    def matches_nothing(self) -> bool:
        """Whether the text has no letters or digits, so that no profile can match."""
        return self.terms == []

    def to_query(self) -> Doc:
        """The filter for MongoDB. It finds candidates: terms do not prove that the words occur."""
        query: Doc = {"state": {"$in": list(self.states)}}
        if self.owner is not None:
            query["owner"] = self.owner
        if self.country:
            query["organisation.country"] = self.country
        if entry := self._of_one_entry():
            query["$or"] = [{side: {"$elemMatch": entry}} for side in ("offers", "needs")]
        if self.terms is not None:
            query["terms"] = {"$all": self.terms}
        return query

    def _of_one_entry(self) -> Doc:
        entry: Doc = {"kind": self.kind} if self.kind else {}
        if self.topic:
            entry["topics"] = {"$in": spellings(self.topic)}
        return entry and {**entry, "expires_at": {"$not": {"$lte": stored_instant(self.now)}}}


def published(database: Database, search: SearchFilter, *, after: str | None) -> AsyncGenerator[Profile, None]:
    """Whole candidates in the order of their ids, from the first id greater than `after`, one at a time."""
    return database.each(PROFILES, _page(search, after))


def listed(
    database: Database, search: SearchFilter, *, after: str | None, limit: int
) -> AsyncGenerator[ListedProfile, None]:
    """The beginnings of at most `limit` profiles, in the same order. For a search without text, whose candidates are
    its results."""
    return database.each(LISTED, _page(search, after), batch=limit, limit=limit, fields=BEGINNINGS)


def _page(search: SearchFilter, after: str | None) -> Doc:
    query = search.to_query()
    if after:
        # By id, not by `skip`: a profile that is published meanwhile moves no other one to another page.
        query["_id"] = {"$gt": after}
    return query


async def count_profiles(database: Database) -> dict[tuple[str, str], int]:
    """Number of profiles by (state, country); answered from an index."""
    steps: list[Doc] = [
        # The states are named so that the index answers: without them the whole collection would be read.
        {"$match": {"state": {"$in": ["draft", "published", "withdrawn"]}}},
        {"$group": {"_id": {"state": "$state", "country": "$organisation.country"}, "profiles": {"$sum": 1}}},
    ]
    found = await database.db[PROFILES.name].aggregate(steps).to_list(None)
    return {(row["_id"]["state"], row["_id"]["country"]): row["profiles"] for row in found}


async def count_identifiers_to_review(database: Database) -> int:
    """Number of business identifiers that fail their checksum and may still be legal; a person looks at them."""
    return await database.db[PROFILES.name].count_documents({VERDICT: "checksum_exception"})
