"""How many times as much something is: 增长了两倍 is three times as much, 增长到两倍 is two times."""

from __future__ import annotations

import re
from fractions import Fraction

from .figure import Reading, reading

_GROWS_ZH = re.compile(
    r"(?:增长|增加|提高|提升|扩大|上升|上涨|增幅|涨幅|激增|暴增|猛增|[增涨]|增产|升高)"
    r"(?:了|约|近|超过|逾|超|达|高达|出|整整|足足|将近|接近|\s){0,3}(?:[\d.一二三四五六七八九十两]{1,5}倍?\s?[-~～至到—])?\s?\Z"
)
_LONGEST = 20
# 2배 증가 and 2 times more may mean what 增加2倍 says or what it says literally; 2배로 is no such word.
_GROWS_BEHIND = re.compile(
    r"\s?(?:이상\s?|가까이\s?|정도\s?|넘게\s?|나\s?|가량\s?)?(?:더\s?)?(?:증가|늘|성장|향상|상승|확대|급증|급등|개선|높|많|빨|빠|뛰|커|올|오)"
    r"|\s(?:more|higher|greater|faster|larger|bigger|better|stronger|longer)(?![a-z])"
)
_INCREASE_BEFORE = re.compile(r"\bby\s(?:about\s|around\s|over\s|nearly\s|more than\s)?\Z", re.IGNORECASE)


def multiples(text: str, start: int, end: int, value: Fraction) -> list[Reading]:
    """The readings of a multiple between two places of a text. What grows by n times in Chinese is n + 1 times as
    much; `grown` is shared with the words of the other languages that may be meant so."""
    grown = reading("grown", value)
    if value > 1 and _GROWS_ZH.search(text, max(0, start - _LONGEST), start):
        return [reading("multiple", value + 1), grown]
    found = [reading("multiple", value)]
    if value == 1:
        # Once more as much is twice as much: 增长一倍.
        found.append(reading("multiple", 2))
    if _GROWS_BEHIND.match(text, end) or _INCREASE_BEFORE.search(text, max(0, start - _LONGEST), start):
        found.append(grown)
    return found
