"""When a linked calendar is read next, what it is asked for, and what its owner is told."""

from __future__ import annotations

import datetime as dt

import pytest

from services.chassis.model import InvalidState
from services.chassis.ops import outward
from services.matching import metrics
from services.matching.domain import linked_calendar as links
from services.matching.domain.agenda import Agenda, Booked, Busy
from services.matching.domain.linked_calendar import Found, LinkBook, LinkedCalendar, calendar_target
from services.matching.domain.linked_sentences import SENTENCES, why
from services.matching.domain.schedule import Lang
from services.matching.settings import MatchingSettings

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
EVERY = dt.timedelta(minutes=30)


def linked(**more: object) -> LinkedCalendar:
    new = LinkedCalendar(
        id="hanbit/kim",
        org="hanbit",
        member_id="kim",
        sealed_url="...",
        host="calendar.example",
        zone="Asia/Seoul",
        series="s",
        next_at=NOW,
    )
    return new.model_copy(update=more)


def test_pauses_double_up_to_a_day_and_fall_back_at_once() -> None:
    one, pauses = linked(), []
    for _ in range(9):
        one = one.after(Found(failure="timeout"), NOW, every=EVERY, jitter=0.5)
        pauses.append((one.next_at - NOW) / EVERY)
    assert pauses == [2, 4, 8, 16, 32, 48, 48, 48, 48] and one.state == "failing" and one.read_at is None
    one = one.after(Found(), NOW, every=EVERY, jitter=0.5)
    assert (one.state, one.failures, one.next_at - NOW, one.turn) == ("ok", 0, EVERY, 10)
    early, late = (one.after(Found(), NOW, every=EVERY, jitter=jitter).next_at - NOW for jitter in (0.0, 1.0))
    assert early < EVERY < late


def test_a_server_is_asked_no_earlier_than_it_says_and_within_a_day_all_the_same() -> None:
    def pause(asked: float, jitter: float = 0.0) -> dt.timedelta:
        found = Found(failure=links.BUSY, status=429, wait_seconds=asked)
        return linked().after(found, NOW, every=EVERY, jitter=jitter).next_at - NOW

    assert pause(0.0, 0.5) == pause(60.0, 0.5) == 2 * EVERY, "our own pause is longer"
    assert pause(4 * 3600.0) == dt.timedelta(hours=4) < pause(4 * 3600.0, 1.0) < dt.timedelta(hours=5)
    assert pause(1e12) == links.MAX_PAUSE


def test_every_outcome_of_a_reading_is_a_series_of_the_metric() -> None:
    outcomes = {Found(times=[]).outcome, Found().outcome, *(Found(failure=one).outcome for one in SENTENCES)}
    assert outcomes == set(metrics.CALENDAR_OUTCOMES) and len(outcomes) == len(metrics.CALENDAR_OUTCOMES)


def test_it_is_read_whole_once_a_day_because_repetitions_come_into_sight() -> None:
    marks = {"If-None-Match": '"v1"'}
    time = Busy(start=NOW, end=NOW + EVERY)
    one = linked().after(Found(times=[time], marks=marks), NOW, every=EVERY, jitter=0.5)
    assert linked(marks=marks).marks_to_send(NOW) == {}
    assert one.marks_to_send(NOW + EVERY) == marks and one.marks_to_send(NOW + links.WHOLE_AFTER) == {}
    same = one.after(Found(), NOW + EVERY, every=EVERY, jitter=0.5)
    assert (same.marks, same.times, same.whole_at) == (marks, 1, NOW)
    failed = one.after(Found(failure="server_error", status=500), NOW, every=EVERY, jitter=0.5)
    assert (failed.times, failed.read_at, failed.status) == (1, NOW, 500)


@pytest.mark.parametrize(
    ("text", "is_one"), [('"v1"', True), ("", False), ("x" * 201, False), ("v\r\nX: y", False), ("é", False)]
)
def test_a_mark_is_sent_back_only_if_it_is_harmless(text: str, is_one: bool) -> None:
    assert links.is_mark(text) is is_one


