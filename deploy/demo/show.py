"""The terminal: where the forum stands, what passes over the topics, how long it takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .content import Organisation
from .tail import Seen, Tail

SHOWN = 9
SAYS = {
    "magpie.profile.published": "가입 · 加入",
    "magpie.match.proposed": "제안 · 推荐",
    "magpie.match.accepted": "한쪽 수락 · 一方同意",
    "magpie.match.agreed": "양쪽 수락 · 双方同意",
    "magpie.match.declined": "거절 · 婉拒",
    "magpie.meeting.requested": "미팅 요청 · 邀约",
    "magpie.meeting.booked": "미팅 확정 · 约定",
    "magpie.meeting.cancelled": "미팅 취소 · 取消",
    "magpie.text.translated": "용어 풀이 · 术语",
}


@dataclass
class Stage:
    """What is shown; the forum writes into it. On a terminal it is drawn again and again, elsewhere a line a step."""

    tail: Tail
    by_profile: dict[str, Organisation]
    funnel: dict[str, int]
    published_at: dict[str, float] = field(default_factory=dict)
    step: str = ""
    began: float = field(default_factory=time.monotonic)
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def say(self, step: str) -> None:
        self.step = step
        if not self.console.is_terminal:
            self.console.print(f"{time.monotonic() - self.began:6.1f} s  {step}", highlight=False)

    def __rich__(self) -> Group:
        return Group(self._head(), self._funnel(), self._events())

    def _head(self) -> Panel:
        waits = sorted(latencies(self.published_at, self.tail.proposed_at))
        line = f"{self.step}   {time.monotonic() - self.began:.0f} s"
        if waits:
            p95 = waits[min(len(waits) - 1, int(len(waits) * 0.95))]
            line += f"   published → proposed: p50 {statistics.median(waits):.2f} s, p95 {p95:.2f} s"
        return Panel(Text(line), title="Magpie · 오작교 · 鹊桥", border_style="cyan")

    def _funnel(self) -> Table:
        table = Table.grid(padding=(0, 2))
        most = max(1, *self.funnel.values())
        for name, count in self.funnel.items():
            table.add_row(name, ProgressBar(total=most, completed=count, width=40), str(count))
        return table

    def _events(self) -> Panel:
        lines = [line for seen in self.tail.latest if (line := self._line(seen))]
        return Panel("\n".join(lines[-SHOWN:]) or " ", title="topics", border_style="dim")

    def _line(self, seen: Seen) -> str | None:
        says = SAYS.get(seen.type)
        if says is None:
            return None
        return f"{says:24} {self._about(seen)}"

    def _about(self, seen: Seen) -> str:
        body: Mapping[str, Any] = seen.body or {}
        if seen.topic == "translations":
            return str(body.get("translation", {}).get("text", ""))[:80]
        parties = body.get("parties") or [seen.key]
        return " ↔ ".join(self._name(party) for party in parties)

    def _name(self, profile_id: str) -> str:
        organisation = self.by_profile.get(profile_id)
        return organisation.called("ko" if organisation.country == "KR" else "zh") if organisation else profile_id[:8]


def latencies(published: Mapping[str, float], proposed: Mapping[str, float]) -> list[float]:
    """Seconds from a profile's publication until a match of it stood on the topic; first ones only, and only those
    that came after it (a partner may have published later)."""
    return [proposed[id] - at for id, at in published.items() if id in proposed and proposed[id] > at]
