"""Whether something goes up or down by a share or a multiple, or to it, in the words around the figure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .figure import Figure

_NEAR, _FAR = 24, 72
"""Characters before a figure that are looked at. English has an object between its verb and the figure."""
_BELOW = "-−△▲▽▼"
_STOP = re.compile(r"[,.;:!?()，。；：！？（）、\d]")


def directions_of(text: str, figures: Sequence[Figure]) -> list[set[str]]:
    """For each share or multiple whether it is said to go up or down. Both where words next to it say both, and empty
    where nothing says it."""
    return [_direction(text, one) if _is_change(one) else set() for one in figures]


def _is_change(one: Figure) -> bool:
    return any(kind in ("ratio", "points", "multiple") for kind, _ in one.readings)


def _direction(text: str, one: Figure) -> set[str]:
    if text[one.start] in _BELOW:
        # A growth of -5 % is a fall: the sign is compared with the figure, and the noun says nothing.
        return set()
    before = _STOP.split(text[max(0, one.start - _FAR) : one.start])[-1]
    after = _STOP.split(text[one.end : one.end + _NEAR])[0]
    return (
        _korean_after(after)
        or _korean_before(before[-_NEAR:])
        or _chinese_before(before[-_NEAR:])
        or _chinese_after(after)
        or _english_before(before)
        or _english_after(after)
    )


def _said(pattern: re.Pattern[str], words: str) -> set[str]:
    return {match.lastgroup or "" for match in pattern.finditer(words)}


def _without_fillers(words: str, fillers: tuple[str, ...]) -> str:
    """The words without those at their end that say only how exact a figure is."""
    while rest := next((words[: -len(one)] for one in fillers if words.endswith(one)), None):
        words = rest
    return words if rest is None else ""


# -- Korean: the verb stands behind the figure, a noun before it

_NOUNS_UP = "증가|확대|상승|향상|인상|(?<!역)성장|증대|급증|급등|증액"
_NOUNS_DOWN = "감소|단축|하락|절감|절약|축소|인하|감축|역성장|급감|급락|저감|경감|삭감|할인|감액"
_NEXT_KO = re.compile(
    r"\s?(?:포인트|p)?(?:가|이|를|을|나|만큼|정도|로|으로|까지|씩)?\s?(?:(?:이상|이하로|미만으로|수준으로|더|넘게|가까이|가량)\s)?"
    rf"(?:(?P<up>{_NOUNS_UP}|늘|높|많|올[리라랐]|오[르른]|뛰)"
    rf"|(?P<down>{_NOUNS_DOWN}|줄|낮|적[은게습다]|깎|떨어|내[리려렸린]|저렴|싸게))"
)
_NEAR_KO = re.compile(
    rf"(?P<up>{_NOUNS_UP}|(?<![가-힣])(?:늘[어었렸리린려]|높|올[리라랐려렸]))"
    rf"|(?P<down>{_NOUNS_DOWN}|(?<![가-힣])(?:줄[어었였이인여일]|낮[은추췄아]|떨어|적[은게]))"
)
_NEW_CLAUSE = re.compile(r"(?<=[고며서])\s")
_NOUN_KO = re.compile(rf"(?:(?P<up>{_NOUNS_UP})|(?P<down>{_NOUNS_DOWN}))(?:\s?효과|[율률폭])?(?:이|은|는|가)?\Z")
_FILLERS_KO = (" ", "약", "최대", "최소", "평균", "무려", "연")


def _korean_after(after: str) -> set[str]:
    match = _NEXT_KO.match(after)
    if match is not None:
        return {match.lastgroup or ""}
    return _said(_NEAR_KO, _NEW_CLAUSE.split(after[:16])[0])


def _korean_before(before: str) -> set[str]:
    return _said(_NOUN_KO, _without_fillers(before, _FILLERS_KO)[-8:])


# -- Chinese: the verb stands before the figure, a noun behind it

_WORDS_ZH = re.compile(
    r"(?P<up>提高|提升|增长|增加|上升|扩大|上调|上涨|增幅|涨幅|升幅|激增|攀升|(?<![最至很不许之])(?:[高多](?=出?\Z)|[增升涨]\Z))"
    r"|(?P<down>负增长|降低|减少|下降|缩短|缩小|缩减|压缩|下调|下跌|下滑|削减|降幅|跌幅|减幅|骤降|锐减|节省|节约|节能|省电|省下"
    r"|优惠|便宜|(?<![最至很不之])[低少](?=出?\Z)|[省减降跌]\Z)"
)
_FILLERS_ZH = (
    " ",
    *"了 约 近 至 到 为 达 高达 可达 最多 最高 最大 至少 超过 逾 超 不到 不足".split(),
    *"以上 原来的 原有的 以前的 此前的 的 出".split(),
)
_WEAK_ZH = ("率", "速")
_BEHIND_ZH = re.compile(r"(?:以上|以下|左右)?\s?的")


def _chinese_before(before: str) -> set[str]:
    words = _without_fillers(before, _FILLERS_ZH)
    if words.endswith(_WEAK_ZH):
        return _said(_WORDS_ZH, words[:-1][-10:])
    found = [(match.end(), match.lastgroup or "") for match in _WORDS_ZH.finditer(words)]
    if found and found[-1][0] == len(words):
        return {found[-1][1]}
    return _said(_WORDS_ZH, words[-10:])


def _chinese_after(after: str) -> set[str]:
    match = _BEHIND_ZH.match(after)
    return set() if match is None else _said(_WORDS_ZH, after[match.end() : match.end() + 8])


# -- English: verbs before the figure with their objects, nouns and comparatives on both sides

_UP = frozenset(
    "rose risen rise rises rising grew grow grows grown growing growth increase increases increased increasing improve"
    " improves improved improving raise raises raised raising boost boosts boosted boosting gain gains gained climb"
    " climbs climbed jump jumps jumped surge surged up".split()
)
_DOWN = frozenset(
    "fell fall falls fallen falling drop drops dropped dropping decline declines declined declining decrease decreases"
    " decreased decreasing reduce reduces reduced reducing reduction reductions cut cuts cutting lower lowers lowered"
    " lowering less save saves saved saving savings shrink shrinks shrank shrunk slash slashes slashed trim trims"
    " trimmed shorten shortens shortened down discount discounts".split()
)
_BEHIND_UP = frozenset(
    "higher more greater increase increases growth rise gain gains hike surge up longer larger".split()
)
_BEHIND_DOWN = frozenset(
    "lower less fewer reduction reductions decrease decreases decline drop fall cut cuts saving savings down off"
    " discount cheaper shorter smaller shrinkage".split()
)
_FILLERS_EN = frozenset(
    "by to about around over nearly almost only just approximately roughly some a an the further additional extra"
    " another as much at least most below under above of is was reached reaching rate rates than".split()
)
_NEW_CLAUSE_EN = frozenset("and while but whereas thereby with through or".split())
_NOT_BEHIND = frozenset(
    "of in and or to for with by on at from is are was were than while but through as compared versus".split()
)
# To improve these is to have less of them.
_BURDENS = frozenset(
    "consumption cost costs defect defects loss losses error errors noise emission emissions weight waste usage".split()
)
_NO_AMOUNT = frozenset("compact affordable economical efficient effective".split())
"""More of these is better, and need not be more of anything."""
_WORD = re.compile(r"[a-z]+")


def _english_before(before: str) -> set[str]:
    words = _WORD.findall(before.lower())
    kept = _popped(words)
    fillers = words[len(kept) :]
    if not kept:
        return set()
    if last := _said_by(kept[-2:], kept[-1:]):
        return last
    if "of" in fillers and "in" in kept:
        at = max(n for n, word in enumerate(kept) if word == "in")
        return _said_by(kept[:at], kept[max(at - 1, 0) : at])
    if not {"by", "to"} & set(fillers):
        return set()
    begin = max((n for n, word in enumerate(kept) if word in _NEW_CLAUSE_EN), default=0)
    return _said_by(kept[begin:], kept[begin:]) or _said_by(kept, kept)


def _popped(words: list[str]) -> list[str]:
    """The words without those at their end that link a verb to a figure: by up to, to less than."""
    kept = list(words)
    while kept and kept[-1] in _FILLERS_EN:
        last = kept.pop()
        if kept and (last, kept[-1]) in (("to", "up"), ("than", "more"), ("than", "less"), ("than", "fewer")):
            kept.pop()
    return kept


def _said_by(context: list[str], words: list[str]) -> set[str]:
    found = set()
    if any(word in _UP and not (word.startswith("improv") and _BURDENS & set(context)) for word in words):
        found.add("up")
    if any(word in _DOWN for word in words):
        found.add("down")
    if "up" in found and words[-1] == "growth" and "negative" in context:
        return {"down"}
    return found


def _english_after(after: str) -> set[str]:
    words = _WORD.findall(after.lower())
    for at, word in enumerate(words[:3]):
        following = words[at + 1 : at + 3]
        if word in _NOT_BEHIND:
            break
        if word == "more" and (_NO_AMOUNT & set(following) or following[:1] == ["than"]):
            break
        if word in _BEHIND_UP and not (word == "up" and following[:1] == ["to"]):
            return {"up"}
        if word in _BEHIND_DOWN:
            return {"down"}
    return set()
