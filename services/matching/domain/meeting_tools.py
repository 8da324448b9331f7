"""Which meeting tool works on both sides: data with dates and sources, and what follows from it (docs/rules.md,
section 12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict

from schemas.meetings import Venue

State = Literal["no", "unknown", "partner_only", "guest", "yes"]
ORDER: Mapping[State, int] = {"no": 0, "unknown": 1, "partner_only": 2, "guest": 3, "yes": 4}
WORKS = ORDER["guest"]
FILE = Path(__file__).parents[1] / "reference" / "meeting_tools.yaml"
Words = dict[str, str]
"""By language."""
ANY_LINK: Words = {
    "ko": "링크를 여세요. 이 나라에서 열리는지 확인되지 않았으니 미리 시험해 보세요.",
    "zh": "请打开链接。尚未确认在贵方所在地能否访问，请提前测试。",
    "en": "Open the link. It is not known whether it works where you are, so try it before.",
}
"""How to join by a tool that the table does not have."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Reach(_Data):
    """How far a tool works in a country, the day on which that was read, and where."""

    state: State
    checked: dt.date
    source: str


class Tool(_Data):
    """A tool. `join`: how one joins, by country and language. Of `hosts`, `unsure_hosts` are those of a cloud
    that others cannot always join, `other_hosts` those of pages that are no meetings."""

    id: str
    names: Words
    hosts: list[str]
    unsure_hosts: list[str] = []
    other_hosts: list[str] = []
    countries: dict[str, Reach]
    join: dict[str, Words]

    def state(self, country: str) -> State:
        """How far it works in a country."""
        known = self.countries.get(country)
        return known.state if known else "unknown"

    def worst(self, countries: Iterable[str]) -> int:
        """How far it works in all of these countries."""
        return min((ORDER[self.state(country)] for country in countries), default=ORDER["unknown"])


class Tools(_Data):
    """The table, in the order in which tools are proposed."""

    tools: list[Tool]

    def of(self, url: str | None) -> Tool | None:
        """The tool to which a link leads; None for one that the table does not have."""
        host = (urlsplit(url or "").hostname or "").lower()
        known = ((tool, name) for tool in self.tools for name in tool.hosts)
        found = next((tool for tool, name in known if _is_at(host, (name,))), None)
        return None if found is not None and _is_at(host, found.other_hosts) else found

    def ranked(self, countries: Sequence[str]) -> list[Tool]:
        """The best ones for these countries first."""
        return sorted(self.tools, key=lambda tool: -tool.worst(countries))

    def works(self, url: str | None, countries: Sequence[str]) -> bool:
        """Whether it is known that a link opens in all of these countries."""
        tool, host = self.of(url), (urlsplit(url or "").hostname or "").lower()
        return tool is not None and not _is_at(host, tool.unsure_hosts) and tool.worst(countries) >= WORKS


def _is_at(host: str, names: Iterable[str]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


@lru_cache(maxsize=1)
def shipped_tools() -> Tools:
    """The table that ships with the product. Raises pydantic's ValidationError."""
    return Tools.model_validate(yaml.safe_load(FILE.read_text()))


@dataclass(frozen=True)
class Way:
    """A way to join from a country: the link, the tool if it is known, and how."""

    url: str | None
    tool: Tool | None
    state: State
    how: str


@dataclass(frozen=True)
class Joining:
    """How one side joins. `is_sure`: a link works on both sides. Where none does, `advised` is a tool to add."""

    ways: Sequence[Way]
    is_sure: bool
    advised: Tool | None


def joining(tools: Tools, venue: Venue, *, country: str, countries: Sequence[str], lang: str) -> Joining:
    """The links of an online venue, for somebody in this country: the one that works best there first."""
    urls = [url for url in (venue.url, venue.fallback_url) if url]
    ways = sorted((_way(tools.of(url), url, country, lang) for url in urls), key=lambda way: -ORDER[way.state])
    is_sure = any(tools.works(url, countries) for url in urls)
    present = {way.tool.id for way in ways if way.tool}
    best = next(tool for tool in tools.ranked(countries) if tool.id not in present)
    return Joining(ways, is_sure, None if is_sure else best)


def _way(tool: Tool | None, url: str, country: str, lang: str) -> Way:
    if tool is None or country not in tool.join:
        return Way(url, tool, "unknown", ANY_LINK[lang])
    return Way(url, tool, tool.state(country), tool.join[country][lang])
