"""Texts come with profiles, and go when nobody says them."""

from __future__ import annotations

from typing import Any

from schemas.common import LANGUAGES, Text
from schemas.profiles import ProfileState
from schemas.translations import TextErased
from services.chassis.documents import Ref, is_news
from services.chassis.events import Incoming, derived_id
from services.chassis.jobs import Claimed
from services.chassis.uow import UnitOfWork

from ..domain.texts import UNUSED_FOR, ProfileRow, SourceText, texts_of, translation_id
from ..store import PROFILES, TEXTS, TRANSLATIONS
from .translating import TRANSLATE

SWEEP = "sweep"


def reads(event: Incoming[Any]) -> list[Ref]:
    return [PROFILES.ref(event.key), *(TEXTS.ref(id) for id in texts_of(event.data))]


async def keep_profile(uow: UnitOfWork, event: Incoming[ProfileState | None]) -> None:
    """What a profile says newly is translated; what it no longer says goes when nobody else says it."""
    before = await uow.get(PROFILES, event.key) or ProfileRow(id=event.key)
    if not is_news(before, event.sequence):
        return
    texts = texts_of(event.data)
    state = event.data.state if event.data else "erased"
    changed = {"sequence": event.sequence, "state": state, "text_ids": sorted(texts)}
    uow.put(PROFILES, before.model_copy(update=changed))
    for id in sorted(texts.keys() - set(before.text_ids)):
        await _use(uow, event, id, texts[id])
    for id in sorted(set(before.text_ids) - texts.keys()):
        await _stop_using(uow, event, id)


async def _use(uow: UnitOfWork, event: Incoming[Any], id: str, text: Text) -> None:
    known = await uow.get(TEXTS, id)
    uow.put(TEXTS, (known or SourceText(id=id, lang=text.lang, text=text.text)).used(event.key))
    if known is None:
        for lang in LANGUAGES:
            if lang != text.lang:
                payload = {"text_id": id, "lang": lang}
                uow.enqueue(TRANSLATE, cause=derived_id(event.id, id, lang), payload=payload)


async def _stop_using(uow: UnitOfWork, event: Incoming[Any], id: str) -> None:
    """At once where the profile was erased; a text that is merely unused may come back, so it goes a day later."""
    text = await uow.get(TEXTS, id)
    if text is None:
        return
    left = uow.put(TEXTS, text.unused(event.key))
    if left.used_by:
        return
    if event.data is None:
        await _erase(uow, left)
    else:
        cause = derived_id(event.id, id)
        uow.enqueue(SWEEP, cause=cause, payload={"text_id": id}, run_at=uow.now + UNUSED_FOR)


async def _erase(uow: UnitOfWork, text: SourceText) -> None:
    for lang in text.translated:
        translation = await uow.get(TRANSLATIONS, translation_id(text.id, lang))
        if translation is not None:
            uow.delete(TRANSLATIONS, translation, TextErased())
    uow.delete(TEXTS, text)


# -- sweep


async def nothing_to_prepare(job: Claimed) -> None:
    """The time has come; whether the text is still unused is the decision's to see."""


async def sweep(uow: UnitOfWork, job: Claimed, result: None) -> None:
    text = await uow.get(TEXTS, job.payload["text_id"])
    if text is not None and not text.used_by:
        await _erase(uow, text)
