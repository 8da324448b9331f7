"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from functools import partial

from services.chassis.jobs import Job
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings

from . import api, metrics, store, usecases
from .settings import ProfilesSettings


def build(chassis: ChassisSettings, settings: ProfilesSettings) -> Service:
    database = open_database("profiles", chassis)
    forget = Job(usecases.FORGET, partial(usecases.forget_kept_answers, database), usecases.answers_forgotten)
    return Service(
        "profiles",
        chassis,
        database=database,
        port=8101,
        api=api.router,
        collections=store.ALL,
        jobs=(forget,),
        loops={"census": partial(metrics.keep_counting, database, every_seconds=settings.census_seconds)},
        state={"settings": settings},
    )
