"""Profits and losses. 영업이익 △3억 원 is a loss; elsewhere the same marks are bullets, or say up. 영업이익 3억 원 is
no 营业亏损."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from .figure import Figure
from .suffixes import CURRENCIES

_NEAR = 16
# What may fall below zero, and at most a particle or a colon between it and the mark.
_ACCOUNT = re.compile(
    r"(?:이익|순익|손익|손실|적자|수지|실적|증감|증감액|률|(?<!환)율|대비|利润|净利|损益|盈亏|盈利|收益|亏损|赤字|增减|增减额|率|同比|环比"
    r"|profit|income|loss|deficit|growth|margin|change|balance)"
    r"\s?(?:은|는|이|가|을|를|도|인|약|为|是|约|:|of|was|is)?\s?(?:약|约|\()?\s?\Z",
    re.IGNORECASE,
)
# 손익, 损益 and 盈亏 are either; 이익률 is a share, and before no money.
_RESULT = re.compile(
    r"(?:(?P<profit>(?<!불)이익|순익|흑자|利润|利潤|净利|淨利|盈利|盈余|盈餘|profits?|net income)"
    r"|(?P<loss>손실|적자|亏损|虧損|赤字|loss(?:es)?|deficits?))"
    r"(?:액|额|額|总额|總額|규모)?\s?(?:은|는|이|가|을|를|도|인|为|為|是|达|達|:|：|of|was|were|is)?\s?"
    r"(?:약|约|約|about|some|over)?\s?\Z",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\(\s?\Z")
_RATIOS = frozenset({"ratio", "points"})


def sign_of_mark(text: str, at: int, kinds: Set[str]) -> str:
    """What a △ or ▲ says of the figure behind it: "below" of money, a rate or a bare number of an account, "either" of
    other money and rates, and nothing where it is a bullet. ▲12% may also mean up."""
    before = text[max(0, at - _NEAR) : at]
    is_account = _ACCOUNT.search(before) is not None
    if kinds & _RATIOS:
        is_below = text[at] in "△▽▼" and (is_account or _BRACKET.search(before) is not None)
    else:
        is_below = is_account and (not kinds or bool(kinds & CURRENCIES))
    if is_below:
        return "below"
    return "either" if kinds & (_RATIOS | CURRENCIES) else ""


def results_of(text: str, figures: Sequence[Figure]) -> list[set[str]]:
    """For each sum of money whether it is said to be a profit or a loss; empty where nothing says it."""
    return [_result(text, one) if {kind for kind, _ in one.readings} & CURRENCIES else set() for one in figures]


def _result(text: str, one: Figure) -> set[str]:
    match = _RESULT.search(text[max(0, one.start - _NEAR) : one.start])
    if match is None:
        return set()
    if all(value.startswith("-") for _, value in one.readings):
        # A profit below zero is a loss. What a loss below zero is, no two writers agree on.
        return {"loss"} if match["profit"] else set()
    return {match.lastgroup or ""}
