"""What profiles keep, and how it is found."""

from __future__ import annotations

from services.chassis.database import Database
from services.chassis.documents import Collection, Doc, Document, Index

from .domain.members import Member, Roster
from .domain.profile import Profile


class Portfolio(Document):
    """The profiles of an owner: the rule about their number."""

    profile_ids: list[str] = []


PROFILES = Collection(
    "profiles",
    Profile,
    topic="profiles",
    indexes=(Index(("owner",)), Index(("state", "organisation.country")), Index(("terms",))),
)
PORTFOLIOS = Collection("portfolios", Portfolio)
MEMBERS = Collection("members", Member)
ROSTERS = Collection("rosters", Roster)
ALL = (PROFILES, PORTFOLIOS, MEMBERS, ROSTERS)


async def find_published(
    database: Database,
    *,
    country: str | None,
    kind: str | None,
    topic: str | None,
    terms: list[str] | None,
    after: str | None,
    limit: int,
) -> list[Profile]:
    """Public profiles by their ids; `terms` must all be among a profile's."""
    query: Doc = {"state": "published"}
    if country:
        query["organisation.country"] = country
    if kind:
        query["$or"] = [{"offers.kind": kind}, {"needs.kind": kind}]
    if topic:
        query["$and"] = [{"$or": [{"offers.topics": topic}, {"needs.topics": topic}]}]
    if terms is not None:
        query["terms"] = {"$all": terms}
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(PROFILES, query, limit=limit)
