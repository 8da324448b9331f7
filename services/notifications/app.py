"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.jobs import Job
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings

from . import api, store
from .consumers import SUBSCRIPTIONS
from .settings import NotificationsSettings
from .usecases import registering


def build(chassis: ChassisSettings, settings: NotificationsSettings) -> Service:
    database = open_database("notifications", chassis)
    forgetting = registering.Forgetting(database)
    return Service(
        "notifications",
        chassis,
        database=database,
        port=8103,
        api=api.router,
        collections=store.ALL,
        subscriptions=SUBSCRIPTIONS,
        jobs=(Job(registering.FORGET, forgetting.work, forgetting.settle),),
        state={"settings": settings},
    )
