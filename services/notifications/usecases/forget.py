"""Recipients are deleted: one member, or all recipients whose only profile was erased."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork, forget_answers
from services.chassis.model import Caller
from services.chassis.mongo import Database

from .. import store
from ..domain.recipients import Recipient
from ..job_kinds import FORGET, ForgetJob, Forgotten
from ..store import AUDIENCES, RECIPIENTS, WAITING
from .recipients import leave_audience, load_self, not_found
from .record_outcome import close_mailbox, last_number


async def forget_recipient(uow: UnitOfWork, *, caller: Caller, member_id: str) -> None:
    """Deletes the caller's own recipient; a job removes its inbox and deliveries. Raises NotFound."""
    recipient = await load_self(uow, caller, member_id)
    for profile_id in recipient.profile_ids:
        await leave_audience(uow, recipient, profile_id)
    _plan_removal(uow, [await _delete(uow, recipient)])


async def stop_following(uow: UnitOfWork, *, caller: Caller, member_id: str, profile_id: str) -> None:
    """Ends the notices about one profile; those that the inbox has stay. Without another profile the recipient is
    deleted. Raises NotFound."""
    recipient = await load_self(uow, caller, member_id)
    if profile_id not in recipient.profile_ids:
        raise not_found()
    rest = recipient.without_profile(profile_id)
    await leave_audience(uow, recipient, profile_id)
    if rest is None:
        _plan_removal(uow, [await _delete(uow, recipient)])
    else:
        uow.put(RECIPIENTS, rest)


async def forget_audience(uow: UnitOfWork, profile_id: str) -> None:
    """Takes a profile that was erased from its recipients, with all that they were told about it. Those without another
    profile are deleted."""
    audience = await uow.get(AUDIENCES, profile_id)
    if audience is None:
        return
    forgotten: list[Forgotten] = []
    for recipient_id in audience.recipient_ids:
        recipient = await uow.get(RECIPIENTS, recipient_id)
        if recipient is None:
            continue
        rest = recipient.without_profile(profile_id)
        if rest is None:
            forgotten.append(await _delete(uow, recipient))
        else:
            uow.put(RECIPIENTS, rest)
            up_to = await last_number(uow, recipient.id)
            forgotten.append(Forgotten(recipient_id=recipient.id, up_to=up_to, profile_id=profile_id))
    uow.delete(AUDIENCES, audience)
    _plan_removal(uow, forgotten)


async def _delete(uow: UnitOfWork, recipient: Recipient) -> Forgotten:
    """Deletes the documents of a recipient that have its id, and says what else there is to remove. The audience is the
    caller's concern."""
    # The mailbox goes on counting after its deletion, so a member who registers again keeps its new notices.
    up_to = await last_number(uow, recipient.id)
    uow.delete(RECIPIENTS, recipient)
    await close_mailbox(uow, recipient)
    waiting = await uow.get(WAITING, recipient.id)
    if waiting is not None:
        uow.delete(WAITING, waiting)
    return Forgotten(recipient_id=recipient.id, up_to=up_to, answers_subject=recipient.answers_subject)


def _plan_removal(uow: UnitOfWork, forgotten: list[Forgotten]) -> None:
    # In a job: the notices may be too many for one transaction, and are found by recipient, not by id.
    cause = uow.derived_id("forget", *(left.recipient_id for left in forgotten))
    uow.enqueue(FORGET, ForgetJob(forgotten=forgotten), cause=cause)


@dataclass(frozen=True)
class RemoveForgotten:
    """The job `forget`: removes inbox entries, deliveries, and stored answers about deleted recipients."""

    database: Database

    async def work(self, job: Claimed[ForgetJob]) -> None:
        """Idempotent, so it may run twice, also after the member has registered again."""
        for left in job.payload.forgotten:
            await store.remove_notices(self.database, left.recipient_id, up_to=left.up_to, profile_id=left.profile_id)
        subjects = [left.answers_subject for left in job.payload.forgotten if left.answers_subject]
        await forget_answers(self.database, subjects)
