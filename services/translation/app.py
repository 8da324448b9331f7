"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.jobs import Job
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings

from . import api, store, usecases
from .consumers import SUBSCRIPTIONS
from .engines import GlossaryEngine, read_glossary
from .settings import TranslationSettings


def build(chassis: ChassisSettings, settings: TranslationSettings) -> Service:
    database = open_database("translation", chassis)
    glossary = read_glossary()
    translating = usecases.Translating(database, GlossaryEngine(glossary))
    jobs = (
        Job(usecases.TRANSLATE, translating.work, translating.settle, tries=settings.tries, at_once=16),
        Job(usecases.SWEEP, usecases.nothing_to_prepare, usecases.sweep),
    )
    return Service(
        "translation",
        chassis,
        database=database,
        port=8104,
        api=api.router,
        collections=store.ALL,
        subscriptions=SUBSCRIPTIONS,
        jobs=jobs,
        state={"glossary": glossary},
    )
