"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.http import LargeBody
from services.chassis.model import Doc
from services.chassis.mongo import CollectionCache, Database, open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Background, Definition, HttpApi, Service

from . import api, metrics, store
from .calendar_files import MAX_BYTES
from .consumers import SUBSCRIPTIONS
from .dependencies import Dependencies
from .domain import calendar
from .domain.budget import QUOTAS
from .domain.pair_score import Scorer
from .domain.rounds.round import QUOTA as ROUNDS_DAY
from .embedders import embedder
from .encode_together import EncodeTogether
from .encoder import Encoder
from .jobs import jobs, round_jobs
from .settings import MatchingSettings
from .usecases.advise import Advise
from .usecases.embed_profile import EmbedProfile
from .usecases.forget_profile import ForgetProfile
from .usecases.holiday_table import RecheckAll
from .usecases.propose_matches import ProposeMatches
from .usecases.reencode import reencode_all
from .usecases.run_round import RunRound
from .vector_index import VectorIndex

CALENDAR_FILE = LargeBody("PUT", "/v1/members/{member_id}/busy", "text/calendar", MAX_BYTES)


def build(chassis: ChassisSettings, settings: MatchingSettings, *, encoder: Encoder | None = None) -> Service:
    """The service, not started yet. `encoder`: one that is loaded already, instead of the one in the settings."""
    database = open_database("matching", chassis)
    encoder = encoder or Encoder(embedder(settings.embedder))
    scorer = Scorer(encoder.bridge, encoder.taxonomy, encoder.pair_model)
    index = VectorIndex(encoder.name)
    cache = CollectionCache(
        database, store.INDEXED.name, changed=index.changed, cleared=index.cleared, loaded=index.loaded
    )
    metrics.index_profiles.set_function(lambda: len(index))
    metrics.index_lag.set_function(lambda: cache.behind_seconds)
    embed = EmbedProfile(database, EncodeTogether(encoder), index)
    propose = ProposeMatches(database, index, scorer, settings)
    advise = Advise(database, index, scorer, settings)
    live = jobs(embed, propose, ForgetProfile(database), RecheckAll(database), cache)
    all_jobs = (*live, *round_jobs(RunRound(database, scorer, settings)))
    service = Service(
        Definition("matching", store.ALL, SUBSCRIPTIONS, all_jobs, quotas=(*QUOTAS, ROUNDS_DAY)),
        chassis,
        database,
        HttpApi(api.router, 8102, Dependencies(settings, scorer, advise), large_bodies=(CALENDAR_FILE,)),
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
    """Shows in the metrics which table of holidays is loaded, and how far it reaches. What is decided reads the table
    itself."""
    seen = calendar.LIBRARY

    def changed(id: str, doc: Doc | None) -> None:
        nonlocal seen
        metrics.table_seen(id, doc)
        seen = store.HOLIDAYS.read(doc).calendar() if doc else calendar.LIBRARY

    metrics.holidays_certain_until.set_function(lambda: seen.certain_until(database.now().date()).timestamp())
    cache = CollectionCache(database, store.HOLIDAYS.name, changed=changed, cleared=metrics.no_table)
    return Background("holidays", serve=cache.serve, heartbeat=cache.heartbeat)
