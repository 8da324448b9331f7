"""Legal forms of companies: a part of their names that people write in many ways, or leave out.

A form counts at the edge of a name only. Elsewhere it is a word: an LLC converter, a limited edition."""

from __future__ import annotations

import re

_ABBREVIATED = {
    **dict.fromkeys("주株", "주식회사"),
    **dict.fromkeys("유有", "유한회사"),
    # Of two forms, either: both are left out of a query.
    **dict.fromkeys("합合", "합자회사"),
    "사": "사단법인",
    "재": "재단법인",
}
_AGAIN = "활용|사용|이용|생|제조|개발|고용|교육|취업|창업|건축"
"""After (재), which then is no foundation: (재)활용 is recycling."""
_ABBREVIATION = re.compile(
    rf"\(\s{{0,3}}(?!재\s{{0,3}}\)(?:{_AGAIN}))([주株유有합合사재])\s{{0,3}}\)|(?<!\w)([주株유])\s{{0,3}}\)"
)
_GLUED = re.compile(r"(?<=[a-z0-9])co\.?, ?ltd(?![a-z0-9])")
"""HanbitCo.,Ltd.: only the comma tells where the name ends."""

_KOREAN = (
    "주식회사 유한책임회사 유한회사 합자회사 합명회사 사단법인 재단법인 학교법인 의료법인 사회복지법인 "
    "농업회사법인 어업회사법인 영농조합법인 영어조합법인 사회적협동조합 협동조합 株式会社 有限会社"
)
"""Before a name or after it."""
_CHINESE = "股份有限公司 有限责任公司 有限公司 股份公司 特殊普通合伙 普通合伙 有限合伙 合伙企业 公司"
"""After a name. Longer ones first."""
_LATIN_PAIRS = "gmbh co kg|(?:co|company|pte|pty|pvt|private|corp) (?:ltd|limited)|co (?:llc|inc)"
_LATIN = "ltd|inc|incorporated|corp|llc|l l c|plc|p l c|gmbh|k k"
_LATIN_WORDS = "co|company|limited|corporation"
"""Words too, so only after a Latin name: 가스 CO is a gas."""


def _spaced(forms: str) -> str:
    """A pattern for the forms, whose characters may stand apart."""
    return "|".join(" ?".join(form) for form in forms.split())


_EITHER_EDGE = re.compile(rf"(?<!\w)(?:{_spaced(_KOREAN)})|(?:{_spaced(_KOREAN)})(?!\w)")
_LAST = re.compile(
    # Of 分公司 and 子公司, which are offices and daughters, the name would be cut in two.
    rf"(?<=\w) ?(?<![分子母总])(?<!有限)(?<!股份)(?:{_spaced(_CHINESE)})(?!\w)"
    rf"|(?<=\w) (?:{_LATIN_PAIRS})(?![a-z0-9])"
    rf"|(?<=\w) (?:{_LATIN})\Z|(?<=[a-z0-9]) (?:{_LATIN_WORDS})\Z"
)


def in_full(folded: str) -> str:
    """A folded text whose abbreviated forms are written out: ㈜ is 주식회사."""
    full = _ABBREVIATION.sub(lambda form: f" {_ABBREVIATED[form[1] or form[2]]} ", folded)
    return _GLUED.sub(" co ltd", full)


def without_forms(words: str) -> str:
    """Folded words, with one space between two, without the forms at the edges of names; all of them if nothing would
    be left."""
    left = words
    while True:
        # One form may stand before another: 농업회사법인 주식회사.
        shorter = " ".join(_LAST.sub(" ", _EITHER_EDGE.sub(" ", left)).split())
        if not shorter or shorter == left:
            return left
        left = shorter
