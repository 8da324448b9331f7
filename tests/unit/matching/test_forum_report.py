"""The report of a forum: what it counts, and what it keeps to itself."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from typing import Any

import pytest

from services.matching.domain.after import forum_report as rules
from services.matching.domain.after.forum_report import Answer, Facts, MeetingFact, forum_report
from services.matching.domain.after.outcome import Outcome
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.setup import ForumSetup
from services.matching.prints import report_csv, report_page
from services.matching.usecases.forum_reports import _room
from tests.support.forums import forum_of_2027

DAY = "2026-12-01"
NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


def pair(n: int) -> list[str]:
    return [f"cn{n}", f"kr{n}"]


def met(n: int, state: str = "completed", **fields: Any) -> MeetingFact:
    base: dict[str, Any] = {"date": DAY, "at_table": True, "is_released": False, "is_over": True}
    return MeetingFact(parties=pair(n), state=state, **(base | fields))


def outcome(n: int, *sides: str, step: str = "nda") -> Outcome:
    return Outcome(id=f"m{n}", parties=pair(n), said={side: {step: NOW} for side in sides})


def answers(*given: tuple[int | None, bool | None]) -> list[Answer]:
    """Each of another profile."""
    return [Answer(f"kr{n}", *one) for n, one in enumerate(given)]


def facts(korean: int = 20, chinese: int = 10, **fields: Any) -> Facts:
    countries = {f"kr{n}": "KR" for n in range(korean)} | {f"cn{n}": "CN" for n in range(chinese)}
    pairs = [pair(n) for n in range(10)]
    base: dict[str, Any] = {
        "countries": countries,
        "proposed": [*pairs, ["cn0", "kr1"]],
        "agreed": pairs,
        "meetings": [*(met(n) for n in range(8)), met(8, "no_show"), met(9, "cancelled", is_released=True)],
        "outcomes": [outcome(n, *pair(n)) for n in range(6)] + [outcome(6, "kr6"), outcome(7, "kr7", step="contract")],
        "answers": answers((4, True), (5, True), (3, False), (4, None), (4, True), (None, True)),
        "room": {DAY: 40},
    }
    return Facts(**(base | fields))


def test_the_funnel_counts_pairs_and_participants_of_both_countries() -> None:
    report = forum_report(facts())
    found = {stage.name: (stage.pairs, stage.participants, stage.by_country) for stage in report.funnel}
    assert found["registered"] == (None, 30, {"KR": 20, "CN": 10})
    assert found["matched"] == (11, 20, {"KR": 10, "CN": 10})
    assert found["agreed"] == (10, 20, {"KR": 10, "CN": 10})
    assert found["booked"] == (9, 18, {"KR": 9, "CN": 9})
    assert found["held"] == (8, 16, {"KR": 8, "CN": 8})


def test_parity_is_of_the_shares_that_met_somebody() -> None:
    report = forum_report(facts())
    assert report.met_share == {"KR": 0.4, "CN": 0.8} and report.parity == 0.5
    assert report.meetings_each == round(16 / 30, 2) and report.exposure_gini == round(14 / 30, 3)


def test_tables_are_used_by_what_was_not_given_back() -> None:
    used = [met(n) for n in range(4)]
    report = forum_report(facts(meetings=[*used, met(4, at_table=False), met(5, "cancelled"), met(6, "booked")]))
    assert [(use.date, use.used, use.of) for use in report.tables] == [(DAY, 5, 40)]


def test_during_a_forum_what_has_been_is_counted() -> None:
    """Seven of its meetings are over, and no one has said yet whether they took place."""
    next_day = "2026-12-02"
    over, later = [met(n, "booked") for n in range(7)], [met(n, "booked", is_over=False) for n in range(10)]
    second = [met(n, "booked", is_over=False, date=next_day) for n in range(6)]
    under_way = facts(meetings=[*over, *later, *second], room={DAY: 12, next_day: 40}, begun={DAY})
    report = forum_report(under_way)
    assert report.meetings_each == round(14 / 30, 2)
    assert [(use.date, use.used, use.of) for use in report.tables] == [(DAY, 7, 12), (next_day, 6, 40)]
    assert forum_report(replace(under_way, meetings=later)).meetings_each == round(20 / 30, 2), "before it"


@pytest.mark.parametrize(
    ("clock", "begun", "first"), [("08:59", set(), 96), ("09:20", {"2027-03-04"}, 6), ("18:00", {"2027-03-04"}, 96)]
)
def test_there_was_room_in_the_slots_that_are_over(clock: str, begun: set[str], first: int) -> None:
    setup = ForumSetup.model_validate(forum_of_2027())
    forum = Forum(id="f", owner="kic", setup=setup, announced_at=NOW)
    found = _room(forum, dt.datetime.fromisoformat(f"2027-03-04T{clock}:00+09:00"))
    assert found == {"begun": begun, "room": {"2027-03-04": first, "2027-03-05": 72}}


def test_figures_that_are_made_of_too_few_meetings_are_left_out() -> None:
    """A mean tells the sum, and one day what is left for the other one."""
    few = forum_report(facts(meetings=[met(0), met(1)]))
    assert (few.meetings_each, few.exposure_gini) == (None, None)
    assert [use.used for use in few.tables] == [None] and "–" in report_page(few, name="서울 포럼", lang="ko")
    second = {DAY: 40, "2026-12-02": 40}
    two_days = [met(0, date="2026-12-02"), *(met(n) for n in range(1, 7))]
    assert [use.used for use in forum_report(facts(meetings=two_days, room=second)).tables] == [None, None]
    none = forum_report(facts(meetings=[]))
    assert (none.meetings_each, [use.used for use in none.tables]) == (0, [0])


def test_outcomes_are_by_step_and_by_who_says_so() -> None:
    found = {one.step: (one.reported, one.confirmed) for one in forum_report(facts()).outcomes}
    assert found["nda"] == (7, 6)
    assert found["contract"] == (None, 0)  # one pair would be told from it
    assert found["entity"] == (0, 0)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_count_of_fewer_than_five_is_not_published_nor_told_by_its_neighbour(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine took part, and five are Korean: the other four could be counted."""
    if not guarded:
        monkeypatch.setattr(rules, "K", 1)
    few = forum_report(
        facts(5, 4, meetings=[met(0)], proposed=[pair(0)], agreed=[pair(0)], answers=answers(*[(1, False)] * 4))
    )
    registered, held = few.funnel[0], few.funnel[-1]
    assert (registered.by_country == {"KR": None, "CN": None}) is guarded and registered.participants == 9
    assert (held.pairs is None and held.participants is None) is guarded
    assert (few.mean_rating is None and few.would_meet_again is None and few.ratings is None) is guarded
    assert (few.parity is None) is guarded


