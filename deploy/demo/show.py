"""The display in the terminal: the steps of the forum, the events on the topics, and how long things take."""

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

from .content import COUNTRY_LANGUAGE, Organisation
from .measures import Measures
from .tail import SeenEvent, Tail

MAX_STEPS = 6
OTHER_LINES = 28
"""Lines of the display without its events, which get the rest of the terminal."""
MIN_EVENT_LINES, MAX_EVENT_LINES = 4, 16
CLOCKS = (("서울", ZoneInfo("Asia/Seoul")), ("北京", ZoneInfo("Asia/Shanghai")))
EVENT_LABELS = {
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
    "magpie.meeting.completed": "미팅 완료 · 会面完成",
    "magpie.meeting.no_show": "불참 · 未到场",
    "magpie.outcome.reported": "성과 보고 · 成果上报",
    "magpie.text.translated": "용어 풀이 · 术语",
}
OTHER_LANGUAGE = {"ko": "zh", "zh": "ko"}


@dataclass
class Step:
    """A step of the forum: in its current round, `done` of `total` acts are finished."""

    name: str
    done: int = 0
    total: int = 0
    round: int = 0
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    """How long it took; None while it runs."""


@dataclass
class Stage:
    """The display. The forum updates its parts. A terminal is redrawn all the time; a file gets one line per step."""

    tail: Tail
    by_profile: dict[str, Organisation]
    funnel: dict[str, int]
    measures: Measures
    repeats: list[str]
    """Requests that were repeated, because there was no answer or it was "not yet"."""
    tally: Callable[[], dict[str, int]]
    """Returns the number of acts of each kind."""
    days: dict[str, int] = field(default_factory=dict)
    """How far the forum is that the organiser plans."""
    report: Mapping[str, Any] | None = None
    """Of the forum, as an agency publishes it."""
    steps: list[Step] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def begin(self, name: str) -> Step:
        """Ends the current step and starts the next one."""
        self.end()
        self.steps.append(Step(name))
        if not self.console.is_terminal:
            self.console.print(f"{time.monotonic() - self.began:6.1f} s  {name}", highlight=False)
        return self.steps[-1]

    def end(self) -> None:
        """Ends the current step, if there is one."""
        if self.steps and self.steps[-1].seconds is None:
            self.steps[-1].seconds = time.monotonic() - self.steps[-1].began

    def summary(self) -> None:
        """Prints acts and durations, if the output is no terminal; on a terminal the last picture shows them."""
        if not self.console.is_terminal:
            self.console.print(self._acts(), self._latencies(), *self._report(), sep="\n")

    def __rich__(self) -> Group:
        return Group(self._steps(), self._funnel(), self._events(), self._acts(), self._latencies(), *self._report())

    def _steps(self) -> Panel:
        table = Table.grid(padding=(0, 2))
        for step in self.steps[-MAX_STEPS:]:
            seconds = time.monotonic() - step.began if step.seconds is None else step.seconds
            done = step.total if step.seconds is not None else step.done
            round_name = f"round {step.round}" if step.round > 1 else ""
            # A finished step without acts has a full bar, too.
            bar = ProgressBar(total=max(1, step.total), completed=max(done, step.seconds is not None), width=24)
            table.add_row(bar, f"{seconds:5.1f} s", step.name, round_name)
        title = f"Magpie · 오작교 · 鹊桥   {time.monotonic() - self.began:.0f} s"
        return Panel(table, title=title, border_style="cyan")

    def _funnel(self) -> Table:
        table = Table.grid(padding=(0, 2))
        most = max(1, *(count for name, count in self.funnel.items() if name != "notified"))
        for name, count in self.funnel.items():  # there are more notices than anything else: their bar is full
            table.add_row(name, ProgressBar(total=most, completed=min(most, count), width=40), str(count))
        if any(self.days.values()):
            table.add_row("forum", Text(", ".join(f"{count} {name}" for name, count in self.days.items())), "")
        return table

    def _report(self) -> Iterator[Text]:
        """The forum's report in two lines: how far they came, and how evenly."""
        if self.report is None:
            return
        stages = [f"{one['name']} {_known(one['participants'])}" for one in self.report["funnel"]]
        yield Text(f"report of the forum, participants: {', '.join(stages)}", style="dim")
        shares = ", ".join(f"{country} {_known(share)}" for country, share in self.report["met_share"].items())
        steps = ", ".join(f"{_known(one['reported'])} {one['step']}" for one in self.report["outcomes"][2:])
        parity, each = _known(self.report["parity"]), _known(self.report["meetings_each"])
        yield Text(f"met somebody: {shares} (parity {parity}); meetings each: {each}; outcomes: {steps}", style="dim")

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
        room = min(MAX_EVENT_LINES, max(MIN_EVENT_LINES, self.console.height - OTHER_LINES))
        lines: list[str] = []
        for event in reversed(self.tail.latest):
            lines[:0] = self._lines(event)
            if len(lines) >= room:
                break
        text = Text.from_markup("\n".join(lines[-room:]) or " ", overflow="ellipsis")
        text.no_wrap = True
        return Panel(text, title="topics", border_style="dim")

    def _lines(self, event: SeenEvent) -> list[str]:
        """The event and its parties and, in a second line, the text that it is about, in both languages."""
        label = EVENT_LABELS.get(event.type)
        if label is None:
            return []
        body: Mapping[str, Any] = event.body or {}
        if event.topic == "translations":
            if body["translation"]["lang"] == "en":  # only Korean and Chinese are shown
                return []
            return [f"[yellow]{label}[/]", f"  [dim]{escape(self._both(body['text_id'], body['source']))}[/]"]
        parties = body.get("parties") or [event.key]
        lines = [f"[green]{label}[/]  {escape(' ↔ '.join(self._name(party) for party in parties))}"]
        return lines + [f"  [dim]{escape(text)}[/]" for text in self._details(event, body)][:1]

    def _details(self, event: SeenEvent, body: Mapping[str, Any]) -> Iterator[str]:
        """The needs that a match answers; time and place of a meeting."""
        for pair in body.get("evidence", ()):
            need = pair["need"]
            organisation = self.by_profile.get(need["profile_id"])
            if organisation is not None:
                yield self._both(need["text_id"], COUNTRY_LANGUAGE[organisation.country])
        if event.topic == "meetings":
            plan = body.get("move") or body
            venue = plan["venue"]
            yield f"{_both_times(plan['start'])}   {venue.get('place') or venue.get('url')}"

    def _both(self, text_id: str, lang: str) -> str:
        """A text and, if there is one, its rendering in the other language."""
        original = self.tail.texts.get(text_id, "")
        rendering = self.tail.renderings.get((text_id, OTHER_LANGUAGE.get(lang, "zh")))
        return f"{original[:44]} → {rendering[:44]}" if rendering else original[:88]

    def _name(self, profile_id: str) -> str:
        organisation = self.by_profile.get(profile_id)
        return organisation.display_name(COUNTRY_LANGUAGE[organisation.country]) if organisation else profile_id[:8]


def _known(value: object) -> str:
    return "under 5" if value is None else str(value)


def _both_times(at: str) -> str:
    """An instant in the local times of both countries."""
    start = dt.datetime.fromisoformat(at)
    return " / ".join(f"{start.astimezone(zone):%m-%d %H:%M} {city}" for city, zone in CLOCKS)
