"""What keeps a profile from being found, as its owner may know it. All of it follows from the owner's own texts, rests
and desk, and from what other profiles show in public; never from what others exclude."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.chassis.model import fold

from .calendar import ZONES
from .desk import Desk
from .indexed_profile import MIN_WEIGHT, SOLD, EncodedStatement, IndexedEntry, IndexedProfile
from .profile_row import EntryRow, ProfileRow
from .taxonomy import Taxonomy

SILENT = 0.1
"""Below this weight a statement is hardly ever the one that meets another."""
SOON = dt.timedelta(days=30)
STEP, MOST = 5, 50
"""Counts of others are told in steps, so that none tells of a single firm."""
MAX_FINDINGS = 100
_AWARD = re.compile(
    r"수상|표창|대상을|선정|인증|특허\s?\d|획득|获奖|荣获|奖|认证|入选|评为|称号"
    r"|award|prize|certified|ranked|winner|ISO ?\d",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"종료|마감|중단|철수|단종|폐업|접었|완료|끝|매각|정리|이미|已|停|结束|截止|售罄|终止|关闭|下架|退出"
    r"|no longer|discontinued|closed|ended|ceased|stopped|sold out|withdr",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """One thing that keeps a profile from being found. `entry`: the offer or need that it is about; `span`: the
    characters of the statement in its text; `reason`: why the statement weighs nothing; `until`: when it ends."""

    code: str
    entry: str | None = None
    span: tuple[int, int] | None = None
    reason: str | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Surroundings:
    """Public profiles across the border that are nearest to a profile. `fitting`: how many have the minimum score;
    `near`: how many have a little less. `met`: entries that some other one of the same kind could answer. `understood`:
    whether one of those that fit or are near shares a language. `owners`: of those that fit."""

    fitting: int = 0
    near: int = 0
    met: frozenset[str] = frozenset()
    understood: bool = True
    owners: frozenset[str] = frozenset()


def at_least(count: int) -> int:
    """A count of others as it may be told: rounded down to a step, up to a limit. 0 means fewer than STEP."""
    return min(MOST, count // STEP * STEP)


def of_profile(row: ProfileRow, desk: Desk, max_open: int, now: dt.datetime) -> Iterator[Finding]:
    """What its own state keeps from being proposed at all."""
    if not row.is_public:
        yield Finding("not_published")
        return
    if not row.all_entries():
        yield Finding("no_entries")
    today = now.astimezone(ZONES[row.country]).date().isoformat() if row.country in ZONES else ""
    if any(end < today for end in row.certificates_end):
        yield Finding("certificate_expired")
    if row.country not in ZONES:
        yield Finding("country")
    if desk.waiting >= max_open:
        yield Finding("desk_full")


def of_entries(
    row: ProfileRow, me: IndexedProfile, taxonomy: Taxonomy, now: dt.datetime, *, is_of_trade: Callable[[str], bool]
) -> Iterator[Finding]:
    """What each of its offers and needs says, and until when. `is_of_trade`: whether a statement is terms of trade
    and nothing else (`CommonWords.says_nothing`)."""
    indexed = {entry.id: entry for entry in me.entries}
    for entry in row.all_entries():
        if entry.export_controlled:
            yield Finding("export_controlled", entry.id)
        elif entry.expires_at is not None and entry.expires_at <= now:
            yield Finding("expired", entry.id, until=entry.expires_at)
        else:
            if entry.expires_at is not None and entry.expires_at < now + SOON:
                yield Finding("expires_soon", entry.id, until=entry.expires_at)
            if (known := indexed.get(entry.id)) is not None:
                yield from _of_text(entry, known, taxonomy, is_of_trade)


def _of_text(
    entry: EntryRow, known: IndexedEntry, taxonomy: Taxonomy, is_of_trade: Callable[[str], bool]
) -> Iterator[Finding]:
    silent = {}
    for statement in known.statements:
        said = entry.text.text[statement.start : statement.end]
        if statement.weight == MIN_WEIGHT and is_of_trade(said):
            silent[statement.start] = "terms"
        elif reason := _why_silent(said, known, statement):
            silent[statement.start] = reason
    loud = [statement for statement in known.statements if statement.start not in silent]
    if known.statements and not loud:
        yield Finding("says_nothing", entry.id)
    elif loud and not any(_is_about_something(statement, taxonomy) for statement in loud) and not entry.topics:
        yield Finding("too_general", entry.id)
    for statement in known.statements:
        if statement.start in silent:
            reason = silent[statement.start]
            yield Finding("silent_statement", entry.id, (statement.start, statement.end), reason)


def _why_silent(said: str, known: IndexedEntry, statement: EncodedStatement) -> str | None:
    """Why a statement that is not of trade weighs nothing, or None if it weighs something."""
    text = fold(said)
    if statement.weight == MIN_WEIGHT:
        return "ended" if _ENDED.search(text) else "negated"
    if statement.weight < SILENT:
        return "award" if _AWARD.search(text) else "introduction"
    return "wish" if statement.is_wish and known.side == "offer" and known.kind in SOLD else None


def _is_about_something(statement: EncodedStatement, taxonomy: Taxonomy) -> bool:
    """Whether it is about more than a whole sector."""
    return any((node := taxonomy.nodes.get(id)) is not None and node.broader for id in statement.nodes)


def of_surroundings(me: IndexedProfile, found: Surroundings, *, rests: bool, now: dt.datetime) -> Iterator[Finding]:
    """What the others keep it from: no counterpart, no common language, rests."""
    for id in dict.fromkeys(entry.id for entry in me.live_entries(now)):
        if id not in found.met:
            yield Finding("no_counterpart", id)
    if not found.understood:
        yield Finding("no_common_language")
    if rests:
        yield Finding("at_rest")


def bounded(findings: Iterable[Finding]) -> list[Finding]:
    """The first MAX_FINDINGS, those about the whole profile first."""
    return sorted(findings, key=lambda finding: finding.entry is not None)[:MAX_FINDINGS]
