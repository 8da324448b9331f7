"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.jobs import Job
from services.chassis.mirror import Mirror
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings

from . import api, store
from .consumers import SUBSCRIPTIONS
from .mailing.letters import Press
from .mailing.smtp import smtp_of
from .settings import NotificationsSettings
from .usecases import planning, registering, sending
from .usecases.streaming import Bell


def build(chassis: ChassisSettings, settings: NotificationsSettings) -> Service:
    """Raises ValueError for settings that production must not run with."""
    database = open_database("notifications", chassis)
    link_key = settings.link_key(production=chassis.environment == "production")
    smtp = smtp_of(settings)
    forgetting = registering.Forgetting(database)
    mailing = planning.Mailing(is_on=smtp is not None)
    digesting = planning.Digesting(
        database, is_on=smtp is not None, translation_wait_seconds=settings.translation_wait_seconds
    )
    leaving = sending.Sending(
        database, smtp, Press(), public_url=settings.public_url, link_key=link_key, tries=settings.smtp_tries
    )
    bell = Bell()
    mirror = Mirror(database, store.MAILBOXES.name, changed=bell.changed, cleared=bell.ring_all)
    jobs = (
        Job(registering.FORGET, forgetting.work, forgetting.settle),
        Job(planning.MAIL, mailing.work, mailing.settle, at_once=32),
        Job(planning.DIGEST, digesting.work, digesting.settle),
        Job(
            planning.SEND,
            leaving.work,
            leaving.settle,
            tries=settings.smtp_tries,
            backoff_seconds=settings.smtp_retry_seconds,
            most_backoff_seconds=1800.0,
        ),
    )
    return Service(
        "notifications",
        chassis,
        database=database,
        port=8103,
        api=api.router,
        collections=store.ALL,
        subscriptions=SUBSCRIPTIONS,
        jobs=jobs,
        loops={"mirror": mirror.serve},
        hearts=(mirror.heartbeat,),
        farewells=(bell.close,),
        state={"settings": settings, "bell": bell, "link_key": link_key},
    )
