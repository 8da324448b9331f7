"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.jobs import Job
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings

from . import api, store
from .consumers import SUBSCRIPTIONS
from .engines.glossary import GlossaryEngine, read_glossary
from .engines.openai import Endpoint, OpenAIEngine
from .engines.port import Engine
from .settings import TranslationSettings
from .usecases import texts, translating
from .usecases.terms import Terms


def build(chassis: ChassisSettings, settings: TranslationSettings) -> Service:
    database = open_database("translation", chassis)
    terms = Terms(database, read_glossary())
    engine = engine_of(settings)
    translate = translating.Translating(database, engine, terms)
    jobs = (
        Job(translating.TRANSLATE, translate.work, translate.settle, tries=settings.tries, at_once=16),
        Job(texts.SWEEP, texts.nothing_to_prepare, texts.sweep),
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
        loops={"engine": engine.stay_open},
        state={"terms": terms},
    )


def engine_of(settings: TranslationSettings) -> Engine:
    """The settings have seen to it that what an engine needs is there."""
    if settings.engine == "glossary":
        return GlossaryEngine()
    assert settings.openai_base_url and settings.openai_model and settings.openai_key
    return OpenAIEngine(
        Endpoint(settings.openai_base_url, settings.openai_model, settings.openai_key, settings.openai_timeout)
    )
