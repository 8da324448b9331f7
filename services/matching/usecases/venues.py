"""Where a remote meeting takes place: the link that was pasted, or a room of the installation's own (docs/rules.md,
section 12)."""

from __future__ import annotations

from schemas.meetings import Venue
from services.chassis.commit import UnitOfWork
from services.chassis.model import Invalid

from ..domain.meeting_tools import shipped_tools
from ..settings import MatchingSettings


def whole_venue(uow: UnitOfWork, venue: Venue, *, countries: str, settings: MatchingSettings) -> Venue:
    """The venue with its links: without one, a room of our own; where it is not known that the link works on both
    sides, a second way by a room of our own, if there are any. Raises Invalid for an online venue without a link where
    there are no rooms."""
    if venue.kind != "online":
        return venue
    if venue.url is None:
        if settings.rooms_url is None:
            raise Invalid("Send the link of a meeting; there are no rooms of our own here.", pointer="/venue/url")
        return venue.model_copy(update={"url": _room(uow, settings.rooms_url)})
    works = shipped_tools().works(venue.url, countries.split("-"))
    if works or venue.fallback_url is not None or settings.rooms_url is None:
        return venue
    return venue.model_copy(update={"fallback_url": _room(uow, settings.rooms_url)})


def _room(uow: UnitOfWork, base: str) -> str:
    """A room that no one can guess; the same one if the decision is made again."""
    return f"{base.rstrip('/')}/magpie-{uow.secret_id('room')}"
