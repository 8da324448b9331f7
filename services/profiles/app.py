"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from functools import partial

from services.chassis.mongo import open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Background, Definition, HttpApi, Service

from . import api, store
from .dependencies import Dependencies
from .jobs import jobs
from .settings import ProfilesSettings
from .usecases.census import keep_counting


def build(chassis: ChassisSettings, settings: ProfilesSettings) -> Service:
    """The service, ready to run. Opens no connection yet."""
    database = open_database("profiles", chassis)
    return Service(
        Definition("profiles", store.ALL, jobs=jobs(database)),
        chassis,
        database,
        HttpApi(api.router, 8101, Dependencies(settings)),
        background=(Background("census", serve=partial(keep_counting, database, settings.census_seconds)),),
    )
