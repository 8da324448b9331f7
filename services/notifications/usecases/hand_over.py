"""One attempt to hand a mail to the server, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from dataclasses import dataclass

from services.chassis.commit import RetryLater

from .. import metrics
from ..domain.notice_records import Outcome
from ..mailing.smtp import AddressRefused, MailRefused, MayHaveArrived, TryLater


@dataclass(frozen=True)
class Attempt:
    """How an attempt has ended. `outcome` None: nothing is known, it has to be repeated. `refused_code`: the server
    says that there is no such address. `is_with_server`: the server may take the mail still."""

    outcome: Outcome | None
    refused_code: int | None = None
    is_with_server: bool = False


async def attempt(sending: Awaitable[None], *, is_last: bool, is_last_unsure: bool = False) -> Attempt:
    """Awaits the sending. Raises RetryLater, and what else may pass; at the last try such a failure is the outcome,
    because a dead job would emit no event. `is_last_unsure`: it is the last one of which it may stay unknown whether it
    arrived."""
    try:
        await _timed(sending)
    except RetryLater:
        raise  # it was not tried
    except AddressRefused as refused:
        metrics.mails.labels("no_address").inc()
        return Attempt(Outcome("failed", f"smtp_{refused.code}"), refused.code)
    except MailRefused as refused:
        metrics.mails.labels("refused").inc()
        return Attempt(Outcome("failed", f"smtp_{refused.code}"))
    except MayHaveArrived as unsure:
        metrics.mails.labels("unsure").inc()
        outcome = Outcome("failed", "gave_up") if is_last or is_last_unsure else None
        return Attempt(outcome, is_with_server=unsure.is_with_server)
    except Exception as trouble:
        is_slowed = isinstance(trouble, TryLater) and trouble.slower
        metrics.mails.labels("slowed" if is_slowed else "again").inc()
        if is_last:
            return Attempt(Outcome("failed", "gave_up"))
        raise
    metrics.mails.labels("accepted").inc()
    return Attempt(Outcome("sent"))


async def _timed(sending: Awaitable[None]) -> None:
    began, is_tried = time.perf_counter(), True
    try:
        await sending
    except RetryLater:
        is_tried = False
        raise
    finally:
        if is_tried:
            metrics.mail_seconds.observe(time.perf_counter() - began)
