"""What stands in a cell: read strictly, and written so that no spreadsheet calculates with it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from services.chassis.model import personal_number

from ..forums.programme import Span
from .mistakes import WrongCell

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would calculate (OWASP, CSV injection)."""
MARK = "'"
_SAME = ("<wide>", "<narrow>", "<noBreak>")
"""Other forms of a character, as people type them with an East Asian keyboard. Unicode knows more (²), but those mean
something else."""
DASHES = "~\u2010-\u2015\u2212\u223c\u301c-"
"""Signs that people write between two languages or two times, for a set of a regular expression."""
_DAY = r"([0-9]{4}) ?[-/.年년] ?([0-9]{1,2}) ?[-/.月월] ?([0-9]{1,2}) ?[.日일]?"
"""The year first, as our users and their spreadsheets write it: another order would be a guess."""
_HALVES = ("am", "a.m.", "오전", "上午"), ("pm", "p.m.", "오후", "下午")
"""How people and their spreadsheets write the halves of a day."""
_EITHER = "|".join(re.escape(word) for words in _HALVES for word in words)
_HALF, _HALVED = f"({_EITHER})?", re.compile(_EITHER, re.IGNORECASE)
_THEN, _NUMBERS = (
    "(?:[ T] *|(?<=[日일]))",
    r"([0-9]{1,2})(?::([0-9]{2})(?::00)?| ?[시时點点](?: ?([0-9]{1,2}) ?[분分])?)",
)
_CLOCK = f"{_HALF} ?{_NUMBERS} ?{_HALF}"
_LOCAL = re.compile(rf"{_DAY}{_THEN}{_CLOCK}", re.IGNORECASE)
_WITH_OFFSET = re.compile(r"[^+]{1,40}(?:Z|\+[0-9:]{2,8})|[0-9-]{8,10}T[0-9:]{8}(?:\.[0-9]{1,9})?-[0-9:]{2,8}")
"""An instant with its offset. West of UTC only as programs write it: to people `09:00-12:00` are three hours."""
_HOURS = re.compile(rf"(?P<day>{_DAY}){_THEN}(?P<first>{_CLOCK}) *[{DASHES}] *(?P<last>{_CLOCK})", re.IGNORECASE)


def guarded(text: str) -> str:
    """The text as it is written: a mark before whatever a spreadsheet would calculate, or would take for the mark."""
    return MARK + text if text.startswith((*FORMULA, MARK)) else text


def unguarded(text: str) -> str:
    """What was written by `guarded`; the mark is a spreadsheet's own sign for text, so a person's is taken off too."""
    return text.removeprefix(MARK)


def plain(text: str) -> str:
    """The text in one form: letters and signs of any width in the usual one, Hangul in whole syllables, all blanks the
    same, without characters that no one sees, and without blanks around it."""
    if text.isascii() or (text.isprintable() and unicodedata.is_normalized("NFKC", text)):  # nearly every cell
        return text.strip()
    usual = {ord(char): _usual(char) for char in set(text) if not char.isascii()}
    return unicodedata.normalize("NFC", text.translate(usual)).strip()


