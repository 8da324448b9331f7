"""Texts come with profiles, and are erased when no profile has them any more."""

from __future__ import annotations

import datetime as dt

from schemas.common import LANGUAGES, Text
from schemas.profiles import ProfileState
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, Incoming, NotFound, Ref, derived_id, is_newer
from services.chassis.mongo import Database

from .. import metrics
from ..domain.texts import UNUSED_TEXT_LIFETIME, ProfileRow, SourceText, Translation, public_texts, translation_id
from ..job_kinds import SWEEP, TRANSLATE, TextJob, TranslationJob
from ..store import PROFILES, TEXTS, TRANSLATIONS
from .documents import erase_text

SWEEP_TOLERANCE = dt.timedelta(seconds=1)
"""The job runs by mongod's own clock, which may be some milliseconds ahead of the unit of work's."""
ProfileEvent = Incoming[ProfileState | None]
"""A profile's state, or its erasure."""


def reads(event: ProfileEvent) -> list[Ref]:
    """The documents that an event of a profile needs."""
    return [PROFILES.ref(event.key), *(TEXTS.ref(id) for id in public_texts(event.data))]


async def project_profile(uow: UnitOfWork, event: Incoming[ProfileState]) -> None:
    """Texts that are new in the profile are translated. Texts that it has no longer are swept after a day if no other
    profile has them: the profile may be published again."""
    await _project(uow, event, event.data.state, event.data.owner)


async def project_erasure(uow: UnitOfWork, event: Incoming[None]) -> None:
    """Erases at once the texts that no other profile has, those of earlier revisions too."""
    await _project(uow, event, "erased", "")


async def _project(uow: UnitOfWork, event: ProfileEvent, state: str, owner: str) -> None:
    row = await uow.get_or(PROFILES, ProfileRow(id=event.key))
    if not is_newer(event.sequence, row):
        return
    texts = public_texts(event.data)
    changed = row.with_texts(texts).model_copy(
        update={"sequence": event.sequence, "state": state, "owner": owner or row.owner}
    )
    if state == "erased":
        changed = changed.model_copy(update={"text_ids": [], "former_text_ids": []})
    uow.put(PROFILES, changed)
    # With the turn in which it stands: the first texts of a profile are translated before the sixtieth of another.
    for id in sorted(texts.keys() - set(row.text_ids)):
        await _use_text(uow, event, id, texts[id], owner)
    gone = set(row.text_ids) - texts.keys()
    for id in sorted(gone | (set(row.former_text_ids) if state == "erased" else set())):
        await _stop_using_text(uow, event, id)


async def _use_text(uow: UnitOfWork, event: ProfileEvent, id: str, text: Text, owner: str) -> None:
    known = await uow.get(TEXTS, id)
    source = SourceText(id=id, lang=text.lang, text=text.text) if known is None else known
    was_unused = not source.used_by
    uow.put(TEXTS, source.with_user(event.key, owner))
    uow.count(metrics.texts.labels("miss" if was_unused else "hit").inc)
    # A text that another profile has is being translated; the jobs of one that was unused have been dropped.
    for lang in source.missing(LANGUAGES) if was_unused else ():
        payload = TranslationJob(text_id=id, lang=lang, owner=owner)
        # With the event: a text that is erased and comes back is translated again.
        uow.enqueue(TRANSLATE, payload, cause=derived_id(event.id, id, lang), owner=owner)


async def _stop_using_text(uow: UnitOfWork, event: ProfileEvent, id: str) -> None:
    text = await uow.get(TEXTS, id)
    if text is None:
        return
    left = uow.put(TEXTS, text.without_user(event.key, uow.now))
    if left.used_by:
        return
    if event.data is None:
        await erase_text(uow, left)
        return
    sweep_at = uow.now + UNUSED_TEXT_LIFETIME
    uow.enqueue(SWEEP, TextJob(text_id=id), cause=derived_id(event.id, id), run_at=sweep_at)


async def sweep_text(uow: UnitOfWork, job: Claimed[TextJob]) -> None:
    """The job `sweep`: erases a text that no profile has had for a day. One that was used again meanwhile has a later
    job of its own."""
    text = await uow.get(TEXTS, job.payload.text_id)
    if text is not None and text.is_over(uow.now + SWEEP_TOLERANCE):
        await erase_text(uow, text)


async def read_text(database: Database, text_id: str, caller: Caller) -> tuple[SourceText, list[Translation]]:
    """A text and its translations so far, while it is public; then for the organisations that wrote it. Raises NotFound
    with a retry time: the text may be on its way."""
    text = await database.one(TEXTS, text_id)
    if text is None or not text.is_readable_by(caller.org):
        raise NotFound("There is no such text, or it has not arrived yet.", retry_after=1, awaits=TEXTS.ref(text_id))
    ids = [translation_id(text_id, lang) for lang in text.translated]
    return text, await database.find(TRANSLATIONS, {"_id": {"$in": ids}})
