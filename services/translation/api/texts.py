"""Texts and their translations over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, StrictRoute

from ..dependencies import Command
from ..usecases.texts import read_text
from ..usecases.translate import correct_translation
from .bodies import CorrectionIn, Lang, TextOut, TranslationOut, text_out, translation_answer

router = APIRouter(prefix="/v1", tags=["translation"], route_class=StrictRoute)
TextId = Annotated[str, Path(max_length=64)]


@router.get("/texts/{text_id}", response_model=TextOut)
async def read(text_id: TextId, caller: CallerDep, database: DatabaseDep) -> TextOut:
    """A text as its author wrote it, and its translations so far."""
    text, translations = await read_text(database, text_id, caller)
    return text_out(text, translations)


@router.put("/texts/{text_id}/{lang}", response_model=TranslationOut)
async def correct(text_id: TextId, lang: Lang, body: CorrectionIn, command: Command, if_match: IfMatchDep) -> Response:
    """For organisers: a translation by a person. No machine's translation replaces it."""
    return await command.run(
        lambda uow: correct_translation(
            uow, caller=command.caller, text_id=text_id, lang=lang, correction=body.text, if_match=if_match
        ),
        answer=translation_answer,
    )
