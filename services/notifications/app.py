"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.mongo import CollectionCache, Database, open_database
from services.chassis.ops import ChassisSettings, OutwardClient, OutwardOptions, Sealer
from services.chassis.service import Background, Definition, HttpApi, Service

from . import api, metrics, store
from .consumers import SUBSCRIPTIONS
from .dependencies import Dependencies
from .domain.notices import MATCH_NOTICE_RULES, MEETING_NOTICE_RULES
from .domain.pacing import DomainPace
from .jobs import jobs
from .mailing.smtp import smtp_client
from .settings import NotificationsSettings
from .usecases.compose_mail import MailComposer
from .usecases.mail_channel import MailChannel
from .usecases.stream_inbox import InboxSignal
from .webhooks.domain.signing import PURPOSE
from .webhooks.jobs import webhook_jobs
from .webhooks.store import WEBHOOK_COLLECTIONS

PORT = 8103


def build(chassis: ChassisSettings, settings: NotificationsSettings) -> Service:
    """The service, not started. Raises ValueError for settings that production must not run with."""
    database = open_database("notifications", chassis)
    metrics.declare_notices(event.event_type for event in (*MATCH_NOTICE_RULES, *MEETING_NOTICE_RULES))
    link_key = settings.link_key(production=chassis.environment == "production")
    channel = build_mail_channel(settings, link_key)
    settings.must_be_safe(production=chassis.environment == "production")
    receivers = OutwardClient(
        OutwardOptions(
            span="webhook send",
            timeout_seconds=settings.webhook_timeout_seconds,
            is_open=settings.webhook_open,
            ca_file=settings.webhook_ca_file,
        )
    )
    sealer = Sealer(chassis.secret, PURPOSE)
    signal = InboxSignal(max_streams=settings.max_streams, max_per_member=settings.max_streams_per_member)
    return Service(
        Definition(
            "notifications",
            (*store.ALL, *WEBHOOK_COLLECTIONS),
            SUBSCRIPTIONS,
            (*jobs(database, settings, channel), *webhook_jobs(database, settings, receivers, sealer)),
            quotas=("webhook-pace",),
        ),
        chassis,
        database,
        HttpApi(api.router, PORT, Dependencies(settings, signal, link_key, chassis.secret)),
        background=(watch_mailboxes(database, signal), Background("webhook sender", serve=receivers.serve)),
    )


def build_mail_channel(settings: NotificationsSettings, link_key: bytes) -> MailChannel | None:
    """None if no mail server is configured. Raises ValueError for a sender without an address."""
    smtp = smtp_client(settings)
    if smtp is None:
        return None
    from .mailing.renderer import MailRenderer  # here: its libraries take memory, which is for nothing without mail

    composer = MailComposer(smtp.server.sender, smtp.server.domain, settings.public_url, link_key)
    pace = DomainPace(settings.smtp_domain_seconds, settings.smtp_retry_seconds)
    return MailChannel(smtp, composer, MailRenderer(), pace)


def watch_mailboxes(database: Database, signal: InboxSignal) -> Background:
    """Wakes the streams of inboxes after each change of a mailbox, and ends them when the service stops."""
    cache = CollectionCache(database, store.MAILBOXES.name, changed=signal.changed, cleared=signal.wake_all)
    # No condition of readiness: streams that are not woken still look again at every heartbeat.
    return Background("mirror", serve=cache.serve, heartbeat=cache.heartbeat, close=signal.close)
