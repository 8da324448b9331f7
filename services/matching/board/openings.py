"""Times that became free, as the organiser sees them: to whom they are offered, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..domain.forum_plans.openings import Opening
from ..domain.schedule import Lang, moment
from .clock import cut
from .counts import ForumFacts
from .words import WORDS

MAX_OPENINGS = 12


@dataclass(frozen=True)
class OpeningView:
    """A time that became free: when, where, what is done with it. `names`: to whom it is offered, or who took it, each
    with whether it has accepted; `until`: when their time to answer ends, or the quiet hours that are waited for."""

    at: str
    place: str
    state: str
    names: Sequence[tuple[str, bool]]
    until: str


def opening_views(facts: ForumFacts, names: Mapping[str, str], lang: Lang, now: dt.datetime) -> list[OpeningView]:
    """Those that are still to come, in order, with the names of firms by id."""
    known = facts.openings.to_come(now).openings if facts.openings else {}
    shown = sorted(known.items(), key=lambda item: (item[1].start, item[0]))[:MAX_OPENINGS]
    return [_view(facts, opening, names, lang) for _, opening in shown]


def _view(facts: ForumFacts, opening: Opening, names: Mapping[str, str], lang: Lang) -> OpeningView:
    zone = facts.forum.setup.tz
    offer = next((one for one in facts.meetings if one.id == opening.offer), None)
    accepted = (offer.accepted_by or []) if offer else []
    state = f"opening_{opening.why}" if opening.why else f"opening_{opening.state}"
    if opening.state == "looking" and opening.until is not None:
        state = "opening_quiet"
    return OpeningView(
        at=moment(opening.start, zone, lang),
        place=cut(opening.place or WORDS["online"][lang], 40),
        state=WORDS[state][lang],
        names=[(names[side], side in accepted) for side in (offer.parties if offer else ())],
        until=moment(opening.until, zone, lang) if opening.until else "",
    )
