"""The one way to write a match. A match, its pair, the desks of both sides and the rest of their organisations always
change together."""

from __future__ import annotations

import datetime as dt
from functools import partial

from schemas import matches as contract
from services.chassis.commit import UnitOfWork

from .. import metrics
from ..domain.desk import Desk
from ..domain.match import Match, MatchChange, to_event
from ..domain.pair import OrgPair, Pair, org_pair_id, pair_id
from ..store import DESKS, MATCHES, ORG_PAIRS, PAIRS
from .look_again import plan_another_look


async def save_match(uow: UnitOfWork, change: MatchChange, *, rest_until: dt.datetime | None = None) -> Match:
    """Writes a match, new or changed, with its event, its pair, both desks and what holds between the organisations. A
    change without an event writes nothing. `rest_until`: if the match has ended, nothing is proposed between the two
    organisations before this."""
    if change.event is None:
        return change.match
    match, event = change.match, to_event(change.match, change.event)
    uow.count(partial(metrics.match_event, change.event.event_type, match.countries))
    saved = uow.put(MATCHES, match, event) if match.revision else await uow.create(MATCHES, match, event)
    pair = await uow.get_or(PAIRS, Pair(id=pair_id(*saved.parties)))
    uow.put(PAIRS, pair.after(saved))
    at_forums = list[set[str]]()
    for party in saved.parties:
        # Desks are written by every match and by every change of exclusions, so two matches cannot take one last place.
        desk = await uow.get_or(DESKS, Desk(id=party))
        uow.put(DESKS, desk.after(saved))
        at_forums.append(set(desk.forums))
    if change.event is contract.MatchAgreed:
        for forum_id in sorted(set.intersection(*at_forums)):
            plan_another_look(uow, forum_id)
    is_ask = saved.asker is not None and saved.revision == 1
    if is_ask or rest_until is not None:
        await _save_org_pair(uow, saved, rest_until)
    return saved


async def _save_org_pair(uow: UnitOfWork, match: Match, rest_until: dt.datetime | None) -> None:
    before = await uow.get_or(ORG_PAIRS, OrgPair(id=org_pair_id(match.owners)))
    if rest_until is None:
        after = before.after_ask(uow.now)
    else:
        after = before.after_end(match, rest_until=rest_until, now=uow.now)
    if after != before:
        uow.put(ORG_PAIRS, after)