def test_four_pairs_are_not_told_by_the_eight_who_are_in_them() -> None:
    agreed = forum_report(facts(agreed=[pair(n) for n in range(4)])).funnel[2]
    assert (agreed.pairs, agreed.participants, agreed.by_country) == (None, None, {"KR": None, "CN": None})


def test_who_is_erased_is_not_told_by_a_total() -> None:
    given = facts(6, 5)
    registered = forum_report(replace(given, countries={**given.countries, "erased": ""})).funnel[0]
    assert (registered.participants, registered.by_country) == (11, {"KR": 6, "CN": 5})


def test_two_who_did_not_come_are_not_told_by_that_nothing_is_unknown() -> None:
    missed = [met(n, "no_show") for n in range(2)]
    few = forum_report(facts(meetings=[*(met(n) for n in range(2, 10)), *missed]))
    assert (few.no_shows, few.unknown) == (None, None)
    many = forum_report(facts(meetings=[met(n, "no_show") for n in range(10)]))
    assert (many.no_shows, many.unknown) == (10, 0)


def test_many_answers_of_few_are_few() -> None:
    """Two who met on six days would read each other's rating."""
    of_two = [Answer(f"kr{n % 2}", 1, False) for n in range(12)]
    report = forum_report(facts(answers=of_two))
    assert (report.ratings, report.mean_rating, report.would_meet_again) == (None, None, None)
    more = forum_report(facts(answers=[*of_two, *(Answer(f"cn{n}", 5, None) for n in range(3))]))
    assert (more.ratings, more.mean_rating, more.would_meet_again) == (15, 1.8, None)


def test_nothing_is_published_as_nothing() -> None:
    empty = forum_report(Facts({}, [], [], [], [], [], {}))
    assert empty.funnel[0].participants == 0 and empty.no_shows == 0
    assert empty.parity is empty.meetings_each is empty.exposure_gini is empty.mean_rating is None


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ko", ["서울 포럼 결과 보고", "단계별 현황", "한국", "미팅 진행", "후속 성과", "양측 확인"]),
        ("zh", ["서울 포럼 成果报告", "各阶段情况", "韩国", "完成会谈", "后续成果"]),
        ("en", ["서울 포럼: report", "How far it came", "Korea", "What came of it", "80 %"]),
    ],
)
def test_the_page_and_the_table_say_it_in_three_languages(lang: str, words: list[str]) -> None:
    report = forum_report(facts())
    page = report_page(report, name="서울 포럼", lang=lang)
    assert all(word in page for word in words) and f'lang="{lang}"' in page
    assert "<script" not in page and "http" not in page and "None" not in page
    rows = list(csv.reader(io.StringIO(report_csv(report, lang=lang).removeprefix("\ufeff"))))
    assert rows[2][1:] == ["", "30", "20", "10"]
    assert any("–" in row for row in rows)


def test_a_name_of_a_forum_stays_text() -> None:
    assert "&lt;i&gt;" in report_page(forum_report(facts()), name="<i>", lang="en")
