"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from services.chassis.commit import AnyJob, Commands
from services.chassis.http import LargeBody
from services.chassis.model import Doc
from services.chassis.mongo import CollectionCache, Database, open_database
from services.chassis.ops import ChassisSettings, OutwardClient, OutwardOptions, Sealer, logger
from services.chassis.service import Background, Definition, HttpApi, Service

from . import api, calendar_files, metrics, sheets, store
from .chosen_encoders import WITHOUT_MODEL, encoders_of
from .consumers import SUBSCRIPTIONS
from .dependencies import Dependencies
from .domain import calendar
from .domain.budget import QUOTAS
from .domain.linked_calendar import PURPOSE
from .domain.pair_score import Scorer
from .domain.rounds.round import QUOTA as ROUNDS_DAY
from .encode_together import MAX_TEXTS_LATER, Encodes, EncodeTogether
from .encoder import Encoder, scorer_of
from .encoder_process import EncoderProcess
from .jobs import calendar_jobs, other_jobs, plan_jobs, proposing, round_jobs
from .link_store import LINK_COLLECTIONS
from .pass_store import PASS_BOOKS
from .plan_solver import NOT_INSTALLED, is_installed
from .settings import MatchingSettings
from .usecases.advise import Advise
from .usecases.board_passes import visitor_with
from .usecases.embed_profile import EmbedProfile, EmbedSecond
from .usecases.forget_in_plans import ForgetInPlans
from .usecases.forget_profile import ForgetProfile
from .usecases.holiday_table import RecheckAll
from .usecases.linked_calendars import ReadCalendar
from .usecases.offer_slots import OfferSlots
from .usecases.plan_forum import PlanForum
from .usecases.propose_matches import ProposeMatches
from .usecases.publish_plan import PublishPlan
from .usecases.reencode import reencode_all
from .usecases.run_round import RunRound
from .usecases.sweep import sweep_forever
from .vector_index import VectorIndex

log = logger(__name__)
COLLECTIONS = (*store.ALL, *LINK_COLLECTIONS, PASS_BOOKS)
LARGE_BODIES = (
    LargeBody("PUT", "/v1/members/{member_id}/busy", "text/calendar", calendar_files.MAX_BYTES),
    *(LargeBody("POST", "/v1/forums/{forum_id}/import", kind, sheets.MAX_BYTES) for kind in (sheets.CSV, sheets.XLSX)),
)


def build(
    chassis: ChassisSettings,
    settings: MatchingSettings,
    *,
    encoder: Encoder | None = None,
    second: Encoder | None = None,
) -> Service:
    """The service, not started yet. `encoder`, `second`: in this process, instead of those of the settings."""
    database = open_database("matching", chassis)
    encoders = [encoder, *([second] if second else [])] if encoder else encoders_of(settings)
    names = [one.name for one in encoders]
    asked, process = (encoders, ()) if encoder else in_a_process(settings, encoders)
    scorer, index = scorer_of(encoders), VectorIndex(*names)
    cache, advise = cache_of(database, index), Advise(database, index, scorer, settings)
    read, client = reading_calendars(database, chassis, settings)
    all_jobs = (
        *proposing(*embedding(database, asked, index), ProposeMatches(database, index, scorer, settings), cache),
        *other_jobs(ForgetProfile(database), RecheckAll(database)),
        *for_organisers(database, scorer, settings),
        *calendar_jobs(read),
    )
    service = Service(
        Definition("matching", COLLECTIONS, SUBSCRIPTIONS, all_jobs, quotas=(*QUOTAS, ROUNDS_DAY)),
        chassis,
        database,
        http_api(database, Dependencies(settings, scorer, advise, encoders[0].concepts, chassis.secret)),
        background=(client, *process, *watching(database, cache), *mending(database, lambda: service.commands, names)),
    )
    return service


def reading_calendars(
    database: Database, chassis: ChassisSettings, settings: MatchingSettings
) -> tuple[ReadCalendar, Background]:
    """What reads the calendars that members have linked, and the client by which it asks."""
    settings.must_be_safe(production=chassis.environment == "production")
    options = OutwardOptions(
        span="calendar read",
        timeout_seconds=settings.linked_calendar_timeout_seconds,
        is_open=settings.linked_calendar_open,
    )
    client = OutwardClient(options)
    read = ReadCalendar(database, client, Sealer(chassis.secret, PURPOSE), settings)
    return read, Background("calendar client", serve=client.serve)


def for_organisers(database: Database, scorer: Scorer, settings: MatchingSettings) -> tuple[AnyJob, ...]:
    """The jobs of rounds, and of plans of forums."""
    rounds = round_jobs(RunRound(database, scorer, settings))
    plans = PlanForum(database, settings)
    if settings.plan_work and not is_installed():
        log.warning("no_solver", detail=NOT_INSTALLED)
    return (*rounds, *plan_jobs(plans, PublishPlan(database), ForgetInPlans(database), OfferSlots(database)))


def mending(database: Database, commands: Callable[[], Commands], encoders: Sequence[str]) -> tuple[Background, ...]:
    """What plans again: searches whose jobs died, and profiles of other encoders."""
    return (
        Background("sweep", serve=lambda: sweep_forever(database, commands())),
        Background("encoder", serve=lambda: reencode_all(database, commands(), encoders)),
    )


def http_api(database: Database, dependencies: Dependencies) -> HttpApi:
    """What is answered over HTTP."""
    pages = replace(api.PAGES, visitor=partial(visitor_with, database))
    return HttpApi(api.router, 8102, dependencies, large_bodies=LARGE_BODIES, pages=pages)


def cache_of(database: Database, index: VectorIndex) -> CollectionCache:
    """What tells the index of every change; both are shown in the metrics."""
    cache = CollectionCache(
        database, store.INDEXED.name, changed=index.changed, cleared=index.cleared, loaded=index.loaded
    )
    metrics.index_profiles.set_function(lambda: len(index))
    metrics.index_lag.set_function(lambda: cache.behind_seconds)
    return cache


def in_a_process(
    settings: MatchingSettings, encoders: Sequence[Encoder]
) -> tuple[Sequence[Encodes], tuple[Background, ...]]:
    """What is asked to encode instead of encoders with a model, each in a process of its own, and what runs these."""
    if settings.embedder in WITHOUT_MODEL:
        return encoders, ()
    found = [EncoderProcess(encoder.embedder.name, encoder.name) for encoder in encoders]
    return found, tuple(Background(f"process of {one.name}", serve=one.serve) for one in found)


def embedding(database: Database, encoders: Sequence[Encodes], index: VectorIndex) -> tuple[EmbedProfile, EmbedSecond]:
    """What encodes at once, and what completes in the background where there is a second encoder."""
    later = EncodeTogether(encoders[1], MAX_TEXTS_LATER) if len(encoders) > 1 else None
    embed = EmbedProfile(database, EncodeTogether(encoders[0]), index, later.name if later else "")
    return embed, EmbedSecond(database, later)


def watching(database: Database, cache: CollectionCache) -> tuple[Background, ...]:
    """What follows the changes of collections."""
    return mirror(cache), watch_holidays(database)


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
