"""Marks of accounts before a figure: 영업이익 △3억 원 is a loss. Elsewhere the same signs are bullets, or say up."""

from __future__ import annotations

import re
from collections.abc import Set

from .suffixes import CURRENCIES

_NEAR = 16
# What may fall below zero, and at most a particle or a colon between it and the mark.
_ACCOUNT = re.compile(
    r"(?:이익|순익|손익|손실|적자|수지|실적|증감|증감액|률|(?<!환)율|대비|利润|净利|损益|盈亏|盈利|收益|亏损|赤字|增减|增减额|率|同比|环比"
    r"|profit|income|loss|deficit|growth|margin|change|balance)"
    r"\s?(?:은|는|이|가|을|를|도|인|약|为|是|约|:|of|was|is)?\s?(?:약|约|\()?\s?\Z",
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
