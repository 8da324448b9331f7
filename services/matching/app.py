"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.mongo import CollectionCache, Database, open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Background, Definition, HttpApi, Service

from . import api, metrics, store
from .consumers import SUBSCRIPTIONS
from .dependencies import Dependencies
from .domain.budget import QUOTAS
from .domain.pair_score import Scorer
from .embedders import embedder
from .encoder import Encoder
from .jobs import jobs
from .settings import MatchingSettings
from .usecases.embed_profile import EmbedProfile
from .usecases.forget_profile import ForgetProfile
from .usecases.holiday_table import RecheckAll
from .usecases.propose_matches import ProposeMatches
from .usecases.reencode import reencode_all
from .vector_index import VectorIndex


def build(chassis: ChassisSettings, settings: MatchingSettings, *, encoder: Encoder | None = None) -> Service:
    """The service, not started yet. `encoder`: one that is loaded already, instead of the one in the settings."""
    database = open_database("matching", chassis)
    encoder = encoder or Encoder(embedder(settings.embedder))
    scorer = Scorer(encoder.bridge, encoder.taxonomy, encoder.pair_model)
    index = VectorIndex(encoder.name)
    cache = CollectionCache(database, store.INDEXED.name, changed=index.changed, cleared=index.cleared)
    embed = EmbedProfile(database, encoder, index)
    propose = ProposeMatches(database, index, scorer, settings)
    service = Service(
        Definition(
            "matching",
            store.ALL,
            SUBSCRIPTIONS,
            jobs(embed, propose, ForgetProfile(database), RecheckAll(database), cache),
            quotas=QUOTAS,
        ),
        chassis,
        database,
        HttpApi(api.router, port=8102, dependencies=Dependencies(settings, scorer)),
        background=(
            mirror(cache),
            watch_holidays(database),
            Background("encoder", serve=lambda: reencode_all(database, service.commands, encoder.name)),
        ),
    )
    return service


def mirror(cache: CollectionCache) -> Background:
    """Keeps the index of this replica up to date."""
    ready = ("index caught up", lambda: cache.is_loaded)
    return Background("mirror", serve=cache.serve, heartbeat=cache.heartbeat, ready=ready)


def watch_holidays(database: Database) -> Background:
    """Shows in the metrics which table of holidays is loaded. What is decided reads the table itself."""
    cache = CollectionCache(database, store.HOLIDAYS.name, changed=metrics.table_seen, cleared=metrics.no_table)
    return Background("holidays", serve=cache.serve, heartbeat=cache.heartbeat)
