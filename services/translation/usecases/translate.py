"""A text into another language, by an engine or by a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.common import Text
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, Forbidden, IfMatch, NotFound
from services.chassis.mongo import Database

from ..domain.quality import failed_checks
from ..domain.texts import Rendering, Translation, translation_id
from ..engines.port import Engine
from ..job_kinds import TranslationJob
from ..store import TEXTS, TRANSLATIONS
from .documents import save_translation
from .glossary import GlossaryCache


@dataclass(frozen=True)
class TranslateText:
    """The job `translate`, with what it needs."""

    database: Database
    engine: Engine
    glossary: GlossaryCache

    async def work(self, job: Claimed[TranslationJob]) -> Rendering | None:
        """Asks the engine, and checks what a machine has made. None if the text is gone or the engine has nothing."""
        source, lang = await self.database.one(TEXTS, job.payload.text_id), job.payload.lang
        if source is None:
            return None
        text, glossary = Text(lang=source.lang, text=source.text), await self.glossary.current()
        rendering = await self.engine.render(text, lang, glossary)
        if rendering is None or rendering.made_by != "machine":
            return rendering
        failed = failed_checks(text, Text(lang=lang, text=rendering.text), glossary)
        return replace(rendering, flags=(*rendering.flags, *failed))

    async def apply(self, uow: UnitOfWork, job: Claimed[TranslationJob], rendering: Rendering | None) -> None:
        """Stores the translation, unless the text was erased while the engine worked."""
        text, lang = await uow.get(TEXTS, job.payload.text_id), job.payload.lang
        if text is None:
            return
        if rendering is None:
            uow.put(TEXTS, text.untranslatable_into(lang))
        else:
            await save_translation(uow, text, lang, rendering, engine=self.engine.name)


async def correct_translation(
    uow: UnitOfWork, *, caller: Caller, text_id: str, lang: str, correction: str, if_match: IfMatch
) -> Translation:
    """Stores an organiser's translation, which no machine replaces. Raises Forbidden, NotFound, StaleRevision."""
    if not caller.is_organiser:
        raise Forbidden("Organisers correct translations.")
    text = await uow.get(TEXTS, text_id)
    if text is None or text.lang == lang:
        raise NotFound("There is no such text to translate into this language.", retry_after=1)
    before = await uow.get(TRANSLATIONS, translation_id(text_id, lang))
    if before is not None:
        if_match.must_match(before.revision, required=False)
    return await save_translation(uow, text, lang, Rendering(correction, "human"), engine="human")
