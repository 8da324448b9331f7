"""A whole file: what it says of a forum, and the refusal that names all of its mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.chassis.model import Refused

from ..advice_sentences import Lang
from ..forums.programme import Interpreter
from ..forums.registration import Registration
from ..forums.setup import ForumSetup
from ..forums.venue import Room, Table
from . import interpreter_lines, participant_lines, place_lines
from .lines import Sheet, written
from .mistake_sentences import said
from .mistakes import MAX_NAMED, Mistake
from .participant_lines import Participant

Rows = list[list[str]]


@dataclass
class Contents:
    """What a file says."""

    participants: list[Participant] = field(default_factory=list)
    places: list[Table | Room] = field(default_factory=list)
    interpreters: list[Interpreter] = field(default_factory=list)


def read_contents(
    sheets: Sequence[Sheet], setup: ForumSetup, stored: Sequence[Registration] = ()
) -> tuple[Contents, list[Mistake]]:
    """What the sheets of a file say, and all of their mistakes, for a forum with these registrations. Takes up to a
    second for the largest: call it in a thread."""
    found, mistakes, known = Contents(), list[Mistake](), participant_lines.stored_delegates(stored)
    for place, sheet in enumerate(sheets):
        if sheet.kind in {one.kind for one in sheets[:place]}:  # of two, neither counts more
            wrong = [Mistake("sheet_twice", sheet.kind)]
        elif sheet.kind == participant_lines.KIND:
            found.participants, wrong = participant_lines.read_participants(sheet, setup, known)
        elif sheet.kind == place_lines.KIND:
            found.places, wrong = place_lines.read_places(sheet, setup)
        else:
            found.interpreters, wrong = interpreter_lines.read_interpreters(sheet, setup)
        mistakes += wrong
    return found, mistakes


def with_contents(setup: ForumSetup, found: Contents) -> tuple[ForumSetup, list[Mistake]]:
    """The setup with the places and interpreters of a file."""
    placed, wrong = place_lines.with_places(setup, found.places)
    staffed, more = interpreter_lines.with_interpreters(placed, found.interpreters)
    return staffed, wrong + more


def file_refused(mistakes: Sequence[Mistake], lang: Lang) -> Refused:
    """The refusal of a file: each mistake with its place, what is wrong and what to do, in the reader's language."""
    errors = []
    for one in mistakes[:MAX_NAMED]:
        words = said(one, lang)
        pointer = "/" + "/".join(str(part) for part in (one.sheet, one.line or "", one.column) if part)
        place = {"sheet": one.sheet, "line": one.line, "column": one.column}
        errors.append({"pointer": pointer, "detail": words.what, "todo": words.todo, "code": one.code, **place})
    extra = {"errors": errors, "mistakes": len(mistakes)}
    return Refused("file-refused", REFUSED[lang].format(count=len(mistakes)), extra=extra)


REFUSED: dict[Lang, str] = {
    "ko": "파일에 고쳐야 할 곳이 {count}군데 있어 아무것도 반영하지 않았습니다. 고친 뒤 파일 전체를 다시 올려 주세요.",
    "zh": "文件中有 {count} 处需要更正，未导入任何内容。请更正后重新上传整个文件。",
    "en": "The file has {count} mistakes, and nothing of it was taken. Correct them and send the whole file again.",
}


def all_sheets(setup: ForumSetup, registrations: Sequence[Registration]) -> dict[str, Rows]:
    """Everything that can be read from a file, as rows by kind of sheet."""
    participants = list(participant_lines.participant_lines(registrations, setup.tz))
    interpreters = list(interpreter_lines.interpreter_lines(setup))
    return {
        participant_lines.KIND: written(participant_lines.COLUMNS, participants),
        place_lines.KIND: written(place_lines.COLUMNS, list(place_lines.place_lines(setup))),
        interpreter_lines.KIND: written(interpreter_lines.COLUMNS, interpreters),
    }