def _usual(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cf", "Zs"):
        return "" if category == "Cf" else " "
    return unicodedata.normalize("NFKC", char) if unicodedata.decomposition(char).startswith(_SAME) else char


def folded(text: str) -> str:
    """What is compared of a word or a title: `Profile ID`, `profile_id` and `profileid` are the same."""
    return re.sub(r"[\s_-]", "", plain(text)).casefold()


def an_id(text: str, pattern: str) -> str:
    """The text itself. Raises WrongCell, also for the number of a person, and where a spreadsheet has made zeros of the
    last digits."""
    if not re.fullmatch(pattern, text) or personal_number(text):
        raise WrongCell("not_an_id")
    if re.fullmatch("[0-9]{15}0{5,}", text):
        raise WrongCell("lost_digits")
    return text


def without_zeros(id: str) -> str:
    """What a spreadsheet leaves of an id that it takes for a number."""
    return id.lstrip("0") or "0" if re.fullmatch("[0-9]+", id) else id


_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATE = re.compile(f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}-{_MONTH}|{_MONTH}-[0-9]{{2}}")
"""What a spreadsheet makes of `1-2`: as XLSX, and in two forms as CSV."""


class Ids:
    """The ids of a kind: those that are stored, and those that a file has named so far."""

    def __init__(self, pattern: str, stored: Iterable[str]) -> None:
        self._pattern, self._stored = pattern, set(stored)
        self._seen = {without_zeros(id): id for id in self._stored}

    def read(self, text: str) -> str:
        """The text itself. Raises WrongCell, also for a new id that is another one without its zeros, or a date."""
        id = an_id(text, self._pattern)
        if id not in self._stored and _DATE.fullmatch(id):
            raise WrongCell("a_date")
        if id not in self._stored and self._seen.setdefault(without_zeros(id), id) != id:
            raise WrongCell("lost_zeros")
        return id


def one_of(text: str, words: Mapping[str, Sequence[str]]) -> str:
    """The value of which the text is a word in any of the three languages; `words` are as `folded` gives them. Raises
    WrongCell."""
    word = folded(text)
    for value, names in words.items():
        if word == value or word in names:
            return value
    raise WrongCell("not_one_of", values=", ".join(words))


def a_number(text: str, *, low: int, high: int) -> int:
    """A whole number within bounds. Raises WrongCell."""
    # Digits as people type them; int() would also take underscores and signs.
    if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
        raise WrongCell("not_a_number", low=low, high=high)
    return int(text)


def several(text: str, *, most: int) -> list[str]:
    """A list whose parts stand between commas, semicolons, slashes, dots or spaces, each once. Raises WrongCell for too
    many."""
    found = list(dict.fromkeys(filter(None, re.split(r"[\s,;/|、，；·ㆍ・]+", text))))
    if len(found) > most:
        raise WrongCell("too_many_values", most=most)
    return found


def an_instant(text: str, zone: ZoneInfo) -> dt.datetime:
    """`2027-03-04 09:00` by the forum's zone, or an instant with its offset; in UTC. Raises WrongCell."""
    local = _LOCAL.fullmatch(text)
    if not local and not _WITH_OFFSET.fullmatch(text):
        raise WrongCell("not_a_time")
    try:
        at = _at(local.groups(), zone) if local else dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise WrongCell("not_a_time") from None
    if at.tzinfo is None or not 1971 <= at.year < 2100:
        raise WrongCell("not_a_time")
    return at.astimezone(dt.UTC)


def _at(parts: Sequence[str | None], zone: ZoneInfo) -> dt.datetime:
    year, month, day, before, hour, colon, word, after = parts
    at = _hour(int(hour or 0), [half.lower() for half in (before, after) if half])
    return dt.datetime(int(year or 0), int(month or 0), int(day or 0), at, int(colon or word or 0), tzinfo=zone)


def _hour(hour: int, halves: Sequence[str]) -> int:
    """Of 24, from the hour as it is written. Raises ValueError for what a clock does not show."""
    if not halves:
        return hour
    if len(halves) > 1 or (hour > 12 and halves[0] in _HALVES[0]):
        raise ValueError
    return hour if hour > 12 else hour % 12 + 12 * (halves[0] in _HALVES[1])


def instant_text(at: dt.datetime | None, zone: ZoneInfo) -> str:
    """As `an_instant` reads it: by the forum's clock, and with the offset where that clock shows an hour twice."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    short = f"{local:%Y-%m-%d %H:%M}"
    return short if an_instant(short, zone) == at else local.isoformat()


def the_hours(text: str, zone: ZoneInfo, *, most: int) -> list[Span]:
    """`2027-03-04 09:00-12:00; 2027-03-05 09:00-18:00`, or two instants with a slash between them. Raises WrongCell."""
    listed = (part.strip() for part in re.split(r"[;,、\n]", text) if part.strip())
    parts = [each for part in listed for each in _beside_slashes(part)]
    if len(parts) > most:
        raise WrongCell("too_many_values", most=most)
    return [_span(part, zone) for part in parts]


def _beside_slashes(text: str) -> list[str]:
    """Spans with slashes between them; any other slash stands in a date, or between two instants."""
    parts = [part.strip() for part in text.split("/")]
    return parts if all(_HOURS.fullmatch(part) for part in parts) else [text]


def _span(text: str, zone: ZoneInfo) -> Span:
    hours = _HOURS.fullmatch(text)
    if hours and _HALVED.search(hours["last"]) and not _HALVED.search(hours["first"]):
        raise WrongCell("not_hours")  # from 2 to 5 PM: whether that is 14 hours or 2 would be a guess
    ends = [f"{hours['day']} {hours[end]}" for end in ("first", "last")] if hours else text.split("/")
    if len(ends) != 2:
        raise WrongCell("not_hours")
    try:
        start, end = (an_instant(at.strip(), zone) for at in ends)
    except WrongCell:
        raise WrongCell("not_hours") from None
    if start >= end:
        raise WrongCell("ends_before_it_starts")
    return Span(start=start, end=end)


def hours_text(hours: Sequence[Span], zone: ZoneInfo) -> str:
    """As `the_hours` reads them."""
    return "; ".join(_span_text(span, zone) for span in hours)


def _span_text(span: Span, zone: ZoneInfo) -> str:
    start, end = instant_text(span.start, zone), instant_text(span.end, zone)
    plain = "T" not in start + end
    # The same day by its clock, so the date is written once.
    return f"{start}-{end[11:]}" if plain and start[:10] == end[:10] else f"{start}/{end}"
