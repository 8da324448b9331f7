"""Which side is notified of which event, and when a notice has become obsolete."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from schemas import matches, meetings
from schemas.envelope import Event
from services.notifications.domain.notice_records import Delivery
from services.notifications.domain.notices import CALENDAR_TEMPLATES, Notice, match_notice, meeting_notice
from services.notifications.domain.obsolescence import NO_LONGER_OPEN, SUPERSEDED, obsolete_reason, supersedes
from services.notifications.domain.projections import MatchRow, MeetingRow
from services.notifications.domain.unsubscribe_tokens import recipient_of_token, unsubscribe_token
from services.notifications.mailing.contents import METHODS
from tests.integration.notifications.forum import MATCH, MEETING

MOVE = meetings.Move(
    start="2037-12-02T01:00:00.000+00:00",
    end="2037-12-02T01:20:00.000+00:00",
    venue=meetings.Venue(kind="onsite", place="B-1"),
    asked_by="p-kr",
    lapses_at="2037-12-01T00:00:00.000+00:00",
)
BOTH = ["p-cn", "p-kr"]
MATCH_ROW, MEETING_ROW = MatchRow(id="m-1"), MeetingRow(id="t-1", state="booked")


def match(event: type[matches.MatchState], **changes: Any) -> matches.MatchState:
    return event(**(MATCH | changes))


def meeting(event: type[meetings.MeetingState], **changes: Any) -> meetings.MeetingState:
    return event(**(MEETING | changes))


def notice_of(event: Event, before: Any) -> Notice | None:
    if isinstance(event, matches.MatchState):
        return match_notice(event, before)
    assert isinstance(event, meetings.MeetingState)
    return meeting_notice(event, before)


@pytest.mark.parametrize(
    ("event", "before", "sides"),
    [
        (match(matches.MatchAccepted, accepted_by=["p-kr"]), MATCH_ROW, ["p-cn"]),
        (match(matches.MatchDeclined), MATCH_ROW, None),
        (match(matches.MatchExpired), MATCH_ROW, []),
        (match(matches.MatchExpired, accepted_by=["p-cn"]), MATCH_ROW, ["p-cn", "p-kr"]),
        (match(matches.MatchWithdrawn, reason="displaced"), MATCH_ROW, []),
        (match(matches.MatchWithdrawn, reason="profile_withdrawn", accepted_by=["p-kr"]), MATCH_ROW, ["p-cn", "p-kr"]),
        (meeting(meetings.MeetingMoveRequested, move=MOVE), MEETING_ROW, ["p-cn"]),
        (meeting(meetings.MeetingRescheduled), MEETING_ROW, ["p-cn", "p-kr"]),
        (meeting(meetings.MeetingMoveLapsed), MeetingRow(id="t-1", move=MOVE), ["p-kr"]),
        (meeting(meetings.MeetingMoveLapsed), MEETING_ROW, []),
        (meeting(meetings.MeetingExpired), MEETING_ROW, ["p-kr"]),
        (meeting(meetings.MeetingConflictDetected, conflicts=["kim-1"]), MEETING_ROW, ["p-cn", "p-kr"]),
        (meeting(meetings.MeetingNoShow, state="no_show"), MEETING_ROW, ["p-cn", "p-kr"]),
    ],
)
def test_each_side_hears_what_it_has_to_know(event: Event, before: Any, sides: list[str] | None) -> None:
    notice = notice_of(event, before)
    assert (notice.sides if notice else None) == sides


@pytest.mark.parametrize(
    ("event", "before", "bound"),
    [
        (match(matches.MatchAccepted, accepted_by=["p-kr"]), MATCH_ROW, MATCH["expires_at"]),
        (match(matches.MatchAgreed), MATCH_ROW, None),
        (meeting(meetings.MeetingRequested), MeetingRow(id="t-1"), MEETING["lapses_at"]),
        (
            meeting(meetings.MeetingBooked, lapses_at=None),
            MeetingRow(id="t-1", start=MEETING["start"]),
            MEETING["start"],
        ),
        # Moved to a later time: who knows the old one would go there.
        (meeting(meetings.MeetingRescheduled, start=MOVE.start, lapses_at=None), MEETING_ROW, MOVE.start),
        (
            meeting(meetings.MeetingRescheduled, start=MOVE.start, lapses_at=None),
            MeetingRow(id="t-1", start=MEETING["start"], move=MOVE),
            MEETING["start"],
        ),
        (
            meeting(meetings.MeetingMoveRequested, move=MOVE, lapses_at=None),
            MeetingRow(id="t-1", start=MEETING["start"]),
            MOVE.lapses_at,
        ),
        (meeting(meetings.MeetingNoShow, state="no_show"), MeetingRow(id="t-1", start=MEETING["start"]), None),
        (
            meeting(meetings.MeetingMoveLapsed, start="2037-12-05T01:00:00.000+00:00", lapses_at=None),
            MeetingRow(id="t-1", move=MOVE),
            MOVE.start,
        ),
    ],
)
def test_a_notice_is_bound_by_all_that_its_readers_plan_by(event: Event, before: Any, bound: str | None) -> None:
    notice = notice_of(event, before)
    assert notice and notice.bound == (dt.datetime.fromisoformat(bound) if bound else None)


def test_a_named_partner_hears_that_it_was_named_and_the_asker_nothing() -> None:
    live, asked = (notice_of(match(matches.MatchProposed, accepted_by=by), MATCH_ROW) for by in ([], ["p-kr"]))
    assert live and (live.template, live.sides) == ("match.proposed", ["p-cn", "p-kr"])
    assert asked and (asked.template, asked.sides) == ("match.asked", ["p-cn"])


def test_a_request_that_is_cancelled_takes_nothing_out_of_a_calendar() -> None:
    cancelled = meeting(meetings.MeetingCancelled, state="cancelled", ical_sequence=1)
    asked, booked = (notice_of(cancelled, MeetingRow(id="t-1", state=s)) for s in ("requested", "booked"))
    assert asked and booked and (asked.ical_sequence, booked.ical_sequence) == (None, 1)


REQUESTED = MeetingRow(id="t-1", state="requested")


@pytest.mark.parametrize(
    ("event", "before", "told"),
    [
        (meeting(meetings.MeetingRequested, accepted_by=[]), MeetingRow(id="t-1"), ("meeting.offered", BOTH)),
        (meeting(meetings.MeetingRequested, accepted_by=["p-kr"]), REQUESTED, None),
        (meeting(meetings.MeetingBooked, state="booked", accepted_by=BOTH), REQUESTED, ("meeting.booked", BOTH)),
        (
            meeting(meetings.MeetingExpired, state="expired", accepted_by=["p-cn"]),
            REQUESTED,
            ("meeting.offer_ended", ["p-cn"]),
        ),
        (
            meeting(meetings.MeetingExpired, state="expired", accepted_by=BOTH, reason="slot_taken"),
            REQUESTED,
            ("meeting.offer_ended", BOTH),
        ),
        (
            meeting(meetings.MeetingCancelled, state="cancelled", accepted_by=BOTH, ended_by="p-cn"),
            REQUESTED,
            ("meeting.offer_ended", ["p-kr"]),
        ),
        (
            meeting(meetings.MeetingCancelled, state="cancelled", accepted_by=BOTH, ended_by="p-cn"),
            MeetingRow(id="t-1", state="booked"),
            ("meeting.cancelled", BOTH),
        ),
    ],
)
def test_both_sides_hear_once_of_an_offer_and_of_its_end_who_had_accepted(
    event: Event, before: MeetingRow, told: tuple[str, list[str]] | None
) -> None:
    notice = notice_of(event, before)
    assert (notice and (notice.template, notice.sides)) == told
    if notice and notice.template == "meeting.offered":
        assert notice.bound == dt.datetime.fromisoformat(MEETING["lapses_at"])


def delivery(template: str, **changes: Any) -> Delivery:
    now = dt.datetime(2037, 12, 1, tzinfo=dt.UTC)
    about = {"match_id": "m-1"} if template.startswith("match") else {"match_id": "m-1", "meeting_id": "t-1"}
    fields: dict[str, Any] = {
        "recipient_id": "wang-1",
        "profile_id": "p-cn",
        "template": template,
        "about": about,
        "event_id": "e",
        "happened_at": now,
        "queued_at": now,
    }
    return Delivery(id="d", **(fields | changes))


def a_match(**changes: Any) -> MatchRow:
    return MatchRow(id="m-1", **changes)


def a_meeting(**changes: Any) -> MeetingRow:
    return MeetingRow(id="t-1", **changes)


@pytest.mark.parametrize(
    ("template", "row", "why"),
    [
        ("meeting.no_show", a_meeting(state="no_show"), None),
        ("meeting.no_show", a_meeting(state="completed"), NO_LONGER_OPEN),
        ("meeting.offered", a_meeting(state="requested", accepted_by=["p-kr"], asked_by="p-cn"), None),
        ("meeting.offered", a_meeting(state="requested", accepted_by=["p-cn"]), SUPERSEDED),
        ("meeting.offered", a_meeting(state="expired", accepted_by=[]), NO_LONGER_OPEN),
        ("match.proposed", a_match(state="proposed"), None),
        ("match.proposed", a_match(state="accepted", accepted_by=["p-kr"]), None),
        ("match.proposed", a_match(state="accepted", accepted_by=["p-cn"]), NO_LONGER_OPEN),
        ("match.proposed", a_match(state="withdrawn"), NO_LONGER_OPEN),
        ("match.proposed", None, NO_LONGER_OPEN),
        ("match.accepted", a_match(state="agreed"), NO_LONGER_OPEN),
        ("match.withdrawn", a_match(state="withdrawn"), None),
        ("meeting.requested", a_meeting(state="requested", asked_by="p-kr"), None),
        ("meeting.requested", a_meeting(state="requested", asked_by="p-cn"), SUPERSEDED),
        ("meeting.requested", a_meeting(state="booked"), NO_LONGER_OPEN),
        ("meeting.booked", a_meeting(state="booked"), None),
        ("meeting.booked", a_meeting(state="booked", ical_sequence=1), SUPERSEDED),
        ("meeting.booked", a_meeting(state="cancelled", ical_sequence=1), NO_LONGER_OPEN),
        ("meeting.move_requested", a_meeting(state="booked", move=MOVE), None),
        ("meeting.move_requested", a_meeting(state="booked"), NO_LONGER_OPEN),
        ("meeting.conflict_detected", a_meeting(state="booked", conflicts=["CN"]), None),
        ("meeting.conflict_detected", a_meeting(state="booked"), NO_LONGER_OPEN),
        ("meeting.cancelled", a_meeting(state="cancelled"), None),
        ("meeting.expired", a_meeting(state="expired"), None),
    ],
)
def test_what_has_become_untrue_while_it_waited_is_not_told(
    template: str, row: MatchRow | MeetingRow | None, why: str | None
) -> None:
    about_match = row if isinstance(row, MatchRow) else None
    about_meeting = row if isinstance(row, MeetingRow) else None
    sequence = 0 if template == "meeting.booked" else None
    assert obsolete_reason(delivery(template, ical_sequence=sequence), about_match, about_meeting) == why


AN_INVITATION: dict[str, Any] = {"ical_sequence": 0}
ANOTHER = {"meeting": "t-2"}


@pytest.mark.parametrize(
    ("older", "newer", "gives_way"),
    [
        (("match.accepted", {}), ("match.agreed", {}), True),
        (("match.agreed", {}), ("meeting.requested", AN_INVITATION), True),
        (("meeting.requested", AN_INVITATION), ("meeting.cancelled", {}), True),
        (("meeting.cancelled", {}), ("meeting.requested", ANOTHER), True),
        # Another meeting of the match may be open beside it.
        (("meeting.requested", AN_INVITATION), ("meeting.requested", AN_INVITATION | ANOTHER), False),
        (("meeting.requested", AN_INVITATION), ("meeting.booked", AN_INVITATION | ANOTHER), False),
        (("meeting.requested", AN_INVITATION), ("meeting.cancelled", ANOTHER), False),
        (("meeting.requested", AN_INVITATION), ("meeting.offered", AN_INVITATION | ANOTHER), False),
        (("meeting.offered", AN_INVITATION), ("meeting.expired", ANOTHER), False),
        (("meeting.no_show", AN_INVITATION), ("meeting.requested", AN_INVITATION | ANOTHER), False),
        (("meeting.requested", AN_INVITATION), ("match.withdrawn", {}), True),
        (("meeting.offered", AN_INVITATION), ("match.expired", {}), True),
        (("meeting.booked", AN_INVITATION), ("meeting.cancelled", AN_INVITATION), True),
        (("meeting.cancelled", AN_INVITATION), ("meeting.requested", ANOTHER), False),
        (("meeting.cancelled", AN_INVITATION), ("meeting.booked", AN_INVITATION | ANOTHER), False),
        (("meeting.booked", AN_INVITATION), ("match.withdrawn", {}), False),
        (("meeting.booked", AN_INVITATION), ("meeting.move_requested", AN_INVITATION), False),
        (("meeting.move_requested", {}), ("meeting.conflict_detected", {}), False),
        (("meeting.conflict_detected", {}), ("meeting.conflict_detected", {}), True),
        (("meeting.move_requested", {}), ("meeting.rescheduled", AN_INVITATION), True),
    ],
)
def test_a_mail_gives_way_to_one_that_tells_at_least_as_much(older: Any, newer: Any, gives_way: bool) -> None:
    first, second = (
        delivery(template, ical_sequence=more.get("ical_sequence"), about=about(template, more))
        for template, more in (older, newer)
    )
    assert supersedes(second, first) is gives_way


def about(template: str, more: dict[str, Any]) -> dict[str, str]:
    meeting = {"meeting_id": more.get("meeting", "t-1")} if template.startswith("meeting") else {}
    return {"match_id": "m-1", **meeting}


def test_whatever_has_an_invitation_is_known_to_change_calendars() -> None:
    assert METHODS.keys() == CALENDAR_TEMPLATES


def test_a_link_names_its_recipient_and_cannot_be_changed() -> None:
    key = b"a key of sixteen bytes or more"
    token = unsubscribe_token("kim-1", key)
    assert recipient_of_token(token, key) == "kim-1"
    name, _, seal = token.partition(".")
    other = unsubscribe_token("lee-1", key).partition(".")[0]
    changed = [
        f"{other}.{seal}",
        f"{name}.{seal[:-2]}AA",
        f"{name}.",
        name,
        "",
        "é.é",
        f"{token}=",
        f"{token}.x",
        unsubscribe_token("kim-1", b"another key"),
    ]
    assert [recipient_of_token(text, key) for text in changed] == [None] * len(changed)


def test_the_bookings_of_a_plan_make_one_notice_for_each_side() -> None:
    first, second = (
        meeting_notice(
            meeting(meetings.MeetingBooked, meeting_id=f"t-{n}", state="booked", forum_id="f-1", plan=3), MEETING_ROW
        )
        for n in (1, 2)
    )
    assert first is not None and first == second
    assert (first.template, first.gathers, first.ical_sequence) == ("forum.planned", "f-1/3", None)
    assert first.sides == ["p-cn", "p-kr"] and first.about == {"forum_id": "f-1", "plan": "3"}
    by_hand = meeting_notice(meeting(meetings.MeetingBooked, state="booked"), MEETING_ROW)
    assert by_hand is not None and by_hand.template == "meeting.booked"
