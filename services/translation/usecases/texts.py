"""Texts come with profiles, and are erased when no profile has them any more."""

from __future__ import annotations

from schemas.common import LANGUAGES, Text
from schemas.profiles import ProfileState
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Incoming, NotFound, Ref, derived_id, is_newer
from services.chassis.mongo import Database

from ..domain.texts import UNUSED_TEXT_LIFETIME, ProfileRow, SourceText, Translation, public_texts, translation_id
from ..job_kinds import SWEEP, TRANSLATE, TextJob, TranslationJob
from ..store import PROFILES, TEXTS, TRANSLATIONS
from .documents import erase_text

ProfileEvent = Incoming[ProfileState | None]
"""A profile's state, or its erasure."""


def reads(event: ProfileEvent) -> list[Ref]:
    """The documents that an event of a profile needs."""
    return [PROFILES.ref(event.key), *(TEXTS.ref(id) for id in public_texts(event.data))]


async def project_profile(uow: UnitOfWork, event: Incoming[ProfileState]) -> None:
    """Texts that are new in the profile are translated. Texts that it has no longer are swept after a day if no other
    profile has them: the profile may be published again."""
    await _project(uow, event, event.data.state)


async def project_erasure(uow: UnitOfWork, event: Incoming[None]) -> None:
    """Erases at once the texts that no other profile has."""
    await _project(uow, event, "erased")


async def _project(uow: UnitOfWork, event: ProfileEvent, state: str) -> None:
    row = await uow.get_or(PROFILES, ProfileRow(id=event.key))
    if not is_newer(event.sequence, row):
        return
    texts = public_texts(event.data)
    changed = {"sequence": event.sequence, "state": state, "text_ids": sorted(texts)}
    uow.put(PROFILES, row.model_copy(update=changed))
    for id in sorted(texts.keys() - set(row.text_ids)):
        await _use_text(uow, event, id, texts[id])
    for id in sorted(set(row.text_ids) - texts.keys()):
        await _stop_using_text(uow, event, id)


async def _use_text(uow: UnitOfWork, event: ProfileEvent, id: str, text: Text) -> None:
    known = await uow.get(TEXTS, id)
    source = SourceText(id=id, lang=text.lang, text=text.text) if known is None else known
    uow.put(TEXTS, source.with_user(event.key))
    if known is None:
        for lang in LANGUAGES:
            if lang != text.lang:
                uow.enqueue(TRANSLATE, TranslationJob(text_id=id, lang=lang), cause=derived_id(event.id, id, lang))


async def _stop_using_text(uow: UnitOfWork, event: ProfileEvent, id: str) -> None:
    text = await uow.get(TEXTS, id)
    if text is None:
        return
    left = uow.put(TEXTS, text.without_user(event.key))
    if left.used_by:
        return
    if event.data is None:
        await erase_text(uow, left)
    else:
        sweep_at = uow.now + UNUSED_TEXT_LIFETIME
        uow.enqueue(SWEEP, TextJob(text_id=id), cause=derived_id(event.id, id), run_at=sweep_at)


async def sweep_text(uow: UnitOfWork, job: Claimed[TextJob]) -> None:
    """The job `sweep`: erases a text that is still unused."""
    text = await uow.get(TEXTS, job.payload.text_id)
    if text is not None and not text.used_by:
        await erase_text(uow, text)


async def read_text(database: Database, text_id: str) -> tuple[SourceText, list[Translation]]:
    """A text and its translations so far. Raises NotFound with a retry time: the text may be on its way."""
    text = await database.one(TEXTS, text_id)
    if text is None:
        raise NotFound("There is no such text, or it has not arrived yet.", retry_after=1)
    ids = [translation_id(text_id, lang) for lang in text.translated]
    return text, await database.find(TRANSLATIONS, {"_id": {"$in": ids}})
