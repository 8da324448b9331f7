"""A text into another language, by an engine or by a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.common import Text
from services.chassis.commit import Claimed, RetryLater, UnitOfWork
from services.chassis.model import Caller, Forbidden, IfMatch, NotFound
from services.chassis.mongo import Database

from .. import metrics
from ..domain.quality import failed_checks
from ..domain.texts import Rendering, Translation, Usage, translation_id, usage_id
from ..engines.port import Engine
from ..job_kinds import TranslationJob
from ..store import TEXTS, TRANSLATIONS, USAGES
from .documents import save_translation
from .glossary import GlossaryCache

QUOTA_SECONDS = 1800.0
"""After this a text that is over the quota of its day is looked at again."""


@dataclass(frozen=True)
class Dropped:
    """Nothing was asked of the engine: no profile has the text any more."""


@dataclass(frozen=True)
class TranslateText:
    """The job `translate`, with what it needs."""

    database: Database
    engine: Engine
    glossary: GlossaryCache
    max_characters_per_day: int

    async def work(self, job: Claimed[TranslationJob]) -> Rendering | Dropped | None:
        """Asks the engine, and checks what a machine has made. None if the engine has nothing; Dropped if no profile
        has the text any more, so that it costs nothing.

        Raises RetryLater if the organisation has had as much translated today as it may."""
        source, lang = await self.database.one(TEXTS, job.payload.text_id), job.payload.lang
        if source is None or not source.used_by:
            return Dropped()
        await self._must_be_within_quota(job.payload.owner, len(source.text))
        text, glossary = Text(lang=source.lang, text=source.text), await self.glossary.current()
        rendering = await self.engine.render(text, lang, glossary)
        # A gloss is a list of terms, which no check of a translation fits.
        if rendering is None or rendering.made_by != "machine":
            return rendering
        failed = failed_checks(text, Text(lang=lang, text=rendering.text), glossary)
        return replace(rendering, flags=(*rendering.flags, *failed))

    async def _must_be_within_quota(self, owner: str, characters: int) -> None:
        if not (owner and self.engine.is_metered):
            return
        used = await self.database.one(USAGES, usage_id(owner, self.database.now().date()))
        if used is not None and used.characters + characters > self.max_characters_per_day:
            metrics.quotas.inc()
            raise RetryLater(QUOTA_SECONDS)

    async def apply(self, uow: UnitOfWork, job: Claimed[TranslationJob], rendering: Rendering | Dropped | None) -> None:
        """Stores the translation, unless the text was erased or dropped while the engine worked."""
        text, lang = await uow.get(TEXTS, job.payload.text_id), job.payload.lang
        uow.count(metrics.translations.labels(self.engine.name, _outcome(rendering)).inc)
        if text is None or isinstance(rendering, Dropped):
            return
        if job.payload.owner and self.engine.is_metered:
            usage = await uow.get_or(USAGES, Usage(id=usage_id(job.payload.owner, uow.now.date())))
            uow.put(USAGES, usage.with_characters(len(text.text), uow.now))
        for flag in rendering.flags if rendering is not None else ():
            uow.count(metrics.checks_failed.labels(flag).inc)
        if rendering is None:
            uow.put(TEXTS, text.untranslatable_into(lang))
        else:
            await save_translation(uow, text, lang, rendering, engine=self.engine.name)


def _outcome(rendering: Rendering | Dropped | None) -> str:
    """As the metric names it."""
    match rendering:
        case None:
            return "nothing"
        case Dropped():
            return "dropped"
    return "flagged" if rendering.flags else "translated"


async def correct_translation(
    uow: UnitOfWork, *, caller: Caller, text_id: str, lang: str, correction: str, if_match: IfMatch
) -> Translation:
    """Stores an organiser's translation, which no machine replaces. Raises Forbidden, NotFound, StaleRevision."""
    if not caller.is_organiser:
        raise Forbidden("Organisers correct translations.")
    text = await uow.get(TEXTS, text_id)
    if text is None or text.lang == lang:
        awaits = TEXTS.ref(text_id) if text is None else None
        raise NotFound("There is no such text to translate into this language.", retry_after=1, awaits=awaits)
    before = await uow.get(TRANSLATIONS, translation_id(text_id, lang))
    if before is not None:
        if_match.must_match(before.revision, required=False)
    saved = await save_translation(uow, text, lang, Rendering(correction, "human"), engine="human")
    if before is None or saved.revision != before.revision:
        uow.count(metrics.translations.labels("human", "corrected").inc)
    return saved
