"""Load, decide, save and emit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.common import LANGUAGES, Text
from schemas.profiles import ProfileState
from schemas.translations import TextErased
from services.chassis.database import Database
from services.chassis.documents import Ref, is_news
from services.chassis.errors import NotFound
from services.chassis.events import Incoming, derived_id
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller, Forbidden
from services.chassis.uow import UnitOfWork

from .domain.texts import UNUSED_FOR, ProfileRow, SourceText, Translation, texts_of, told, translation_id
from .engines import Engine, Rendered
from .store import PROFILES, TEXTS, TRANSLATIONS

TRANSLATE, SWEEP = "translate", "sweep"


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


# -- translate


@dataclass(frozen=True)
class Translating:
    """The job `translate`: the engine works on a snapshot; what it made counts only while the text is still used."""

    database: Database
    engine: Engine

    async def work(self, job: Claimed) -> Rendered | None:
        text = await self.database.one(TEXTS, job.payload["text_id"])
        if text is None:
            return None
        return await self.engine.render(Text(lang=text.lang, text=text.text), job.payload["lang"])

    async def settle(self, uow: UnitOfWork, job: Claimed, rendered: Rendered | None) -> None:
        text, lang = await uow.get(TEXTS, job.payload["text_id"]), job.payload["lang"]
        if text is None:
            return
        if rendered is None:
            uow.put(TEXTS, text.model_copy(update={"unknown": sorted({*text.unknown, lang})}))
            return
        await save_translation(
            uow, text, lang, rendered.text, made_by=rendered.made_by, engine=self.engine.name, flags=rendered.flags
        )


async def save_translation(
    uow: UnitOfWork,
    text: SourceText,
    lang: str,
    rendered: str,
    *,
    made_by: str,
    engine: str,
    flags: tuple[str, ...] = (),
) -> Translation:
    """Keeps it, unless a better one stands there."""
    id = translation_id(text.id, lang)
    before = await uow.get(TRANSLATIONS, id)
    if before is not None and not before.may_be_replaced_by(made_by):
        return before
    made = Translation(
        id=id,
        revision=before.revision if before else 0,
        at=before.at if before else 0,
        text_id=text.id,
        source=text.lang,
        lang=lang,
        text=rendered,
        made_by=made_by,
        engine=engine,
        flags=list(flags),
    )
    uow.put(TEXTS, text.model_copy(update={"translated": sorted({*text.translated, lang})}))
    return uow.put(TRANSLATIONS, made, told(made))


# -- sweep


async def nothing_to_prepare(job: Claimed) -> None:
    """The time has come; whether the text is still unused is the decision's to see."""


async def sweep(uow: UnitOfWork, job: Claimed, result: None) -> None:
    text = await uow.get(TEXTS, job.payload["text_id"])
    if text is not None and not text.used_by:
        await _erase(uow, text)


# -- a person knows better


async def correct(
    uow: UnitOfWork, *, caller: Caller, text_id: str, lang: str, correction: str, if_match: IfMatch
) -> Translation:
    """An organiser's translation: it reaches every reader and outranks machines. Raises Forbidden, NotFound."""
    if not caller.is_organiser:
        raise Forbidden("Organisers correct translations.")
    text = await uow.get(TEXTS, text_id)
    if text is None or text.lang == lang:
        raise NotFound("There is no such text to translate into this language.", retry_after=1)
    before = await uow.get(TRANSLATIONS, translation_id(text_id, lang))
    if before is not None:
        if_match.must_match(before.revision, required=False)
    return await save_translation(uow, text, lang, correction, made_by="human", engine="human")
