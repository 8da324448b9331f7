"""A text into another language, by an engine or by a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.common import Text
from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller, Forbidden
from services.chassis.uow import UnitOfWork

from ..domain.quality import failed_checks
from ..domain.texts import SourceText, Translation, told, translation_id
from ..engines.port import Engine, Rendered
from ..store import TEXTS, TRANSLATIONS
from .terms import Terms

TRANSLATE = "translate"


@dataclass(frozen=True)
class Translating:
    """The job `translate`: the engine works on a snapshot; what it made counts only while the text is still used."""

    database: Database
    engine: Engine
    terms: Terms

    async def work(self, job: Claimed) -> Rendered | None:
        found, lang = await self.database.one(TEXTS, job.payload["text_id"]), job.payload["lang"]
        if found is None:
            return None
        text, glossary = Text(lang=found.lang, text=found.text), await self.terms.current()
        rendered = await self.engine.render(text, lang, glossary)
        if rendered is None or rendered.made_by != "machine":
            return rendered
        failed = failed_checks(text, Text(lang=lang, text=rendered.text), glossary)
        return replace(rendered, flags=(*rendered.flags, *failed))

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
