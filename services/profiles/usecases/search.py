"""Search among public profiles, or one's own in every state, a page at a time."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from services.chassis.mongo import Database

from ..domain.search_terms import contains_words, query_words
from ..domain.summary import ProfileSummary, summarise
from ..store import SearchFilter, listed, published

MAX_EXAMINED = 500
"""Candidates that are read for one page. It limits the work of a search whose bigrams match many profiles and whose
words match few: such a page may be short although there are more results; its `last` continues the search."""


MAX_CHARACTERS_EXAMINED = 4_000_000
"""Characters of candidates that are read for one page, once to fold them and once for each word of the query: half
a second of work. One profile may have 120,000 of them."""


@dataclass(frozen=True)
class SearchPage:
    """Results in the order of their ids. The next page begins after the id `last`; None if there is none."""

    profiles: list[ProfileSummary]
    last: str | None


async def search_profiles(database: Database, search: SearchFilter, *, after: str | None, limit: int) -> SearchPage:
    """At most `limit` profiles whose id is greater than `after`."""
    if search.text:
        return await _search_words(database, search, after=after, limit=limit)
    async with aclosing(listed(database, search, after=after, limit=limit + 1)) as candidates:
        profiles = [summarise(profile, now=search.now) async for profile in candidates]
    more = len(profiles) > limit
    return SearchPage(profiles[:limit], last=profiles[limit - 1].profile_id if more else None)


async def _search_words(database: Database, search: SearchFilter, *, after: str | None, limit: int) -> SearchPage:
    found: list[ProfileSummary] = []
    examined, characters, last = 0, 0, after
    readings = 1 + len(query_words(search.text or ""))
    async with aclosing(published(database, search, after=after)) as candidates:
        async for profile in candidates:
            if examined == MAX_EXAMINED or characters >= MAX_CHARACTERS_EXAMINED:
                return SearchPage(found, last=last)
            texts = list(profile.searchable_texts())
            matches = contains_words(search.text or "", texts)
            if matches and len(found) == limit:
                return SearchPage(found, last=last)
            if matches:
                # Only the summary is kept: a page of whole profiles would hold 20 MB.
                found.append(summarise(profile, now=search.now))
            examined, characters, last = examined + 1, characters + readings * sum(map(len, texts)), profile.id
    return SearchPage(found, last=None)
