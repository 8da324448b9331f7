"""HTTP in -> use case."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from schemas.common import Text
from services.chassis.errors import NotFound
from services.chassis.http import Acting, Answer, CallerDep, DatabaseDep, IfMatchDep, Input, StrictRoute
from services.chassis.texts import PublicName, PublicText

from . import store
from .domain.glossary import Term, is_word_of
from .domain.texts import Translation, translation_id
from .usecases import terms, translating

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


def _word_of(lang: Lang) -> AfterValidator:
    def check(word: str) -> str:
        if not is_word_of(lang, word):
            raise ValueError("is no word of this language")
        return word

    return AfterValidator(check)


Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class TermIn(Input):
    """`locked`: a machine's translation that says it with another word is flagged."""

    id: Slug
    ko: Annotated[PublicName, _word_of("ko")]
    zh: Annotated[PublicName, _word_of("zh")]
    en: Annotated[PublicName, _word_of("en")]
    topic: Slug
    locked: bool = False


async def _terms(request: Request) -> terms.Terms:
    known: terms.Terms = request.app.state.terms
    return known


TermsDep = Annotated[terms.Terms, Depends(_terms)]


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
async def correct(text_id: TextId, lang: Lang, body: CorrectionIn, acting: Acting, if_match: IfMatchDep) -> Response:
    """For organisers: a person's translation, which outranks machines."""
    return await acting.run(
        translating.correct,
        answer=answered,
        caller=acting.caller,
        text_id=text_id,
        lang=lang,
        correction=body.text,
        if_match=if_match,
    )


@router.get("/glossary", response_model=GlossaryOut)
async def glossary(
    caller: CallerDep, known: TermsDep, topic: Annotated[str | None, Query(max_length=64)] = None
) -> GlossaryOut:
    """The forum's terms in Korean, Chinese and English."""
    current = await known.current()
    return GlossaryOut(items=[term for term in current.terms if topic is None or term.topic == topic])


@router.put("/glossary", response_model=Term, responses={201: {"model": Term}})
async def put_term(body: TermIn, known: TermsDep, acting: Acting, if_match: IfMatchDep) -> Response:
    """For organisers: adds a term, or replaces the one of its id, a shipped one too. Texts that come later are
    rendered with it."""
    return await acting.run(
        terms.put_term,
        answer=kept,
        reads=[store.VERSIONS.ref(store.VERSION_ID), store.TERMS.ref(body.id)],
        caller=acting.caller,
        term=Term(**body.model_dump()),
        shipped=known.shipped,
        if_match=if_match,
    )


def kept(put: terms.Put) -> Answer:
    return Answer.of(put.row.term(), subject=put.row.id, status=201 if put.is_new else 200, revision=put.row.revision)
