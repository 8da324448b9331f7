"""The job `embed`: the texts of a profile become what they are scored by; then candidates are searched for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.common import Text
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Ref
from services.chassis.mongo import Database

from ..domain.indexed_profile import EncodedText, index_profile
from ..encode_together import EncodeTogether
from ..job_kinds import PROPOSE, ProfileJob
from ..store import INDEXED, PROFILES
from ..vector_index import VectorIndex

EncodedTexts = Mapping[str, EncodedText]
"""By text_id."""


@dataclass(frozen=True)
class EmbedProfile:
    """Both halves of the job. Texts that the index knows are not encoded again."""

    database: Database
    encoder: EncodeTogether
    index: VectorIndex

    async def work(self, job: Claimed[ProfileJob]) -> EncodedTexts | None:
        """The encoded texts, or None if the profile has a later revision, which has a job of its own."""
        row = await self.database.one(PROFILES, job.payload.profile_id)
        if row is None or row.sequence != job.payload.sequence:
            return None
        texts = {entry.text_id: entry.text for entry in row.all_entries()}
        known = {
            id: encoded
            for id, encoded in self.index.known_texts(row.id).items()
            if id in texts and encoded.encoder == self.encoder.name
        }
        return known | await self._encode({id: text for id, text in texts.items() if id not in known})

    async def _encode(self, texts: Mapping[str, Text]) -> dict[str, EncodedText]:
        if not texts:
            return {}
        return dict(zip(texts, await self.encoder.encode(list(texts.values())), strict=True))

    def reads(self, job: Claimed[ProfileJob], encoded: EncodedTexts | None) -> Sequence[Ref]:
        """What `apply` reads."""
        return [PROFILES.ref(job.payload.profile_id), INDEXED.ref(job.payload.profile_id)]

    async def apply(self, uow: UnitOfWork, job: Claimed[ProfileJob], encoded: EncodedTexts | None) -> None:
        """Stores the indexed profile and plans the search for candidates, unless there is a later revision."""
        row = await uow.get(PROFILES, job.payload.profile_id)
        if encoded is None or row is None or row.sequence != job.payload.sequence:
            return
        before = await uow.get(INDEXED, row.id)
        uow.put(INDEXED, index_profile(before, row, encoded))
        # Also if no entry is new: exclusions that were set meanwhile are applied by the latest revision's job alone.
        uow.enqueue(PROPOSE, job.payload, cause=uow.derived_id(PROPOSE.name), owner=row.owner)
