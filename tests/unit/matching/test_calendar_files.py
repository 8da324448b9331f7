"""Calendars as real programs write them: what is busy is read, whatever is wrong beside it, and the rest is named."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from services.matching.calendar_files.expand import Expanded, expand
from services.matching.calendar_files.lines import text_of

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
AT_NINE = ["DTSTART;TZID=Asia/Seoul:20261201T090000", "DTEND;TZID=Asia/Seoul:20261201T100000"]
WEEKLY = [*AT_NINE, "RRULE:FREQ=WEEKLY;COUNT=3"]
NINE = ("12-01 09:00", "12-01 10:00")
WEEKS = [NINE, ("12-08 09:00", "12-08 10:00"), ("12-15 09:00", "12-15 10:00")]


def event(*lines: str, uid: str = "u") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT", ""])


def calendar(*parts: str) -> str:
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + "".join(parts) + "END:VCALENDAR\r\n"


def zone(name: str, offset: str) -> str:
    change = f"DTSTART:16010101T000000\r\nTZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\n"
    return f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\n{change}END:STANDARD\r\nEND:VTIMEZONE\r\n"


def read(text: str, now: dt.datetime = NOW, reader: ZoneInfo = SEOUL) -> Expanded:
    return expand(text, now, now + dt.timedelta(days=92), reader)


def busy(text: str, now: dt.datetime = NOW, reader: ZoneInfo = SEOUL) -> list[tuple[str, str]]:
    """By the clock of Seoul, in order."""
    found = sorted((low.astimezone(SEOUL), high.astimezone(SEOUL)) for low, high, _ in read(text, now, reader).busy)
    return [(f"{low:%m-%d %H:%M}", f"{high:%m-%d %H:%M}") for low, high in found]


def told(text: str) -> list[tuple[int, str]]:
    return read(text).skipped


FREE_BUSY = [
    "BEGIN:VFREEBUSY",
    "UID:f",
    "DTSTART:20261201T000000Z",
    "DTEND:20270101T000000Z",
    "FREEBUSY;FBTYPE=BUSY:20261202T000000Z/PT1H,20261203T000000Z/20261203T020000Z",
    "FREEBUSY:20261204T000000Z/PT30M",
    "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261205T000000Z/PT1H",
    "FREEBUSY;FBTYPE=FREE:20261206T000000Z/PT1H",
    "END:VFREEBUSY",
    "",
]


def test_a_list_of_busy_times_is_read_beside_events() -> None:
    four = [
        *[("12-02 09:00", "12-02 10:00"), ("12-03 09:00", "12-03 11:00")],
        *[("12-04 09:00", "12-04 09:30"), ("12-05 09:00", "12-05 10:00")],
    ]
    assert busy(calendar("\r\n".join(FREE_BUSY))) == four
    assert busy(calendar("\r\n".join(FREE_BUSY), event(*AT_NINE))) == [NINE, *four]
    assert told(calendar("\r\n".join(FREE_BUSY))) == []


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ("20261202T000000Z", "cannot be read: its FREEBUSY is not as RFC 5545 wants it"),
        ("20261202T000000Z/-PT1H", "ends before it starts"),
        ("20261202T000000Z/20261201T000000Z", "ends before it starts"),
    ],
)
def test_a_busy_time_that_cannot_be_read_is_named_and_the_others_count(period: str, why: str) -> None:
    lines = ["BEGIN:VFREEBUSY", f"FREEBUSY:{period},20261201T000000Z/PT1H", "END:VFREEBUSY", ""]
    assert busy(calendar("\r\n".join(lines))) == [NINE]
    assert told(calendar(event(*AT_NINE), "\r\n".join(lines))) == [(1, why)]
    assert read(calendar("\r\n".join(lines))).unreadable == ""
    assert read(calendar("\r\n".join(lines).replace(",20261201T000000Z/PT1H", ""))).unreadable == why


def test_a_list_that_takes_too_long_is_named_and_the_others_count() -> None:
    listed = ",".join(["20261202T000000Z/PT1H"] * 60_000)
    text = calendar(f"BEGIN:VFREEBUSY\r\nFREEBUSY:{listed}\r\nEND:VFREEBUSY\r\n", event(*AT_NINE))
    assert (busy(text), told(text)) == ([NINE], [(0, "lists more times than can be read")])


def test_events_without_a_calendar_around_them_are_read() -> None:
    assert busy(event(*AT_NINE)) == [NINE]
    assert busy(calendar() + event(*AT_NINE) + "\r\n".join(FREE_BUSY))[:2] == [NINE, ("12-02 09:00", "12-02 10:00")]


def test_an_empty_calendar_is_one_and_what_is_cut_off_is_none() -> None:
    assert (busy(calendar()), told(calendar()), read(calendar()).unreadable) == ([], [], "")
    assert busy(calendar("BEGIN:VTODO\r\nUID:1\r\nDUE:20261201T010000Z\r\nEND:VTODO\r\n")) == []
    whole = calendar(event(*AT_NINE, uid="a"), event("DTSTART:20261202T000000Z", "DURATION:PT1H", uid="b"))
    assert len(busy(whole)) == 2
    for part in (whole[:-20], whole[: whole.index("UID:b")], whole.replace("END:VEVENT\r\n", "", 1)):
        with pytest.raises(ValueError, match="component"):
            read(part)
    for other in ("", "<html><body>login: please</body></html>", "BEGIN:VCARD\r\nEND:VCARD\r\n"):
        with pytest.raises(ValueError, match="no calendar"):
            read(other)


BESIDE_THE_POINT = [
    *["CREATED:00001231T000000Z", "LAST-MODIFIED:", "DTSTAMP:2026", "GEO:", "GEO:37.5", "SEQUENCE:", "SEQUENCE:1.0"],
    *["PRIORITY:", "EXDATE:", "RRULE:", "RDATE:", "DURATION:", "RECURRENCE-ID:", "X-FOO", "COMPLETED:x"],
    *[
        "DESCRIPTION:first\r\nsecond: more\r\nthird\r\nBegin: now\r\nEND: then\r\nBEGIN:soon",
        'ATTENDEE;CN=a"b:mailto:a@b',
    ],
    *["X-MS-OLK-ORIGINALSTART;VALUE=DATE-TIME:", "ATTACH;ENCODING=BASE64;VALUE=BINARY:!!!"],
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:\r\nEND:VALARM",
]


@pytest.mark.parametrize("line", BESIDE_THE_POINT)
def test_what_does_not_say_when_takes_no_event_away(line: str) -> None:
    text = calendar(event(*AT_NINE, line), event("DTSTART:20261202T000000Z", "DURATION:PT1H", uid="other"))
    assert (busy(text), told(text)) == ([NINE, ("12-02 09:00", "12-02 10:00")], [])


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2", "10"),
        ("999999999", "1000000000"),
        ("20261130120000", "20261130130000"),  # some programs count by the clock
        ("9" * 30, "3"),  # no program counts so far
        ("-5", "1"),
    ],
)
def test_of_two_replacements_the_one_with_the_higher_sequence_counts(older: str, newer: str) -> None:
    at = "RECURRENCE-ID;TZID=Asia/Seoul:20261208T090000"
    old = event(at, "DTSTART:20261208T050000Z", "DURATION:PT1H", f"SEQUENCE:{older}")
    new = event(at, "DTSTART:20261208T070000Z", "DURATION:PT1H", f"SEQUENCE:{newer}")
    times = [NINE, ("12-08 16:00", "12-08 17:00"), WEEKS[2]]
    for parts in ((old, new), (new, old)):
        assert busy(calendar(event(*WEEKLY), *parts)) == times


IN_TEXT = ["Dtstart: soon", "Dtend: late", "UID: 7", "Status: cancelled", "Transp: transparent", "Duration: one hour"]


@pytest.mark.parametrize("line", IN_TEXT)
def test_a_line_of_a_broken_text_that_looks_like_a_property_changes_nothing(line: str) -> None:
    text = [f"DESCRIPTION:first\r\n{line}\r\nlast", "STATUS:CONFIRMED", "TRANSP:OPAQUE"]
    whole = calendar(event(*AT_NINE, *text), event("DTSTART:20261202T000000Z", "DURATION:PT1H", *text, uid="other"))
    assert (busy(whole), told(whole)) == ([NINE, ("12-02 09:00", "12-02 10:00")], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949", "gb18030"])
def test_a_file_is_read_in_the_encoding_of_its_program(encoding: str) -> None:
    file = calendar(event(*AT_NINE, "SUMMARY:회의")).encode(encoding)
    assert busy(text_of(file)) == [NINE]


def test_wide_text_is_read_in_either_byte_order() -> None:
    text = calendar(event(*AT_NINE))
    assert busy(text_of(b"\xfe\xff" + text.encode("utf-16-be"))) == [NINE]
    assert busy(text_of(b"\xff\xfe" + text.encode("utf-16-le"))) == [NINE]


def test_the_same_time_twice_is_one() -> None:
    assert busy(calendar(event(*AT_NINE, *AT_NINE))) == [NINE]


@pytest.mark.parametrize("beside", ["garbage\r\n", "X-NO-COLON\r\n", zone("Own", "0900"), zone("Own", "+09:00")])
def test_what_is_beside_the_events_takes_no_file_away(beside: str) -> None:
    assert busy(calendar(beside, event(*AT_NINE), beside)) == [NINE]


@pytest.mark.parametrize("offset", ["+0800", "0800", "+08:00", "+080000"])
def test_a_zone_of_its_own_is_read_as_programs_write_offsets(offset: str) -> None:
    text = calendar(event("DTSTART;TZID=Own:20261201T080000", "DURATION:PT1H"), zone("Own", offset))
    assert busy(text) == [NINE]


UNREADABLE = {
    "DTSTART:soon": "cannot be read: its DTSTART is not as RFC 5545 wants it",
    "DTSTART:": "cannot be read: it has no DTSTART",
    "DTSTART:PT1H": "cannot be read: its DTSTART is not as RFC 5545 wants it",
    "DTSTART:20261201T000000Z\r\nDTSTART:20261202T000000Z": "cannot be read: its DTSTART is there twice, and differs",
    "DTSTART:20261201T230000\r\nDTEND:20261201T240000": "cannot be read: its DTEND is not as RFC 5545 wants it",
    "DTSTART:20261201T230000\r\nDURATION:1H": "cannot be read: its DURATION is not as RFC 5545 wants it",
    "DTSTART:20261201T230000\r\nDTEND:20261201T220000": "ends before it starts",
    "DTSTART:20261201T230000\r\nDURATION:-PT1H": "ends before it starts",
    "DTSTART:20261201T230000": "takes no time: it ends when it starts, or has no end",
}


@pytest.mark.parametrize("lines", UNREADABLE)
def test_why_an_event_is_left_out_is_true(lines: str) -> None:
    text = calendar(event(*AT_NINE, uid="other"), event(lines))
    assert (busy(text), told(text)) == ([NINE], [(1, UNREADABLE[lines])])


def test_if_no_event_can_be_read_that_is_no_empty_calendar() -> None:
    why = "cannot be read: its DTSTART is not as RFC 5545 wants it"
    assert read(calendar(event("DTSTART:soon"))).unreadable == why
    over = event("DTSTART:20200101T000000Z", "DURATION:PT1H", uid="over")
    assert read(calendar(event("DTSTART:soon"), over)).unreadable == "", "another one can"
    assert read(calendar(event("DTSTART:20261201T230000"))).unreadable == "", "one that takes no time has been read"


IN_PART = {
    "RRULE:RSCALE=CHINESE;FREQ=YEARLY": "so only some of its times are known",
    "RRULE:FREQ=OFTEN": "so only some of its times are known",
    "RDATE:soon": "so only some of its times are known",
    "EXDATE:soon": "so times that it leaves out are busy, too",
    "RECURRENCE-ID:soon": "so the time that it replaces is busy, too",
}


@pytest.mark.parametrize("line", IN_PART)
def test_an_event_whose_rule_cannot_be_read_is_busy_at_its_first_time(line: str) -> None:
    text = calendar(event(*AT_NINE, line))
    name = line.partition(":")[0]
    assert busy(text) == [NINE]
    assert told(text) == [(0, f"is read in part: its {name} is not as RFC 5545 wants it, {IN_PART[line]}")]


def test_what_a_past_event_cannot_leave_out_is_not_told() -> None:
    past = ["DTSTART:20200101T000000Z", "DURATION:PT1H"]
    assert told(calendar(event(*past, "EXDATE:soon"))) == []
    assert len(told(calendar(event(*past, "RRULE:FREQ=OFTEN")))) == 1, "it may go on"


def test_a_replacement_that_cannot_be_read_leaves_its_series() -> None:
    replaces = "RECURRENCE-ID;TZID=Asia/Seoul:20261208T090000"
    for wrong in (["DTSTART:soon"], ["DTSTART:20261209T090000Z", "DTEND:20261209T080000Z"]):
        text = calendar(event(*WEEKLY), event(replaces, *wrong))
        assert busy(text) == WEEKS and [index for index, _ in told(text)] == [1]
    alone = calendar(event("DTSTART:soon", "RRULE:FREQ=DAILY"), event(replaces, *AT_NINE))
    assert busy(alone) == [NINE] and [index for index, _ in told(alone)] == [0]


@pytest.mark.parametrize("left_out", ["20261208T090000", "20261208T090000,20261215T090000"])
def test_an_occurrence_that_is_moved_and_left_out_too_is_busy_where_it_was_moved(left_out: str) -> None:
    moved = ["DTSTART;TZID=Asia/Seoul:20261208T150000", "DTEND;TZID=Asia/Seoul:20261208T160000"]
    replaces = event("RECURRENCE-ID;TZID=Asia/Seoul:20261208T090000", *moved)
    text = calendar(event(*WEEKLY, f"EXDATE;TZID=Asia/Seoul:{left_out}"), replaces)
    last = WEEKS[2:] if "," not in left_out else []
    assert (busy(text), told(text)) == ([WEEKS[0], ("12-08 15:00", "12-08 16:00"), *last], [])


def test_a_change_of_all_that_follows_is_followed() -> None:
    later = ["DTSTART;TZID=Asia/Seoul:20261208T140000", "DTEND;TZID=Asia/Seoul:20261208T160000"]
    moved = event("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Seoul:20261208T090000", *later)
    assert busy(calendar(event(*WEEKLY), moved)) == [
        NINE,
        *[("12-08 14:00", "12-08 16:00"), ("12-15 14:00", "12-15 16:00")],
    ]


@pytest.mark.parametrize("until", ["20261215", "20261215T090000", "20261215T000000Z"])
def test_the_last_day_of_a_repetition_is_in_it(until: str) -> None:
    for name in ("Asia/Seoul", "America/New_York"):
        at = f"DTSTART;TZID={name}:20261201T090000"
        utc = until if not until.endswith("Z") or name == "Asia/Seoul" else "20261215T140000Z"
        assert len(busy(calendar(event(at, "DURATION:PT1H", f"RRULE:FREQ=WEEKLY;UNTIL={utc}")))) == 3


SHANGHAI = [
    *["Asia/Shanghai", "asia/shanghai", "Asia/Beijing", "China Standard Time", "china standard time", "PRC", "Beijing"],
    *["UTC+8", "GMT+08:00", "UTC+08:00", "GMT+0800", "+0800", "Etc/GMT-8", "中国标准时间", "중국 표준시"],
    *['"(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi"', "(UTC+08:00) Beijing\\, Chongqing", '"GMT+08:00 Beijing"'],
    *["/freeassociation.sourceforge.net/Asia/Shanghai", '"Asia/Shanghai "'],
]


@pytest.mark.parametrize("name", SHANGHAI)
def test_a_zone_is_known_by_what_programs_call_it(name: str) -> None:
    assert busy(calendar(event(f"DTSTART;TZID={name}:20261201T080000", f"DTEND;TZID={name}:20261201T090000"))) == [NINE]


@pytest.mark.parametrize(
    ("name", "clock"),
    [
        ("대한민국 표준시", "20261201T090000"),
        ("韩国标准时间", "20261201T090000"),
        ("KST", "20261201T090000"),
        ("tzone://Microsoft/Utc", "20261201T000000"),
        ("GMT-5", "20261130T190000"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern"', "20261201T010000"),
    ],
)
def test_so_are_other_zones(name: str, clock: str) -> None:
    assert busy(calendar(event(f"DTSTART;TZID={name}:{clock}", "DURATION:PT1H"))) == [NINE]


def test_a_place_whose_clocks_change_is_not_read_by_its_offset() -> None:
    july = dt.datetime(2027, 7, 1, tzinfo=dt.UTC)
    text = calendar(event('DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin":20270702T020000', "DURATION:PT1H"))
    assert busy(text, july) == [("07-02 09:00", "07-02 10:00")]
    assert [why for _, why in told(text.replace("Amsterdam, Berlin", "Somewhere"))] == [NO_ZONE]


NO_ZONE = "cannot be read: its DTSTART names an unknown time zone"


@pytest.mark.parametrize(
    "name", ["Customized Time Zone", "CST", "Asia", "localtime", "../UTC", "tzone://Microsoft/Custom"]
)
def test_a_zone_that_is_unknown_is_not_that_of_the_reader(name: str) -> None:
    text = calendar(event(f"DTSTART;TZID={name}:20261201T090000", "DURATION:PT1H"), event(*AT_NINE, uid="other"))
    assert (busy(text), told(text)) == ([NINE], [(0, NO_ZONE)])
    repeats = calendar(event(*WEEKLY, f"EXDATE;TZID={name}:20261208T090000"))
    assert busy(repeats) == WEEKS and "its EXDATE names an unknown time zone" in told(repeats)[0][1]
    own = calendar(zone(name, "+0900"), event(f"DTSTART;TZID={name}:20261201T090000", "DURATION:PT1H"))
    assert busy(own) == [NINE], "unless the calendar says what it is"


def test_each_calendar_of_a_file_has_its_own_zones() -> None:
    at = event("DTSTART;TZID=Customized Time Zone:20261201T090000", "DURATION:PT1H", uid="u")
    text = calendar(zone("Customized Time Zone", "+0800"), at) + calendar(zone("Customized Time Zone", "+0900"), at)
    assert busy(text) == [NINE, ("12-01 10:00", "12-01 11:00")]
    assert busy(calendar(at) + calendar(zone("Customized Time Zone", "+0900"))) == [NINE], "but may use another's"


@pytest.mark.parametrize("name", ["China Standard Time", "Asia/Beijing", "GMT+8", "Asia/Shanghai ", "GMT+08:00"])
def test_the_zone_of_a_calendar_is_known_by_the_same_names(name: str) -> None:
    head = f"X-WR-TIMEZONE:{name}\r\n"
    floating = event("DTSTART:20261201T080000", "DTEND:20261201T090000", uid="floating")
    assert busy(calendar(head, floating)) == [NINE]
    assert busy(calendar(head, event(*AT_NINE), event("DTSTART:20261202T000000Z", "DURATION:PT1H", uid="utc"))) == [
        NINE,
        ("12-02 09:00", "12-02 10:00"),
    ]


@pytest.mark.parametrize(
    ("start", "rule", "days"),
    [
        # 23:30 in UTC is half past eight in Seoul, on the day after. By the start one sees which of the two is meant.
        ("20261201T233000Z", "FREQ=WEEKLY;BYDAY=TU;COUNT=3", ["12-02", "12-09", "12-16"]),
        ("20261201T233000Z", "FREQ=WEEKLY;BYDAY=WE;COUNT=3", ["12-02", "12-09", "12-16"]),
        ("20261201T233000Z", "FREQ=MONTHLY;BYDAY=1TU;COUNT=2", ["12-02", "01-06"]),
        ("20261201T233000Z", "FREQ=MONTHLY;BYMONTHDAY=1;COUNT=2", ["12-02", "01-02"]),
        ("20261201T233000Z", "FREQ=MONTHLY;BYMONTHDAY=2;COUNT=2", ["12-02", "01-02"]),
        ("20261231T233000Z", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["01-01", "02-01"]),
        # Both could be; the zone of the calendar is.
        ("20261201T233000Z", "FREQ=WEEKLY;BYDAY=TU,WE;COUNT=3", ["12-02", "12-08", "12-09"]),
    ],
)
def test_a_start_in_utc_says_whose_days_its_rule_means(start: str, rule: str, days: list[str]) -> None:
    text = calendar("X-WR-TIMEZONE:Asia/Seoul\r\n", event(f"DTSTART:{start}", "DURATION:PT1H", f"RRULE:{rule}"))
    assert busy(text) == [(f"{day} 08:30", f"{day} 09:30") for day in days]


def test_an_exception_of_a_rule_in_utc_is_left_out() -> None:
    lines = ["DTSTART:20261201T233000Z", "DTEND:20261202T003000Z", "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3"]
    head, moved = "X-WR-TIMEZONE:Asia/Seoul\r\n", event("RECURRENCE-ID:20261215T233000Z", *AT_NINE)
    text = calendar(head, event(*lines, "EXDATE:20261208T233000Z"), moved)
    assert busy(text) == [NINE, ("12-02 08:30", "12-02 09:30")]


@pytest.mark.parametrize("name", ["", "Nowhere", "CST"])
def test_one_that_is_unknown_is_ignored(name: str) -> None:
    head = f"X-WR-TIMEZONE:{name}\r\n"
    for at in ("DTSTART:20261201T090000", "DTSTART:20261201T000000Z", "DTSTART;TZID=Asia/Seoul:20261201T090000"):
        assert busy(calendar(head, event(at, "DURATION:PT1H"))) == [NINE]


DAY = ("12-01 00:00", "12-02 00:00")


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:20261201", "DURATION:PT0S", "DURATION:P1D", "X-NONE:1"])
def test_a_date_is_the_whole_day(end: str) -> None:
    assert busy(calendar(event("DTSTART;VALUE=DATE:20261201", end))) == [DAY]


def test_a_date_beside_a_clock_time_is_its_midnight() -> None:
    text = calendar(event("DTSTART;VALUE=DATE:20261201", "DTEND:20261201T010000Z"))
    assert busy(text) == [("12-01 00:00", "12-01 10:00")]


@pytest.mark.parametrize("rule", ["X-NONE:1", "RRULE:FREQ=YEARLY"])
def test_what_is_going_on_is_busy_west_of_utc_too(rule: str) -> None:
    now = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)  # eight in the evening of the day before
    floating = calendar(event("DTSTART:20261130T193000", "DTEND:20261130T220000", rule))
    assert busy(floating, now, NEW_YORK) == [("12-01 09:30", "12-01 12:00")]
    assert busy(calendar(event("DTSTART;VALUE=DATE:20261130", rule)), now, NEW_YORK) == [("11-30 14:00", "12-01 14:00")]
    over = calendar(event("DTSTART:20261130T173000", "DTEND:20261130T190000", rule))
    assert busy(over, now, NEW_YORK) == []
