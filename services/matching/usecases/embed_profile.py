"""The jobs `embed` and `embed_second`: the texts of a profile become what they are scored by; then candidates are
searched for it.

Where two encoders are on, the first answers at once; the second completes in the background what the first has found,
and candidates are searched once more (docs/decisions/0031)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.common import Text
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Ref
from services.chassis.mongo import Database

from ..domain.indexed_profile import EncodedText, IndexedProfile, KeptText, index_profile
from ..domain.profile_row import ProfileRow
from ..encode_together import EncodeTogether
from ..job_kinds import EMBED_SECOND, PROPOSE, ProfileJob
from ..store import INDEXED, KEPT_TEXTS, PROFILES
from ..vector_index import VectorIndex

EncodedTexts = Mapping[str, Sequence[EncodedText]]
"""All encodings of each text, by text_id."""


@dataclass(frozen=True)
class EmbedProfile:
    """Both halves of `embed`. Texts that the index knows are not encoded again. `second`: the name of the encoder that
    completes; empty if there is none."""

    database: Database
    encoder: EncodeTogether
    index: VectorIndex
    second: str = ""

    async def work(self, job: Claimed[ProfileJob]) -> EncodedTexts | None:
        """The encoded texts, or None if the profile has a later revision, which has a job of its own."""
        row = await self.database.one(PROFILES, job.payload.profile_id)
        if row is None or row.sequence != job.payload.sequence:
            return None
        known, first = self.index.known_texts(row.id), self.encoder.name
        texts = texts_of(row)
        new = await self._encoded({id: text for id, text in texts.items() if (id, first) not in known})
        kept = [(id, name) for id in texts for name in (first, self.second) if (id, name) in known]
        return {id: [*([new[id]] if id in new else []), *(known[key] for key in kept if key[0] == id)] for id in texts}

    async def _encoded(self, texts: Mapping[str, Text]) -> dict[str, EncodedText]:
        """What was kept of those that cost, and the others as they are encoded now."""
        if not self.encoder.is_metered:
            return await encoded(self.encoder, texts)
        kept = {k.id: k.text for k in await self.database.many(KEPT_TEXTS, [self._kept_id(id) for id in texts])}
        found = {id: kept[key] for id in texts if (key := self._kept_id(id)) in kept}
        return found | await encoded(self.encoder, {id: text for id, text in texts.items() if id not in found})

    def _kept_id(self, text_id: str) -> str:
        return f"{self.encoder.name}/{text_id}"

    async def _keep(self, uow: UnitOfWork, texts: EncodedTexts) -> None:
        """Keeps what cost, for the profiles that say the same within a day."""
        for id, found in texts.items() if self.encoder.is_metered else ():
            if await uow.get(KEPT_TEXTS, self._kept_id(id)) is None:
                uow.put(KEPT_TEXTS, KeptText(id=self._kept_id(id), text=stripped(found[0]), made_at=uow.now))

    def reads(self, job: Claimed[ProfileJob], texts: EncodedTexts | None) -> Sequence[Ref]:
        """What `apply` reads."""
        return [PROFILES.ref(job.payload.profile_id), INDEXED.ref(job.payload.profile_id)]

    async def apply(self, uow: UnitOfWork, job: Claimed[ProfileJob], texts: EncodedTexts | None) -> None:
        """Stores the indexed profile and plans the search for candidates, unless there is a later revision; and what
        the second encoder has to complete."""
        row = await uow.get(PROFILES, job.payload.profile_id)
        if texts is None or row is None or row.sequence != job.payload.sequence:
            return
        await self._keep(uow, texts)
        before = await uow.get(INDEXED, row.id)
        if before is None:
            uow.expect(PROFILES, row.id)  # a withdrawal at the same moment would find nothing, and leave it behind
        after = index_profile(before, row, texts)
        uow.put(INDEXED, after.model_copy(update={"completing": self.second}))
        # Also if no entry is new: exclusions that were set meanwhile are applied by the latest revision's job alone.
        uow.enqueue(PROPOSE, job.payload, cause=uow.derived_id(PROPOSE.name), owner=row.owner)
        if self.second and lacking(after, row, self.second):
            uow.enqueue(EMBED_SECOND, job.payload, cause=uow.derived_id(EMBED_SECOND.name), owner=row.owner)


@dataclass(frozen=True)
class EmbedSecond:
    """Both halves of `embed_second`. `encoder`: None if the setting names one encoder alone by now; then there is
    nothing to complete."""

    database: Database
    encoder: EncodeTogether | None

    async def work(self, job: Claimed[ProfileJob]) -> Mapping[str, EncodedText]:
        """The texts that the second encoder has not encoded yet, by text_id; none if there is a later revision."""
        row = await self.database.one(PROFILES, job.payload.profile_id)
        me = await self.database.one(INDEXED, job.payload.profile_id)
        if self.encoder is None or row is None or me is None or not row.sequence == me.sequence == job.payload.sequence:
            return {}
        return await encoded(self.encoder, lacking(me, row, self.encoder.name))

    def reads(self, job: Claimed[ProfileJob], texts: Mapping[str, EncodedText]) -> Sequence[Ref]:
        """What `apply` reads."""
        return [PROFILES.ref(job.payload.profile_id), INDEXED.ref(job.payload.profile_id)]

    async def apply(self, uow: UnitOfWork, job: Claimed[ProfileJob], texts: Mapping[str, EncodedText]) -> None:
        """Adds the encodings, and plans another search: it adds what was missed, and judges open matches again."""
        row = await uow.get(PROFILES, job.payload.profile_id)
        me = await uow.get(INDEXED, job.payload.profile_id)
        if not texts or row is None or me is None or not row.sequence == me.sequence == job.payload.sequence:
            return
        known: dict[str, list[EncodedText]] = {entry.text_id: [] for entry in me.entries}
        for entry in me.entries:
            if all(text.encoder != entry.encoder for text in known[entry.text_id]):
                known[entry.text_id].append(entry)
        after = index_profile(me, row, {id: [*found, *filter(None, [texts.get(id)])] for id, found in known.items()})
        uow.put(INDEXED, after.model_copy(update={"completing": me.completing}))
        uow.enqueue(PROPOSE, job.payload, cause=uow.derived_id(PROPOSE.name), owner=row.owner)


def stripped(text: EncodedText) -> EncodedText:
    """The encoded text alone, of an entry that has it."""
    return EncodedText.model_validate(text.model_dump(include=set(EncodedText.model_fields)))


def texts_of(row: ProfileRow) -> dict[str, Text]:
    """Its texts by text_id."""
    return {entry.text_id: entry.text for entry in row.all_entries()}


def lacking(me: IndexedProfile, row: ProfileRow, encoder: str) -> dict[str, Text]:
    """The indexed texts that this encoder has not encoded, by text_id."""
    there = {entry.text_id for entry in me.entries if entry.encoder == encoder}
    wanted = {entry.text_id for entry in me.entries} - there
    return {id: text for id, text in texts_of(row).items() if id in wanted}


async def encoded(encoder: EncodeTogether, texts: Mapping[str, Text]) -> dict[str, EncodedText]:
    """The texts as they are scored, by text_id."""
    if not texts:
        return {}
    return dict(zip(texts, await encoder.encode(list(texts.values())), strict=True))
