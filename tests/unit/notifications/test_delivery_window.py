"""When a mail may be sent: quiet hours over midnight and through clock changes, days off, meetings, digests."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from schemas.calendars import CalendarUpdated
from services.notifications.domain.calendars import LIBRARY, WorkCalendar
from services.notifications.domain.delivery_window import Drop, Hold, QuietPolicy, SendNow, decide_delivery, next_digest
from services.notifications.domain.projections import HolidayRow, holiday_row

NIGHT = {"start": "22:00", "end": "08:00"}
EVENING = {"start": "19:00", "end": "23:00"}
TO_HALF_PAST_TWO = {"start": "22:00", "end": "02:30"}
SEOUL, SHANGHAI, NEW_YORK, LOS_ANGELES = "Asia/Seoul", "Asia/Shanghai", "America/New_York", "America/Los_Angeles"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "quiet", "now", "until"),
    [
        (SEOUL, NIGHT, "2026-12-01T21:59:59+09:00", None),
        (SEOUL, NIGHT, "2026-12-01T22:00:00+09:00", "2026-12-02T08:00:00+09:00"),
        (SEOUL, NIGHT, "2026-12-01T23:30:00+09:00", "2026-12-02T08:00:00+09:00"),
        (SEOUL, NIGHT, "2026-12-02T00:30:00+09:00", "2026-12-02T08:00:00+09:00"),
        (SEOUL, NIGHT, "2026-12-02T07:59:59+09:00", "2026-12-02T08:00:00+09:00"),
        (SEOUL, NIGHT, "2026-12-02T08:00:00+09:00", None),
        (SEOUL, None, "2026-12-02T00:30:00+09:00", None),
        (SEOUL, {"start": "22:00", "end": "22:00"}, "2026-12-01T23:30:00+09:00", None),
        (NEW_YORK, EVENING, "2026-07-15T23:30:00+00:00", "2026-07-16T03:00:00+00:00"),
        # The clocks skip 02:30, and then, in November, show 01:00 to 02:00 twice.
        (NEW_YORK, TO_HALF_PAST_TWO, "2027-03-14T04:00:00+00:00", "2027-03-14T07:30:00+00:00"),
        (NEW_YORK, TO_HALF_PAST_TWO, "2027-03-14T07:30:00+00:00", None),
        (NEW_YORK, {"start": "22:00", "end": "01:30"}, "2026-11-01T05:00:00+00:00", "2026-11-01T05:30:00+00:00"),
        (NEW_YORK, {"start": "22:00", "end": "01:30"}, "2026-11-01T06:10:00+00:00", None),
        # Chuseok 2026: Thursday 24 to Saturday 26 September; then a Sunday.
        (SEOUL, NIGHT, "2026-09-24T11:00:00+09:00", "2026-09-28T09:00:00+09:00"),
        (SEOUL, NIGHT, "2026-09-23T23:00:00+09:00", "2026-09-28T09:00:00+09:00"),
        (SEOUL, None, "2026-09-24T11:00:00+09:00", None),
        # A plain Saturday is no holiday.
        (SEOUL, NIGHT, "2026-12-05T11:00:00+09:00", None),
    ],
)
def test_quiet_hours_end_when_the_recipients_clock_says_so(
    zone: str, quiet: dict[str, str] | None, now: str, until: str | None
) -> None:
    found = decide_delivery(at(now), QuietPolicy.of(zone, quiet, "KR"))
    if until is None:
        assert found == SendNow()
    else:
        assert isinstance(found, Hold) and found.until == at(until)


@pytest.mark.parametrize(
    ("now", "start", "expected"),
    [
        ("2026-12-01T23:00:00+09:00", "2026-12-02T10:30:00+09:00", "2026-12-02T08:00:00+09:00"),
        ("2026-12-01T23:00:00+09:00", "2026-12-02T09:00:00+09:00", "2026-12-02T07:00:00+09:00"),
        ("2026-12-02T07:00:00+09:00", "2026-12-02T09:00:00+09:00", SendNow()),
        ("2026-12-02T07:30:00+09:00", "2026-12-02T09:00:00+09:00", SendNow()),
        ("2026-12-02T09:00:00+09:00", "2026-12-02T09:00:00+09:00", Drop("too_late")),
        ("2026-12-02T23:00:00+09:00", "2026-12-02T09:00:00+09:00", Drop("too_late")),
    ],
)
def test_a_notice_of_a_meeting_is_never_held_past_two_hours_before_it(
    now: str, start: str, expected: str | SendNow | Drop
) -> None:
    found = decide_delivery(at(now), QuietPolicy.of(SEOUL, NIGHT, "KR"), at(start))
    assert found == (Hold(at(expected), "quiet_hours") if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("zone", "quiet", "country", "since", "digest"),
    [
        (SEOUL, None, "KR", "2026-12-01T08:59:59+09:00", "2026-12-01T09:00:00+09:00"),
        (SEOUL, None, "KR", "2026-12-01T09:00:00+09:00", "2026-12-01T09:00:00+09:00"),
        (SEOUL, None, "KR", "2026-12-01T09:00:01+09:00", "2026-12-02T09:00:00+09:00"),
        (SHANGHAI, None, "CN", "2026-12-01T08:30:00+09:00", "2026-12-01T09:00:00+08:00"),
        (LOS_ANGELES, None, "CN", "2026-12-02T08:00:00+08:00", "2026-12-02T09:00:00-08:00"),
        (SEOUL, {"start": "22:00", "end": "10:00"}, "KR", "2026-12-01T01:00:00+09:00", "2026-12-01T10:00:00+09:00"),
        # Christmas is a Friday off in Korea; the National Day week in China ends on 7 October, with a Sunday in it.
        (SEOUL, None, "KR", "2026-12-24T12:00:00+09:00", "2026-12-28T09:00:00+09:00"),
        (SHANGHAI, None, "CN", "2026-10-01T12:00:00+08:00", "2026-10-08T09:00:00+08:00"),
        (SHANGHAI, None, "", "2026-10-01T12:00:00+08:00", "2026-10-02T09:00:00+08:00"),
    ],
)
def test_a_digest_comes_at_nine_in_the_recipients_zone(
    zone: str, quiet: dict[str, str] | None, country: str, since: str, digest: str
) -> None:
    assert next_digest(at(since), QuietPolicy.of(zone, quiet, country)) == at(digest)


def test_make_up_days_are_working_days() -> None:
    saturday = dt.date(2026, 10, 10)  # makes up for the National Day week
    assert LIBRARY.is_working_day("CN", saturday) and not LIBRARY.is_public_holiday("CN", saturday)
    assert not LIBRARY.is_working_day("KR", saturday) and not LIBRARY.is_working_day("", saturday)
    substitute = dt.date(2026, 8, 17)
    assert LIBRARY.is_public_holiday("KR", substitute) and not LIBRARY.is_working_day("KR", substitute)


@pytest.mark.parametrize(
    ("country", "first", "last"),
    [
        ("CN", "2026-10-01", "2026-10-07"),
        ("CN", "2026-02-15", "2026-02-23"),  # from a Sunday
        ("CN", "2026-09-25", "2026-09-27"),  # a Friday with its weekend
        ("KR", "2026-09-24", "2026-09-26"),  # a Thursday to a Saturday; the Sunday behind it is an ordinary one
        ("KR", "2026-12-25", "2026-12-25"),
        ("KR", "2026-08-15", "2026-08-17"),  # a Saturday and its substitute, with the Sunday between
    ],
)
def test_a_holiday_is_whole(country: str, first: str, last: str) -> None:
    """No mail goes out on a weekend in its middle; what was held longer never leaves after what came later."""
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    days = [start + dt.timedelta(days=n) for n in range(-1, (end - start).days + 2)]
    assert [LIBRARY.is_public_holiday(country, day) for day in days] == [False, *[True] * (len(days) - 2), False]
    zone = ZoneInfo(SEOUL if country == "KR" else SHANGHAI)
    policy = QuietPolicy.of(str(zone), NIGHT, country)
    morning = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(), zone)
    for day in days[1:-1]:
        for hour in (10, 23):
            verdict = decide_delivery(dt.datetime.combine(day, dt.time(hour), zone), policy)
            assert isinstance(verdict, Hold) and verdict.until >= morning, f"{day} {hour}:00"


def test_a_table_divides_a_holiday() -> None:
    calendar = loaded({"CN": {"2026-10-05": True, "2026-10-04": True}})
    assert not calendar.is_public_holiday("CN", dt.date(2026, 10, 4))
    assert calendar.is_public_holiday("CN", dt.date(2026, 10, 3)), "the Saturday behind two days off"
    longer = loaded({"KR": {"2026-12-07": False, "2026-12-04": False}})
    assert longer.is_public_holiday("KR", dt.date(2026, 12, 5)) and longer.is_public_holiday("KR", dt.date(2026, 12, 6))


TABLE = {"KR": {"2026-12-02": False, "2026-12-03": False, "2026-12-05": True, "2026-12-25": True}}


def loaded(days: dict[str, dict[str, bool]]) -> WorkCalendar:
    said = CalendarUpdated(calendar_id="holidays", version="kr-1", days=days)
    return holiday_row(HolidayRow(id="holidays"), 1, said).calendar()


@pytest.mark.parametrize(
    ("country", "since", "with_table", "without"),
    [
        ("KR", "2026-12-01T12:00:00", "2026-12-04T09:00:00", "2026-12-02T09:00:00"),
        ("CN", "2026-12-01T12:00:00", "2026-12-02T09:00:00", "2026-12-02T09:00:00"),
        ("KR", "2026-12-24T12:00:00", "2026-12-25T09:00:00", "2026-12-28T09:00:00"),
    ],
)
def test_a_table_makes_days_holidays_and_holidays_days(country: str, since: str, with_table: str, without: str) -> None:
    for calendar, expected in ((loaded(TABLE), with_table), (LIBRARY, without), (loaded({}), without)):
        policy = QuietPolicy.of(SEOUL, NIGHT, country, calendar)
        assert next_digest(at(f"{since}+09:00"), policy) == at(f"{expected}+09:00")
        noon = at(f"{with_table[:10]}T12:00:00+09:00")
        is_off = calendar.is_public_holiday(country, noon.date())
        assert isinstance(decide_delivery(noon, policy), Hold) is is_off


def test_a_table_decides_also_about_weekends_and_a_held_mail_ends_on_a_day_that_is_worked() -> None:
    calendar, saturday = loaded(TABLE), dt.date(2026, 12, 5)
    assert calendar.is_working_day("KR", saturday) and not LIBRARY.is_working_day("KR", saturday)
    found = decide_delivery(at("2026-12-02T11:00:00+09:00"), QuietPolicy.of(SEOUL, NIGHT, "KR", calendar))
    assert found == Hold(at("2026-12-04T09:00:00+09:00"), "public_holiday")


SEVEN, HALF_PAST_NINE, NEXT_AFTERNOON = "2026-12-02T07:00:00", "2026-12-02T09:30:00", "2026-12-03T14:00:00"


@pytest.mark.parametrize(
    ("now", "ends_at", "bound", "expected"),
    [
        # Moved at night from 09:30 to the next afternoon: told while the old time can still be left out.
        ("2026-12-01T23:00:00", NEXT_AFTERNOON, HALF_PAST_NINE, "2026-12-02T07:30:00"),
        # Less than two hours before the old start, or after it: at once.
        ("2026-12-02T06:00:00", NEXT_AFTERNOON, SEVEN, SendNow()),
        (SEVEN, NEXT_AFTERNOON, "2026-12-02T06:00:00", SendNow()),
        # A request that lapses at 09:30 is told at 07:30, and not at all after that.
        ("2026-12-01T23:00:00", HALF_PAST_NINE, HALF_PAST_NINE, "2026-12-02T07:30:00"),
        (HALF_PAST_NINE, HALF_PAST_NINE, None, Drop("too_late")),
        # Over the holidays of Chuseok a match would lapse unseen.
        ("2026-09-23T23:00:00", None, "2026-09-26T12:00:00", "2026-09-26T10:00:00"),
    ],
)
def test_a_notice_is_never_held_past_what_it_is_about(
    now: str, ends_at: str | None, bound: str | None, expected: str | SendNow | Drop
) -> None:
    ends, bounded = (at(f"{text}+09:00") if text else None for text in (ends_at, bound))
    found = decide_delivery(at(f"{now}+09:00"), QuietPolicy.of(SEOUL, NIGHT, "KR"), ends, bounded)
    wanted = at(f"{expected}+09:00") if isinstance(expected, str) else expected
    assert (found.until if isinstance(found, Hold) else found) == wanted
