"""What profiles keep, and how it is found."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.documents import Collection, Doc, Document, Index

from .domain.members import Member, Roster
from .domain.profile import Profile


class Portfolio(Document):
    """The profiles of an owner: the rule about their number."""

    profile_ids: list[str] = []


VERDICT = "organisation.business_id.verdict"
TO_REVIEW = Index((VERDICT,), partial={VERDICT: "checksum_exception"})
PROFILES = Collection(
    "profiles",
    Profile,
    topic="profiles",
    indexes=(Index(("owner",)), Index(("state", "organisation.country")), Index(("terms",)), TO_REVIEW),
)
PORTFOLIOS = Collection("portfolios", Portfolio)
MEMBERS = Collection("members", Member)
ROSTERS = Collection("rosters", Roster)
ALL = (PROFILES, PORTFOLIOS, MEMBERS, ROSTERS)


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What a public profile must have; `terms` must all be among its own."""

    country: str | None = None
    kind: str | None = None
    topic: str | None = None
    terms: list[str] | None = None

    def query(self) -> Doc:
        query: Doc = {"state": "published"}
        if self.country:
            query["organisation.country"] = self.country
        if self.kind:
            query["$or"] = [{"offers.kind": self.kind}, {"needs.kind": self.kind}]
        if self.topic:
            query["$and"] = [{"$or": [{"offers.topics": self.topic}, {"needs.topics": self.topic}]}]
        if self.terms is not None:
            query["terms"] = {"$all": self.terms}
        return query


async def find_published(database: Database, sought: Sought, *, after: str | None, limit: int) -> list[Profile]:
    """In the order of their ids, those that come after `after`."""
    query = sought.query()
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(PROFILES, query, limit=limit)


async def census(database: Database) -> dict[tuple[str, str], int]:
    """How many profiles there are by (state, country); answered from an index."""
    steps: list[Doc] = [
        {"$match": {"state": {"$in": ["draft", "published", "withdrawn"]}}},
        {"$group": {"_id": {"state": "$state", "country": "$organisation.country"}, "profiles": {"$sum": 1}}},
    ]
    found = await database.db[PROFILES.name].aggregate(steps).to_list(None)
    return {(row["_id"]["state"], row["_id"]["country"]): row["profiles"] for row in found}


async def identifiers_to_review(database: Database) -> int:
    """Business identifiers that fail their checksum and may be legal all the same: a person looks at them."""
    return await database.db[PROFILES.name].count_documents({VERDICT: "checksum_exception"})
