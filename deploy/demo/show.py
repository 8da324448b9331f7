"""The terminal: where the forum stands, what passes over the topics, how long it takes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .content import LANGUAGE, Organisation
from .measures import Measures
from .tail import Seen, Tail

STEPS_SHOWN = 6
BESIDE_EVENTS = 28
"""Lines of everything else; the events have what is left of the terminal, within reason."""
FEWEST, MOST = 4, 16
CLOCKS = (("서울", ZoneInfo("Asia/Seoul")), ("北京", ZoneInfo("Asia/Shanghai")))
SAYS = {
    "magpie.profile.published": "가입 · 加入",
    "magpie.match.proposed": "제안 · 推荐",
    "magpie.match.accepted": "한쪽 수락 · 一方同意",
    "magpie.match.agreed": "양쪽 수락 · 双方同意",
    "magpie.match.declined": "거절 · 婉拒",
    "magpie.match.withdrawn": "제안 철회 · 撤回推荐",
    "magpie.meeting.requested": "미팅 요청 · 邀约",
    "magpie.meeting.booked": "미팅 확정 · 约定",
    "magpie.meeting.move_requested": "시간 변경 요청 · 请求改期",
    "magpie.meeting.rescheduled": "시간 변경 · 改期",
    "magpie.meeting.conflict_detected": "일정 충돌 · 时间冲突",
    "magpie.meeting.cancelled": "미팅 취소 · 取消",
    "magpie.text.translated": "용어 풀이 · 术语",
}
OTHER = {"ko": "zh", "zh": "ko"}


@dataclass
class Step:
    """Part of the course: `done` of `total` have had their turn, in its `turn`-th round."""

    name: str
    done: int = 0
    total: int = 0
    turn: int = 0
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    """None while it goes on."""


@dataclass
class Stage:
    """What is shown; the forum writes into it. On a terminal it is drawn again and again, elsewhere a line a step."""

    tail: Tail
    by_profile: dict[str, Organisation]
    funnel: dict[str, int]
    measures: Measures
    repeats: list[str]
    """What was asked again because nobody, or an early "not yet", answered."""
    tally: Callable[[], dict[str, int]]
    """What people did, in numbers."""
    steps: list[Step] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def begin(self, name: str) -> Step:
        """The next step; the one before has ended."""
        self.end()
        self.steps.append(Step(name))
        if not self.console.is_terminal:
            self.console.print(f"{time.monotonic() - self.began:6.1f} s  {name}", highlight=False)
        return self.steps[-1]

    def end(self) -> None:
        if self.steps and self.steps[-1].seconds is None:
            self.steps[-1].seconds = time.monotonic() - self.steps[-1].began

    def summary(self) -> None:
        """Where nothing was drawn: how long things took, once."""
        if not self.console.is_terminal:
            self.console.print(self._acts(), self._latencies(), sep="\n")

    def __rich__(self) -> Group:
        return Group(self._steps(), self._funnel(), self._events(), self._acts(), self._latencies())

    def _steps(self) -> Panel:
        table = Table.grid(padding=(0, 2))
        for step in self.steps[-STEPS_SHOWN:]:
            seconds = time.monotonic() - step.began if step.seconds is None else step.seconds
            done = step.total if step.seconds is not None else step.done
            turn = f"round {step.turn}" if step.turn > 1 else ""
            bar = ProgressBar(total=max(1, step.total), completed=max(done, step.seconds is not None), width=24)
            table.add_row(bar, f"{seconds:5.1f} s", step.name, turn)
        title = f"Magpie · 오작교 · 鹊桥   {time.monotonic() - self.began:.0f} s"
        return Panel(table, title=title, border_style="cyan")

    def _funnel(self) -> Table:
        table = Table.grid(padding=(0, 2))
        most = max(1, *(count for name, count in self.funnel.items() if name != "notified"))
        for name, count in self.funnel.items():  # notices go to many: their bar is full
            table.add_row(name, ProgressBar(total=most, completed=min(most, count), width=40), str(count))
        return table

    def _acts(self) -> Text:
        return Text(", ".join(f"{count} {what}" for what, count in self.tally().items()), style="dim")

    def _latencies(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("seen from the outside, ms")
        for column in ("times", "p50", "p95"):
            table.add_column(column, justify="right")
        for what, *numbers in self.measures.table(self.tail.proposed_at):
            table.add_row(what, *map(str, numbers))
        table.add_row("asked again", str(len(self.repeats)), "", "")
        return table

    # -- events

    def _events(self) -> Panel:
        room = min(MOST, max(FEWEST, self.console.height - BESIDE_EVENTS))
        lines: list[str] = []
        for seen in reversed(self.tail.latest):
            lines[:0] = self._lines(seen)
            if len(lines) >= room:
                break
        text = Text.from_markup("\n".join(lines[-room:]) or " ", overflow="ellipsis")
        text.no_wrap = True
        return Panel(text, title="topics", border_style="dim")

    def _lines(self, seen: Seen) -> list[str]:
        """What happened to whom, and below it the words that it is about, in both languages."""
        says = SAYS.get(seen.type)
        if says is None:
            return []
        body: Mapping[str, Any] = seen.body or {}
        if seen.topic == "translations":
            if body["translation"]["lang"] == "en":  # the two languages of the forum are shown
                return []
            return [f"[yellow]{says}[/]", f"  [dim]{escape(self._both(body['text_id'], body['source']))}[/]"]
        parties = body.get("parties") or [seen.key]
        lines = [f"[green]{says}[/]  {escape(' ↔ '.join(self._name(party) for party in parties))}"]
        return lines + [f"  [dim]{escape(text)}[/]" for text in self._words(seen, body)][:1]

    def _words(self, seen: Seen, body: Mapping[str, Any]) -> Iterator[str]:
        for pair in body.get("evidence", ()):
            need = pair["need"]
            organisation = self.by_profile.get(need["profile_id"])
            if organisation is not None:
                yield self._both(need["text_id"], LANGUAGE[organisation.country])
        if seen.topic == "meetings":
            plan = body.get("move") or body
            there = plan["venue"]
            yield f"{_both_times(plan['start'])}   {there.get('place') or there.get('url')}"

    def _both(self, text_id: str, lang: str) -> str:
        """A text and, where there is one, its rendering in the other language."""
        original = self.tail.texts.get(text_id, "")
        rendering = self.tail.renderings.get((text_id, OTHER.get(lang, "zh")))
        return f"{original[:44]} → {rendering[:44]}" if rendering else original[:88]

    def _name(self, profile_id: str) -> str:
        organisation = self.by_profile.get(profile_id)
        return organisation.called(LANGUAGE[organisation.country]) if organisation else profile_id[:8]


def _both_times(at: str) -> str:
    start = dt.datetime.fromisoformat(at)
    return " / ".join(f"{start.astimezone(zone):%m-%d %H:%M} {city}" for city, zone in CLOCKS)
