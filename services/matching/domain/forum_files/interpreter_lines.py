"""Lines of interpreters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ..forums.programme import MAX_HOURS, MAX_INTERPRETERS, MAX_LANGUAGE_PAIRS, Interpreter, Span
from ..forums.setup import ForumSetup
from .cells import DASHES, Ids, a_number, hours_text, one_of, several, the_hours
from .lines import Column, Line, Sheet, read_lines
from .mistakes import Mistake, WrongCell
from .participant_lines import ATTENDANCE, LANGUAGES, MEMBER_ID

KIND = "interpreters"
_BETWEEN = re.compile(rf" ?[/·ㆍ・\u2194{DASHES}] ?")
MAX_IN_ROW, USUALLY_IN_ROW = 50, Interpreter.model_fields["max_in_row"].default
COLUMNS = (
    Column("interpreter_id", ("통역", "통역사", "통역사 id", "译员", "译员编号"), is_needed=True),
    Column("pairs", ("언어 조합", "통역 언어", "语言对"), is_needed=True),
    Column("hours", ("근무 시간", "工作时间")),
    Column("max_in_row", ("최대 연속", "最多连续")),
    Column("attendance", ("참가 방식", "参加方式")),
)


def read_interpreters(sheet: Sheet, setup: ForumSetup) -> tuple[list[Interpreter], list[Mistake]]:
    """The interpreters of a sheet, and all of its mistakes."""
    read, found = read_lines(sheet, COLUMNS), dict[str, Interpreter]()
    ids = Ids(MEMBER_ID, (one.id for one in setup.interpreters))
    for line in read.lines:
        one = _interpreter(line, setup, ids) if line.needs("interpreter_id", "pairs") else None
        if one is not None and one.id in found:
            line.wrong("interpreter_id", "twice")
        elif one is not None:
            found[one.id] = one
    return list(found.values()), read.mistakes


def _interpreter(line: Line, setup: ForumSetup, ids: Ids) -> Interpreter | None:
    before = len(line.mistakes)
    id = line.read("interpreter_id", ids.read, empty="")
    stored = next((one for one in setup.interpreters if one.id == id), None)
    known = stored.hours if stored else ()
    said: dict[str, object] = {
        "pairs": list(line.read("pairs", _pairs, empty=())),
        "hours": list(line.read("hours", partial(_hours, setup=setup, stored=known), empty=())),
        "max_in_row": line.read("max_in_row", partial(a_number, low=1, high=MAX_IN_ROW), empty=USUALLY_IN_ROW),
        "attendance": line.read("attendance", partial(one_of, words=ATTENDANCE), empty="onsite"),
    }
    if len(line.mistakes) > before:
        return None
    if stored is not None:
        said |= {name: getattr(stored, name) for name in said if not line.has(name)}
    return Interpreter.model_validate(said | {"id": id})


def _hours(text: str, setup: ForumSetup, stored: Sequence[Span]) -> list[Span]:
    """Hours that touch a date of the forum, or are stored."""
    found = the_hours(text, setup.tz, most=MAX_HOURS)
    if not all(span in stored or setup.touches(span) for span in found):
        raise WrongCell("on_no_date")
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    # Blanks are one before anything is looked for beside them: a cell may have a hundred thousand.
    joined = _BETWEEN.sub("-", " ".join(text.split()))
    return [_pair(pair) for pair in several(joined, most=MAX_LANGUAGE_PAIRS)]


def _pair(text: str) -> tuple[str, str]:
    words = [one_of(word, LANGUAGES) for word in text.split("-")]
    if len(words) != 2 or words[0] == words[1]:
        raise WrongCell("not_a_pair")
    return words[0], words[1]


def with_interpreters(setup: ForumSetup, found: list[Interpreter]) -> tuple[ForumSetup, list[Mistake]]:
    """The setup with these interpreters; others stay."""
    all_ = {one.id: one for one in (*setup.interpreters, *found)}
    mistakes = []
    if len(all_) > MAX_INTERPRETERS:
        mistakes.append(Mistake("too_many_interpreters", KIND, values={"most": MAX_INTERPRETERS}))
    return setup.model_copy(update={"interpreters": [*all_.values()]}), mistakes


def interpreter_lines(setup: ForumSetup) -> Iterator[Mapping[str, str]]:
    """The lines of its interpreters, as `read_interpreters` reads them."""
    for one in setup.interpreters:
        yield {
            "interpreter_id": one.id,
            "pairs": ", ".join("-".join(pair) for pair in one.pairs),
            "hours": hours_text(one.hours, setup.tz),
            "max_in_row": str(one.max_in_row),
            "attendance": one.attendance,
        }
