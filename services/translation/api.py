"""HTTP in -> use case."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from schemas.common import Text
from services.chassis.errors import NotFound
from services.chassis.http import ActingDep, Answer, CallerDep, DatabaseDep, IfMatchDep, Input, StrictRoute
from services.chassis.texts import PublicText

from . import store, usecases
from .domain.glossary import Glossary, Term
from .domain.texts import Translation, translation_id

router = APIRouter(prefix="/v1", tags=["translation"], route_class=StrictRoute)
TextId = Annotated[str, Path(max_length=64)]
Lang = Literal["ko", "zh", "en"]


class CorrectionIn(Input):
    text: PublicText


class TranslationOut(BaseModel):
    """`made_by`: human, machine, or gloss, which renders the known terms and is no translation."""

    translation: Text
    made_by: str
    engine: str
    flags: list[str]


class TextOut(BaseModel):
    text_id: str
    original: Text
    translations: list[TranslationOut]


class GlossaryOut(BaseModel):
    items: list[Term]


def shown(translation: Translation) -> TranslationOut:
    return TranslationOut(
        translation=Text(lang=translation.lang, text=translation.text),
        made_by=translation.made_by,
        engine=translation.engine,
        flags=translation.flags,
    )


def answered(translation: Translation) -> Answer:
    return Answer.of(shown(translation), subject=translation.text_id, revision=translation.revision)


@router.get("/texts/{text_id}", response_model=TextOut)
async def read(text_id: TextId, caller: CallerDep, database: DatabaseDep) -> TextOut:
    """A text as it was written, and what there is of it in other languages."""
    text = await database.one(store.TEXTS, text_id)
    if text is None:
        raise NotFound("There is no such text, or it has not arrived yet.", retry_after=1)
    ids = [translation_id(text_id, lang) for lang in text.translated]
    found = await database.find(store.TRANSLATIONS, {"_id": {"$in": ids}})
    return TextOut(
        text_id=text_id, original=Text(lang=text.lang, text=text.text), translations=[shown(t) for t in found]
    )


@router.put("/texts/{text_id}/{lang}", response_model=TranslationOut)
async def correct(
    text_id: TextId, lang: Lang, body: CorrectionIn, caller: CallerDep, acting: ActingDep, if_match: IfMatchDep
) -> Response:
    """For organisers: a person's translation, which outranks machines."""
    return await acting.run(
        usecases.correct,
        answer=answered,
        caller=caller,
        text_id=text_id,
        lang=lang,
        correction=body.text,
        if_match=if_match,
    )


@router.get("/glossary", response_model=GlossaryOut)
async def glossary(
    caller: CallerDep, request: Request, topic: Annotated[str | None, Query(max_length=64)] = None
) -> GlossaryOut:
    """The forum's terms in Korean, Chinese and English."""
    known: Glossary = request.app.state.glossary
    return GlossaryOut(items=[term for term in known.terms if topic is None or term.topic == topic])
