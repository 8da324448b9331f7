"""The mail of a forum's plan tells what is left of the plan when it leaves."""

from __future__ import annotations

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from services.notifications.domain.notice_records import Delivery, Outcome
from services.notifications.domain.notices import PLANNED
from services.notifications.domain.obsolescence import NO_LONGER_OPEN, TOO_LATE, plan_reason, still_ahead
from services.notifications.domain.projections import MeetingRow, ProfileRow
from services.notifications.domain.recipients import Following, Recipient
from services.notifications.mailing.contents import PUBLISH, REQUEST
from services.notifications.usecases import send_mail
from services.notifications.usecases.compose_mail import MailComposer
from services.notifications.usecases.render_notices import NoticeContext
from services.notifications.usecases.send_mail import SendLimits, SendMail

TEN = dt.datetime(2037, 12, 1, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def booked(id: str, start: dt.datetime, member_id: str = "kim-1") -> MeetingRow:
    end = start + dt.timedelta(minutes=20)
    times = {"start": start.isoformat(), "end": end.isoformat()}
    return MeetingRow(
        id=id, parties=["p-cn", "p-kr"], state="booked", sides={"p-kr": member_id}, ical_sequence=0, **times
    )


EVENING_AT = TEN + 8 * HOUR
MORNING, NOON, EVENING = booked("t-1", TEN - HOUR), booked("t-2", TEN + HOUR), booked("t-3", EVENING_AT)
DELIVERY = Delivery(
    id="d",
    recipient_id="hanbit:kim-1",
    profile_id="p-kr",
    template=PLANNED,
    about={"forum_id": "f-1", "plan": "1"},
    event_id="e",
    happened_at=TEN - 24 * HOUR,
    queued_at=TEN - 24 * HOUR,
)
RECIPIENT = Recipient(
    id="hanbit:kim-1",
    org="hanbit",
    member_id="kim-1",
    follows=[Following(profile_id="p-kr", since=TEN - 48 * HOUR)],
    lang="en",
    zone="Asia/Seoul",
    email="kim@hanbit.example",
    email_confirmed=True,
    channels=["inbox", "email"],
    registered_at=TEN - 48 * HOUR,
)
PROFILES = {id: ProfileRow(id=id, state="published") for id in ("p-cn", "p-kr")}


@pytest.mark.parametrize(
    ("planned", "ahead", "why"),
    [
        ([], [], NO_LONGER_OPEN),
        ([MORNING], [], TOO_LATE),
        ([booked("t-4", TEN)], [], TOO_LATE),
        ([MORNING, NOON], [NOON], None),
        ([NOON, EVENING], [NOON, EVENING], None),
    ],
)
def test_a_plan_is_told_while_a_meeting_of_it_is_ahead(
    planned: list[MeetingRow], ahead: list[MeetingRow], why: str | None
) -> None:
    assert (still_ahead(planned, TEN), plan_reason(planned, TEN)) == (ahead, why)


class Sending:
    """Stands for the database, and for the channel to the server."""

    def __init__(self) -> None:
        self.composer = MailComposer("Magpie <magpie@bridge.example>", "bridge.example", "https://b.example", b"k" * 32)
        self.sent: list[Any] = []

    def now(self) -> dt.datetime:
        return TEN

    async def one(self, collection: Any, id: str) -> Recipient:
        return RECIPIENT

    async def send(self, content: Any) -> None:
        self.sent.append(content)


@pytest.mark.parametrize(
    ("planned", "outcome", "listed"),
    [
        ([], Outcome("suppressed", NO_LONGER_OPEN), 0),
        ([MORNING], Outcome("suppressed", TOO_LATE), 0),
        ([MORNING, NOON, EVENING], Outcome("sent"), 2),
        ([MORNING, NOON], Outcome("sent"), 1),
    ],
)
def test_what_is_cancelled_or_has_begun_is_not_mailed(
    monkeypatch: pytest.MonkeyPatch, planned: list[MeetingRow], outcome: Outcome, listed: int
) -> None:
    async def load_context(*_: Any) -> NoticeContext:
        return NoticeContext(PROFILES, {}, {}, {}, {("f-1", "p-kr"): planned})

    monkeypatch.setattr(send_mail, "load_context", load_context)
    world: Any = Sending()
    job: Any = SimpleNamespace(
        payload=SimpleNamespace(recipient_id=RECIPIENT.id, mail_id="m", delivery_ids=["d"]), tries=1, uncounted=0
    )
    result = asyncio.run(SendMail(world, world, SendLimits(5, 5, 1.0, 1.0))._send([DELIVERY], job))
    assert result.outcomes == {"d": outcome}
    assert [len(content.items[0].lines) for content in world.sent] == ([listed] if listed else [])
    assert [len(content.invitations) for content in world.sent] == ([listed] if listed else [])
    assert all(f"({listed})" in content.items[0].title for content in world.sent)


@pytest.mark.parametrize(
    ("members", "own", "method", "said"),
    [
        (["kim-1", "lee-1"], ["m-0"], REQUEST, "Your meeting at the forum is booked. "),
        (["kim-1", "lee-1", "kim-1"], ["m-0", "m-2"], PUBLISH, "Your 2 meetings at the forum are booked. "),
        (["kim-1"], ["m-0"], REQUEST, "Your meeting at the forum is booked. "),
        (["lee-1", "lee-1"], [], None, None),
    ],
)
def test_a_delegates_calendar_is_about_its_own_meetings(
    members: list[str], own: list[str], method: str | None, said: str | None
) -> None:
    """A request is about one meeting; with a colleague's meetings in the plan, one's only meeting is still one."""
    planned = [booked(f"m-{n}", EVENING_AT + n * HOUR, member) for n, member in enumerate(members)]
    context = NoticeContext(PROFILES, {}, {}, {}, {("f-1", "p-kr"): planned})
    mail = Sending().composer.compose([DELIVERY], RECIPIENT, context, mail_id="m", attempt=1, at=TEN)
    assert [one.meeting_id for one in mail.invitations] == own
    assert {one.method for one in mail.invitations} == ({method} if method else set())
    assert all(said is not None and one.description.startswith(said) for one in mail.invitations)
    assert len(mail.items[0].lines) == len(members), "the notice itself is of the whole side"
