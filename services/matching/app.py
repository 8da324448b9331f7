"""Composition root: everything is built here, nothing at import."""

from __future__ import annotations

from services.chassis.jobs import Job
from services.chassis.mirror import Mirror
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings

from . import api, store
from .consumers import SUBSCRIPTIONS
from .domain.scoring import Scorer
from .embedding import embedder
from .encoding import Encoder
from .index import VectorIndex
from .settings import MatchingSettings
from .usecases import answering, calendar, embedding, meeting, placing, proposing


def build(chassis: ChassisSettings, settings: MatchingSettings, *, encoder: Encoder | None = None) -> Service:
    """`encoder`: one that is loaded already; the one that the settings name otherwise."""
    database = open_database("matching", chassis)
    encoder = encoder or Encoder(embedder(settings.embedder))
    scorer = Scorer(encoder.bridge, encoder.taxonomy)
    index = VectorIndex(encoder.name)
    mirror = Mirror(database, store.INDEXED.name, changed=index.changed, cleared=index.cleared)
    embeds = embedding.Embedding(database, encoder, index)
    proposes = proposing.Proposing(database, index, scorer, settings)
    expiring, lapsing, rechecking = answering.Expiring(), meeting.Lapsing(), calendar.Rechecking()
    jobs = (
        Job(embedding.EMBED, embeds.work, embedding.embedded, at_once=4),
        Job(
            proposing.PROPOSE,
            proposes.work,
            proposing.Proposal(scorer, settings).settle,
            at_once=8,
            ready=lambda: mirror.is_loaded,
            prepare=mirror.catch_up,
        ),
        Job(placing.EXPIRE, expiring.work, expiring.settle),
        Job(meeting.LAPSE, lapsing.work, lapsing.settle),
        Job(calendar.RECHECK, rechecking.work, rechecking.settle),
    )
    return Service(
        "matching",
        chassis,
        database=database,
        port=8102,
        api=api.router,
        collections=store.ALL,
        subscriptions=SUBSCRIPTIONS,
        jobs=jobs,
        loops={"mirror": mirror.serve},
        hearts=(mirror.heartbeat,),
        checks={"index caught up": lambda: mirror.is_loaded},
        state={"settings": settings, "scorer": scorer},
    )
