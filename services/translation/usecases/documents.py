"""Translations, each written or erased together with the text that lists them (`SourceText.translated`)."""

from __future__ import annotations

from schemas.translations import TextErased
from services.chassis.commit import UnitOfWork

from ..domain.texts import Rendering, SourceText, Translation, replaced, to_event, translation_id
from ..store import TEXTS, TRANSLATIONS


async def save_translation(
    uow: UnitOfWork, text: SourceText, lang: str, rendering: Rendering, *, engine: str
) -> Translation:
    """Stores a translation, unless the present one has a higher rank. Returns the one that is stored now."""
    id = translation_id(text.id, lang)
    before = await uow.get(TRANSLATIONS, id)
    if before is not None and not before.may_be_replaced_by(rendering.made_by):
        return before
    translation = Translation(
        id=id,
        revision=before.revision if before else 0,
        at=before.at if before else 0,
        text_id=text.id,
        source=text.lang,
        lang=lang,
        text=rendering.text,
        made_by=rendering.made_by,
        engine=engine,
        flags=list(rendering.flags),
        replaces=replaced(before, rendering),
    )
    # An erasure of the text at the same moment conflicts with this write, or, if the text lists the language already,
    # with that of the translation.
    uow.put(TEXTS, text.translated_into(lang))
    return uow.put(TRANSLATIONS, translation, to_event(translation))


async def erase_text(uow: UnitOfWork, text: SourceText) -> None:
    """Erases a text and all its translations."""
    for lang in text.translated:
        translation = await uow.get(TRANSLATIONS, translation_id(text.id, lang))
        if translation is not None:
            uow.delete(TRANSLATIONS, translation, TextErased())
    uow.delete(TEXTS, text)
