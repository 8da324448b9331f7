"""Bodies of requests, checked strictly, and of answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from schemas.common import Text
from services.chassis.commit import Answer
from services.chassis.http import Input, Output
from services.chassis.model import PublicName, PublicText, opaque

from ..domain.glossary import Term, is_word_of
from ..domain.texts import SourceText, Translation
from ..usecases.glossary import TermResult

Lang = Literal["ko", "zh", "en"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$"), AfterValidator(opaque)]
"""Of a term or a topic. Everyone reads the glossary, and events and logs name its terms."""

# -- requests


class CorrectionIn(Input):
    """A translation by a person."""

    text: PublicText


def _word_of(lang: Lang) -> AfterValidator:
    def check(word: str) -> str:
        if not is_word_of(lang, word):
            raise ValueError("is no word of this language")
        return word

    return AfterValidator(check)


class TermIn(Input):
    """`locked`: a machine's translation that says it with another word is flagged."""

    id: Slug
    ko: Annotated[PublicName, _word_of("ko")]
    zh: Annotated[PublicName, _word_of("zh")]
    en: Annotated[PublicName, _word_of("en")]
    topic: Slug
    locked: bool = False

    def term(self) -> Term:
        """The term of the domain."""
        return Term(**self.model_dump())


# -- answers


class TranslationOut(Output):
    """`made_by`: human, machine, or gloss, which renders the known terms and is no translation."""

    translation: Text
    made_by: str
    engine: str
    flags: list[str]


class TextOut(Output):
    """A text with its translations so far."""

    text_id: str
    original: Text
    translations: list[TranslationOut]


class GlossaryOut(Output):
    """Terms of the glossary."""

    items: list[Term]


def text_out(text: SourceText, translations: Iterable[Translation]) -> TextOut:
    """A text as it is shown."""
    return TextOut(
        text_id=text.id,
        original=Text(lang=text.lang, text=text.text),
        translations=[translation_out(translation) for translation in translations],
    )


def translation_out(translation: Translation) -> TranslationOut:
    """A translation as it is shown."""
    return TranslationOut(
        translation=Text(lang=translation.lang, text=translation.text),
        made_by=translation.made_by,
        engine=translation.engine,
        flags=translation.flags,
    )


def translation_answer(translation: Translation) -> Answer:
    """The answer to a correction."""
    return Answer.of(translation_out(translation), subject=translation.text_id, revision=translation.revision)


def term_answer(result: TermResult) -> Answer:
    """201 if the term is new, otherwise 200."""
    row = result.row
    return Answer.of(row.to_term(), subject=row.id, status=201 if result.is_new else 200, revision=row.revision)
