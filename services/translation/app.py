"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.mongo import open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Background, Definition, HttpApi, Service

from . import api, metrics, store
from .consumers import SUBSCRIPTIONS
from .dependencies import Dependencies
from .domain.quality import CHECKS
from .engines.glossary import GlossaryEngine, read_glossary
from .engines.openai import OpenAIEngine, endpoint
from .engines.port import Engine
from .jobs import jobs
from .settings import TranslationSettings
from .usecases.glossary import GlossaryCache
from .usecases.translate import TranslateText


def build(chassis: ChassisSettings, settings: TranslationSettings) -> Service:
    """The service, ready to run. Opens no connection yet."""
    database = open_database("translation", chassis)
    glossary = GlossaryCache(database, read_glossary())
    engine = build_engine(settings)
    metrics.declare_engine(engine.name, CHECKS)
    translate_text = TranslateText(database, engine, glossary, settings.max_characters_per_day)
    return Service(
        Definition("translation", store.ALL, SUBSCRIPTIONS, jobs(translate_text, max_tries=settings.tries)),
        chassis,
        database,
        HttpApi(api.router, 8104, Dependencies(glossary)),
        background=(Background("engine", serve=engine.serve),),
    )


def build_engine(settings: TranslationSettings) -> Engine:
    """The engine that the settings name."""
    if settings.engine == "glossary":
        return GlossaryEngine()
    # The settings refuse the engine `openai` without these three.
    assert settings.openai_base_url and settings.openai_model and settings.openai_key
    return OpenAIEngine(
        endpoint(settings.openai_base_url, settings.openai_model, settings.openai_key, settings.openai_timeout)
    )