def test_webcal_means_https_and_the_rest_is_as_strict_as_for_webhooks() -> None:
    target = calendar_target("WebCal://Calendar.Example/a%40b/basic.ics?key=1", is_open=False)
    assert (target.scheme, target.host, target.port) == ("https", "calendar.example", 443)
    assert target.path == "/a%40b/basic.ics?key=1"
    for url in ("http://calendar.example/", "webcal://127.0.0.1/", "webcal:calendar.example", "file:///etc/passwd", ""):
        with pytest.raises(ValueError, match=r"URL|https|host"):
            calendar_target(url, is_open=False)


def test_both_kinds_of_busy_times_refuse_a_booking_and_make_conflicts() -> None:
    time = Busy(start=NOW, end=NOW + EVERY)
    for field in ("busy", "linked"):
        agenda = Agenda(id="hanbit/kim", booked={"m": Booked(start=NOW, end=NOW + EVERY)}).model_copy(
            update={field: [time]}
        )
        assert list(agenda.conflicts()) == ["m"] and not agenda.is_free(NOW, NOW + EVERY)


def test_a_book_has_so_many_members_and_asks_one_after_the_other() -> None:
    book = LinkBook(id="hanbit").with_one("kim", most=2).with_one("lee", most=2)
    assert book.with_one("kim", most=2) == book
    for most, type in ((2, "too-many-linked-calendars"), (0, "no-linked-calendars")):
        with pytest.raises(InvalidState) as refusal:
            book.with_one("park", most=most)
        assert refusal.value.type == type
    assert book.without("kim").with_one("park", most=2).members == ["lee", "park"]
    asked, first = book.asking(NOW)
    again, second = asked.without("kim").asking(NOW)
    assert (first, second, again.asking(NOW + EVERY)[1]) == (NOW, NOW + links.ASK_EVERY, NOW + EVERY)


@pytest.mark.parametrize(
    ("statuses", "failure"),
    [
        ((401, 403, 404, 410), "refused"),
        ((429, 503), "busy"),
        ((408, 500, 502, 504, 520, 599), "server_error"),
        ((301, 302, 307, 308), "redirected"),
        ((204, 206, 304, 400, 405, 406, 418, 451), "unexpected"),
        ((200,), None),
    ],
)
def test_only_who_is_refused_is_told_that_it_may_not_be_shared_any_more(
    statuses: tuple[int, ...], failure: str | None
) -> None:
    for status in statuses:
        assert links.failure_of(status, was_marked=False) == failure, status
    assert links.failure_of(304, was_marked=True) is None
    shared: dict[Lang, str] = {"ko": "공유", "zh": "共享", "en": "shared"}
    for lang, word in shared.items():
        assert failure is None or (word in SENTENCES[failure][lang]) is (failure == "refused")


def test_it_is_said_when_it_is_tried_again() -> None:
    at = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)
    said: dict[Lang, tuple[str, str]] = {
        "ko": ("11월 30일 (월) 10:00 (서울)에 자동으로 다시 시도", "11월 30일 (월) 02:00 (Europe/Berlin)"),
        "zh": ("将于 11月30日 周一 10:00 (首尔) 自动重试", "11月30日 周一 02:00 (Europe/Berlin)"),
        "en": ("tried again by itself on Mon 30 Nov 10:00 (Seoul)", "Mon 30 Nov 02:00 (Europe/Berlin)"),
    }
    for lang, parts in said.items():
        for zone, part in zip(("Asia/Seoul", "Europe/Berlin"), parts, strict=True):
            assert part in why("timeout", None, lang, again_at=at, zone=zone)


def test_every_reason_is_said_in_three_languages() -> None:
    assert set(SENTENCES) == {*outward.REASONS, outward.TOO_LARGE, *links.OWN_REASONS}
    for reason, texts in SENTENCES.items():
        assert set(texts) == {"ko", "zh", "en"} and all(
            "{" not in why(reason, 404, lang, again_at=NOW, zone="Asia/Seoul") for lang in texts
        )


def test_production_has_no_open_calendars() -> None:
    with pytest.raises(ValueError, match="LINKED_CALENDAR_OPEN"):
        MatchingSettings(linked_calendar_open=True).must_be_safe(production=True)
    MatchingSettings(linked_calendar_open=True).must_be_safe(production=False)
    MatchingSettings().must_be_safe(production=True)
