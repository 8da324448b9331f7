"""The one way to write a match. A match, its pair and the desks of both sides always change together."""

from __future__ import annotations

import datetime as dt

from services.chassis.commit import UnitOfWork

from ..domain.match import Desk, Match, MatchChange, Pair, pair_id, to_event
from ..store import DESKS, MATCHES, PAIRS


async def save_match(uow: UnitOfWork, change: MatchChange, *, rest_until: dt.datetime | None = None) -> Match:
    """Writes a match, new or changed, with its event, its pair and both desks. A change without an event writes
    nothing. `rest_until`: if the match has ended, its pair is not proposed again before this."""
    if change.event is None:
        return change.match
    match, event = change.match, to_event(change.match, change.event)
    saved = uow.put(MATCHES, match, event) if match.revision else await uow.create(MATCHES, match, event)
    pair = await uow.get_or(PAIRS, Pair(id=pair_id(*saved.parties)))
    uow.put(PAIRS, pair.after(saved, rest_until=rest_until))
    for party in saved.parties:
        desk = await uow.get_or(DESKS, Desk(id=party))
        uow.put(DESKS, desk.after(saved))
    return saved
