"""What an owner is told of its own profile whenever it is written: what of it no one will find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .expiry import expired_at
from .profile import Profile
from .public_warnings import PublicWarning
from .search_terms import MAX_TERMS, cut_texts

OVER = "is over: no match and no filter finds this entry; give a later date, or none, which means a year from now"
CUT = (
    "is found by its beginning only: this profile says more than a search can hold; put the words that people search "
    "for first, or shorten it"
)


def own_warnings(profile: Profile, *, now: dt.datetime) -> list[PublicWarning]:
    """Dates that are over, and texts of which a search does not know the end."""
    places = [(pointer, OVER) for pointer in expired_at(profile, now)] + [(pointer, CUT) for pointer in _cut(profile)]
    return [PublicWarning(pointer, 1, detail) for pointer, detail in places]


def _cut(profile: Profile) -> Iterator[str]:
    if len(profile.terms) < MAX_TERMS:
        return
    for side, entries in (("offers", profile.offers), ("needs", profile.needs)):
        for at in cut_texts((entry.text.text for entry in entries), set(profile.terms)):
            yield f"/{side}/{at}/text/text"
