"""The content of a mail: its notices, rendered for the recipient, and an invitation for members of a meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..domain.confirmations import confirmation_token
from ..domain.notice_records import Delivery
from ..domain.notices import PLANNED
from ..domain.projections import MeetingRow
from ..domain.recipients import Recipient
from ..domain.sentence_rendering import display_name, render
from ..domain.sentences import INVITATION_SUMMARY
from ..domain.unsubscribe_tokens import unsubscribe_token
from ..mailing.contents import METHODS, PUBLISH, REQUEST, ConfirmationContent, Invitation, MailContent, MailItem
from .render_notices import NoticeContext, render_in_context


@dataclass(frozen=True)
class MailComposer:
    """Composes mails of this installation. `sender` is their From and the organiser of invitations; `domain` is the
    right half of each Message-ID; `link_key` signs unsubscribe links."""

    sender: str
    domain: str
    public_url: str
    link_key: bytes

    def compose(
        self,
        deliveries: Sequence[Delivery],
        recipient: Recipient,
        context: NoticeContext,
        *,
        mail_id: str,
        attempt: int,
        at: dt.datetime,
    ) -> MailContent:
        """The mail of some deliveries to one recipient, who must have an address. All attempts of a mail have the same
        `mail_id`, and so the same Message-ID."""
        assert recipient.email is not None
        notices = render_in_context(context, deliveries, recipient, recipient.lang)
        return MailContent(
            to=recipient.email,
            sender=self.sender,
            lang=recipient.lang,
            items=[MailItem(notice.title, notice.text, notice.evidence, notice.lines) for notice in notices],
            message_id=f"<{mail_id}@{self.domain}>",
            attempt=attempt,
            unsubscribe_url=self._unsubscribe_url(recipient.id),
            at=at,
            invitations=self._invitations(deliveries[0], recipient, context, notices[0].text),
        )

    def compose_confirmation(self, recipient: Recipient, *, attempt: int, at: dt.datetime) -> ConfirmationContent:
        """The mail that asks the owner of a recipient's address to confirm it. It has no text of anybody else. The
        recipient must have an address and a pending confirmation."""
        assert recipient.email is not None and recipient.confirmation is not None
        token = confirmation_token(recipient.id, recipient.confirmation.id, self.link_key)
        return ConfirmationContent(
            to=recipient.email,
            sender=self.sender,
            lang=recipient.lang,
            message_id=f"<confirm-{recipient.confirmation.id}@{self.domain}>",
            attempt=attempt,
            at=at,
            url=f"{self.public_url.rstrip('/')}/confirm/{token}",
        )

    def _unsubscribe_url(self, recipient_id: str) -> str:
        return f"{self.public_url.rstrip('/')}/unsubscribe/{unsubscribe_token(recipient_id, self.link_key)}"

    def _invitations(
        self, delivery: Delivery, recipient: Recipient, context: NoticeContext, description: str
    ) -> list[Invitation]:
        """Only for members of the meetings. Other recipients of the profile are told that they take place."""
        if delivery.template == PLANNED:
            asked = [(meeting, meeting.ical_sequence) for meeting in context.planned(delivery)]
        else:
            _, meeting = context.subjects(delivery)
            sequence = delivery.ical_sequence
            asked = [(meeting, sequence)] if meeting is not None and sequence is not None else []
        # Through the side, which belongs to one organisation: another organisation may have a member of that name.
        own = [one for one in asked if one[0].sides.get(delivery.profile_id) == recipient.member_id]
        method = METHODS.get(delivery.template)
        if delivery.template == PLANNED:
            # A colleague's meetings stand in the notice and not in this calendar, so they count in neither.
            method, description = (PUBLISH if len(own) > 1 else REQUEST), _planned_text(recipient, len(own))
        if method is None:
            return []
        return [
            self._invitation(meeting, delivery, recipient, context, (method, sequence, description))
            for meeting, sequence in own
        ]

    def _invitation(
        self,
        meeting: MeetingRow,
        delivery: Delivery,
        recipient: Recipient,
        context: NoticeContext,
        what: tuple[str, int, str],
    ) -> Invitation:
        method, sequence, description = what
        venue, profile = meeting.venue, context.profiles.get(delivery.profile_id)
        other_name = display_name(context.other_than(delivery.profile_id, meeting), recipient.lang)
        return Invitation(
            meeting_id=meeting.id,
            method=method,
            sequence=sequence,
            start=dt.datetime.fromisoformat(meeting.start),
            end=dt.datetime.fromisoformat(meeting.end),
            country=profile.country if profile else "",
            summary=INVITATION_SUMMARY[recipient.lang].format(name=other_name),
            description=description,
            location=(venue.place or venue.url) if venue else None,
            url=venue.url if venue else None,
            organiser=self.sender,
            attendee=recipient.email or "",
            attendee_name=display_name(profile, recipient.lang) if profile and profile.names else "",
            stamp=delivery.happened_at,
        )


def _planned_text(recipient: Recipient, count: int) -> str:
    return render(PLANNED, recipient.lang, other=None, zone=ZoneInfo(recipient.zone), count=count).text
