"""The words around a figure that change what it says: bounds, and whether something changes to it or by it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .figure import Figure

_I = re.IGNORECASE
# Negated bounds stand first: 不超过 holds 超过.
_BEFORE = re.compile(
    r"(?P<most1>不超过|不大于|不高于|不多于|不到|不足|未满|未超|低于|小于|少于|最多|至多|最高|最大|最远|最长|最快|上限"
    r"|최대(?!\s?규모)|최고|최장|길어야|많아야|no more than|not more than|not exceed\w*|less than|fewer than|at most"
    r"|up to|under |below |within |maximum|max\.|no later than|at the latest|as late as)"
    r"|(?P<least>不少于|不低于|不小于|不下|至少|最少|最低|最小|超过|超|逾|高于|大于|多于|突破|起码|下限|满"
    r"|최소|최저|적어도|no less than|not less than|at least|no fewer than|more than|over |above "
    r"|exceed\w*|beyond|surpass\w*|minimum|min\.|upwards of|in excess of|no earlier than)"
    r"|(?P<most2>以内)",
    _I,
)
_AFTER = re.compile(
    r"\s?(?:(?P<least>이상|초과|[을를이가]\s?넘(?!지)|넘(?!지)|[을를]\s?(?:돌파|웃|상회)|以上|起(?!来)"
    r"|or more|or above|or higher|or longer|or over|and above|plus(?![A-Za-z]))"
    r"|(?P<most>이하|미만|이내|안에|내에|내로|[을를] 밑|에 못|以下|以内|之内|内(?![容部置])"
    r"|or less|or below|or fewer|or lower|or under|max(?![A-Za-z])))",
    _I,
)
_NOT_OVER = re.compile(r"\s?(?:을|를|이|가)?\s?(?:넘|초과하)지")
_WINDOW = 14


def bounds_of(text: str, figures: Sequence[Figure]) -> list[set[str]]:
    """For each figure whether it is a lower bound (least) or an upper one (most); empty where nothing says it."""
    found = []
    for at, one in enumerate(figures):
        inside = {"least"} if text[one.start : one.end].endswith("+") else set()
        begin = max(one.start - _WINDOW, figures[at - 1].end if at and figures[at - 1].end <= one.start else 0)
        around = _before(text[begin : one.start]) | _after(text[one.end : one.end + _WINDOW])
        found.append(around | inside)
    return found


def _before(words: str) -> set[str]:
    clause = re.split(r"[,，。;；]", words)[-1]
    last = None
    for match in _BEFORE.finditer(clause):
        last = match
    return set() if last is None else {(last.lastgroup or "").rstrip("12")}


def _after(words: str) -> set[str]:
    if _NOT_OVER.match(words):
        return {"most"}
    match = _AFTER.match(words)
    return set() if match is None else {match.lastgroup or ""}


_VERBS_KO = "줄|감소|낮|단축|늘|증가|확대|높|높아|상승|향상|하락|절감|축소|끌어|인하|인상|개선|성장"
_TO_KO = re.compile(rf"\s?(?:수준)?(?:으로|로|까지)\s?(?:{_VERBS_KO})|에 불과|\s?수준")
_BY_KO = re.compile(rf"\s?(?:가|이|를|을|나|만큼|정도)?\s?(?:이상\s|더\s|가까이\s|가량\s)?(?:{_VERBS_KO})")
_VERBS_ZH = "缩小|压缩|降低|减少|下降|缩短|提高|提升|增长|增加|上升|扩大|缩减|下调|上调|上涨|下跌|降|减|增|升|涨"
_TO_ZH = re.compile(
    rf"(?:(?:{_VERBS_ZH})(?:至|到|为)|仅为|只有|仅有|仅是|相当于|约为|只是)(?:了|约|近|原来的|原有的|以前的|此前的|的)*$"
)
_BY_ZH = re.compile(rf"(?:{_VERBS_ZH})(?:了|约|近|超过|逾|超)*$")
_TO_EN = re.compile(r"(?<!up )\bto\s(?:about\s|around\s|only\s|just\s|nearly\s)?$", _I)
_BY_EN = re.compile(r"\bby\s(?:about\s|around\s|only\s|just\s|nearly\s|over\s|more than\s|a\s|up to\s)?$", _I)


def changes_of(text: str, figures: Sequence[Figure]) -> list[set[str]]:
    """For each share of a whole whether something changed to it or by it. By half and to half are the same."""
    return [_change(text, one) if _is_share(one) else set() for one in figures]


def _is_share(one: Figure) -> bool:
    return any(kind == "ratio" and value != "0.5" for kind, value in one.readings)


def _change(text: str, one: Figure) -> set[str]:
    before, after = text[max(0, one.start - 16) : one.start], text[one.end : one.end + 12]
    if _TO_KO.match(after) or _TO_ZH.search(before) or _TO_EN.search(before):
        return {"to"}
    if _BY_KO.match(after) or _BY_ZH.search(before) or _BY_EN.search(before):
        return {"by"}
    return set()
