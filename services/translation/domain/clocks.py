"""Times of the day and quarters of an hour in words: 三点一刻, half past three, a quarter to nine, 差十分九点."""

from __future__ import annotations

import re

from .dates import clock_readings, half_after, half_of_day
from .figure import Figure, figure, reading
from .numbers import in_compound
from .shares import is_inside_word

_HAN = "[零〇一二两三四五六七八九十]"
_HOUR = rf"(?P<h>\d{{1,2}}|{_HAN}{{1,3}})[点點]"
_LESS = rf"差(?:(?P<quarter>一刻|1刻)(?!钟)|(?P<m>\d{{1,2}}|{_HAN}{{1,3}})分(?!之))"
_QUARTERS = re.compile(rf"{_HOUR}(?P<n>[一三13])刻(?!钟)")
# 三点五 is 3.5 and 三点五十 is 3:50. 这三点十分重要 are three points that matter.
_ENDS = r"(?=$|[\s,;:!?。、)~–—-]|[到至前起后开结举集出]|之前|以前)"
_MINUTES = re.compile(
    rf"{_HOUR}(?:(?P<m>[零〇][一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]|[二三四五]十|[0-5]\d)"
    rf"(?:分(?!之|钟)|{_ENDS})|(?P<ten>十)分{_ENDS})(?!\s?[.,]\d)"
)
_HOUR_LESS = re.compile(rf"{_HOUR}\s?{_LESS}")
_LESS_HOUR = re.compile(rf"{_LESS}\s?{_HOUR}")
_FEW = {"five": 5, "ten": 10, "twenty": 20}
_NOONS = {"noon": "m", "midnight": "n"}
_NAMES = "one two three four five six seven eight nine ten eleven twelve".split()
# What follows a time, and nothing that an hour would count: a quarter to three quarters.
_THEN = r"(?=\s?(?:$|[.,;:!?)~–—-]|o['’]clock|[ap]\.?m\b|(?:in|on|at|and|to|until|till|every|each|sharp|KST|CST)\b))"
_ENGLISH = re.compile(
    r"(?:(?P<half>half)|(?:a\s)?(?P<quarter>quarter)|(?P<m>[1-5]?\d|five|ten|twenty)\sminutes)\s(?P<side>past|to)\s"
    rf"(?P<h>{'|'.join(_NAMES)}|1[0-2]|[1-9]|noon|midnight)(?![A-Za-z\d]|[.:]\d|-[A-Za-z]){_THEN}(?P<clock>\so['’]clock)?",
    re.IGNORECASE,
)
_TENS = {"ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
# At twelve thirty, from nine fifteen; at ten to nine. Ten to nine alone may be a score, and from ten to nine one less.
_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:at|by|until|till|before|after|around|about|(?P<range>from|to|and))\s$", re.IGNORECASE
)
_BEFORE_LENGTH = 8
_SAID = re.compile(
    rf"(?:(?P<hour>{'|'.join(_NAMES)})[\s-](?P<minutes>(?:twenty|thirty|forty|fifty)[\s-]five|{'|'.join(_TENS)})"
    rf"|(?P<few>five|ten|twenty)\s(?P<side>past|to)\s(?P<h>{'|'.join(_NAMES)}|noon|midnight))"
    rf"(?![A-Za-z\d]|-[A-Za-z]){_THEN}",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(?P<n>[一三1-3])刻钟|(?:(?P<three>three\s)|a\s)?quarters?\sof\san\shour(?![A-Za-z])", re.IGNORECASE
)


def clock_words_at(text: str, at: int) -> list[Figure]:
    """The time or the quarters of an hour that begin here in words; empty if none do."""
    if text[at].isascii() and text[at].isalpha():
        return [] if is_inside_word(text, at) else _english(text, at)
    if at and (text[at - 1].isdigit() or text[at - 1] in ".误温时落偏第"):
        return []
    return _chinese(text, at) or (_english(text, at) if text[at].isdigit() else [])


def _english(text: str, at: int) -> list[Figure]:
    if span := _SPAN.match(text, at):
        return [_quarters(span, 3 if span["three"] else 1)]
    match = _ENGLISH.match(text, at)
    if match is None:
        before = _BEFORE.search(text[max(0, at - _BEFORE_LENGTH) : at])
        return _said(text, at, is_range=bool(before["range"])) if before else []
    if match["half"] and match["side"].lower() == "to":
        return []
    past = 30 if match["half"] else 15 if match["quarter"] else _FEW.get(match["m"].lower()) or int(match["m"])
    half, end = half_after(text, match.end())
    half = half or _NOONS.get(match["h"].lower(), "")
    if match["m"] and match["side"].lower() == "to" and not (half or match["clock"]):
        return []  # from 40 minutes to 4
    return [_time(at, end, _hour(match["h"]), past if match["side"].lower() == "past" else -past, half)]


def _said(text: str, at: int, *, is_range: bool) -> list[Figure]:
    """A time in words alone: twelve thirty; ten to nine, if the word before begins or ends no range."""
    match = _SAID.match(text, at)
    if match is None or (match["few"] and is_range):
        return []
    half, end = half_after(text, match.end())
    if match["hour"]:
        tens, _, five = match["minutes"].lower().replace("-", " ").partition(" ")
        return [_time(at, end, _hour(match["hour"]), _TENS[tens] + (5 if five else 0), half)]
    half = half or _NOONS.get(match["h"].lower(), "")
    few = _FEW[match["few"].lower()]
    return [_time(at, end, _hour(match["h"]), few if match["side"].lower() == "past" else -few, half)]


def _hour(written: str) -> int:
    name = written.lower()
    return int(name) if name.isdecimal() else 12 if name in _NOONS else _NAMES.index(name) + 1


def _chinese(text: str, at: int) -> list[Figure]:
    half = half_of_day(text, at)
    if span := _SPAN.match(text, at):
        return [_quarters(span, _number(span["n"]))]
    if quarters := _QUARTERS.match(text, at):
        return [_time(at, quarters.end(), _number(quarters["h"]), 15 * _number(quarters["n"]), half)]
    less = _HOUR_LESS.match(text, at) or _LESS_HOUR.match(text, at)
    if less:
        minutes = 15 if less["quarter"] else _number(less["m"])
        return [_time(at, less.end(), _number(less["h"]), -minutes, half)]
    plain = _MINUTES.match(text, at)
    return [_time(at, plain.end(), _number(plain["h"]), _number(plain["m"] or plain["ten"]), half)] if plain else []


def _number(written: str) -> int:
    return int(written) if written.isdecimal() else int(in_compound(written))


def _time(start: int, end: int, hour: int, minutes: int, half: str) -> Figure:
    """A time, minutes before or after an hour. An hour after the 24th is none, and has no reading."""
    if hour > 24 or abs(minutes) > 59:
        return figure(start, end, [])
    is_of_24 = hour in (0, 24) and not half
    return figure(start, end, clock_readings((hour * 60 + minutes) % 1440, "24" if is_of_24 else half))


def _quarters(match: re.Match[str], number: int) -> Figure:
    return figure(match.start(), match.end(), [reading("seconds", 900 * number)])
