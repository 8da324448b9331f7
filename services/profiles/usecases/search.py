"""Search among public profiles, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.mongo import Database

from ..domain.profile import Profile
from ..domain.search_terms import contains_words
from ..store import SearchFilter, find_published

MAX_READS_PER_PAGE = 20
"""Limits the work of a search whose bigrams match many profiles and whose words match few. Such a page may be short
although there are more results; its `last` continues the search."""


@dataclass(frozen=True)
class SearchPage:
    """Results in the order of their ids. The next page begins after the id `last`; None if there is none."""

    profiles: list[Profile]
    last: str | None


async def search_profiles(database: Database, search: SearchFilter, *, after: str | None, limit: int) -> SearchPage:
    """At most `limit` public profiles whose id is greater than `after`."""
    found: list[Profile] = []
    for _ in range(MAX_READS_PER_PAGE):
        candidates = await find_published(database, search, after=after, limit=limit)
        for profile in candidates:
            if search.text and not contains_words(search.text, profile.searchable_texts()):
                continue
            if len(found) == limit:
                return SearchPage(found, last=found[-1].id)
            found.append(profile)
        if len(candidates) < limit:
            return SearchPage(found, last=None)
        after = candidates[-1].id
    return SearchPage(found, last=after)
