"""The job `embed`: each text of a profile becomes what it is scored by; then the profile is searchable."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.common import Text
from services.chassis.database import Database
from services.chassis.jobs import Claimed
from services.chassis.uow import UnitOfWork

from ..domain.indexed import Encoded, indexed
from ..encoding import Encoder
from ..index import VectorIndex
from ..store import INDEXED, PROFILES
from .proposing import PROPOSE

EMBED = "embed"


@dataclass(frozen=True)
class Embedding:
    database: Database
    encoder: Encoder
    index: VectorIndex

    async def work(self, job: Claimed) -> dict[str, Encoded] | None:
        """By text_id; None when the profile has moved on, and a later job does it."""
        row = await self.database.one(PROFILES, job.payload["profile_id"])
        if row is None or row.sequence != job.payload["sequence"]:
            return None
        texts = {said.text_id: said.text for said in row.said()}
        known = {
            id: encoded
            for id, encoded in self.index.known_texts(row.id).items()
            if id in texts and encoded.encoder == self.encoder.name
        }
        return known | await self._encode({id: text for id, text in texts.items() if id not in known})

    async def _encode(self, texts: Mapping[str, Text]) -> dict[str, Encoded]:
        if not texts:
            return {}
        return dict(zip(texts, await asyncio.to_thread(self.encoder.encode, list(texts.values())), strict=True))


async def embedded(uow: UnitOfWork, job: Claimed, encoded: dict[str, Encoded] | None) -> None:
    """The profile is searchable; then it is proposed. Nothing where it has moved on."""
    row = await uow.get(PROFILES, job.payload["profile_id"])
    if encoded is None or row is None or row.sequence != job.payload["sequence"]:
        return
    before = await uow.get(INDEXED, row.id)
    uow.put(INDEXED, indexed(before, row, encoded))
    # Also where nothing is new: exclusions that came meanwhile are judged by the latest revision's job alone.
    uow.enqueue(PROPOSE, cause=uow.derived_id(PROPOSE), payload=job.payload)
