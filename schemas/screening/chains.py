"""Digits in any script, with whatever may stand between them: the runs that could be a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

_HAN = dict(
    zip("零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖貳參陸拐洞勾", "012345678912123456789236709", strict=True)
) | {
    "兩": "2",
    "〇": "0",
}
_HANGUL = dict(zip("공영일이삼사오육륙칠팔구", "001234566789", strict=True)) | {"ㅇ": "0", "ㅣ": "1", "빵": "0"}
_ENGLISH = dict(
    zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], "0123456789", strict=True)
) | {"oh": "0"}
_LOOK_ALIKE = str.maketrans("oOlIiSs|", "00111551")
_PARTICLE_WORDS = "으로요|으로|로|에게|에|입니다|이에요|예요|번으로|번|이고|님|의|국에|국"
_PARTICLES = re.compile(rf"(?:{_PARTICLE_WORDS})$")
_NATIVE_DIGITS = dict(zip("하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉".split(), "일이삼사오육칠팔구", strict=True))
_NATIVE = re.compile("|".join(_NATIVE_DIGITS))
_JOINING = re.compile("(?:再|然后|后面|接着|跟着|后|的|是|连)+")
_JOINING_WORDS = frozenset(
    {"다음", "그리고", "에", "국", "국에", "의", "뒷자리", "뒤", "뒤에", "로", "후", "앞자리", "번"}
    | {"다시", "대시", "하이픈", "짝대기", "뒷번호", "뒤번호", "끝번호", "끝자리", "중간", "가운데"}
    | {
        "后面",
        "再",
        "然后",
        "转",
        "后",
        "接着",
        "中间",
        "最后",
        "和",
        "加",
        "横",
        "杠",
        "开头",
        "前三位",
        "后四位",
        "后八位",
    }
    | {"dash", "then", "and"}
)
_TOKEN = re.compile(
    r"(?P<ascii>[0-9A-Za-z|]+)"
    rf"|(?P<han>(?:[要腰么](?=[{''.join(_HAN)}]{{2}}))?[{''.join(_HAN)}]+)"
    r"|(?P<hangul>[가-힣ㄱ-ㅊㅌㅍㅏ-ㅛㅡㅣ]+)"
    rf"|(?P<other>(?:(?![{''.join(_HAN)}]|[要腰么][{''.join(_HAN)}]{{2}})[\u3400-\u9fff])+)"
    r"|(?P<gap>[\s\-._,/~·()\[\]+*:'’=^&|`★☆●◆■♥♡→>ㅋㅎㅠㅜ]+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
MAX_GAP = 4
_MEASURES = frozenset("年月日号號个個台件套只元万亿千米吨克度层楼室栋期届次名人家岁时分秒位点點")
MIN_DIGITS = 7
_HANGUL_WORD = rf"(?<![가-힣])[{''.join(_HANGUL)}하나둘셋넷다섯여섯일곱덟아홉]{{1,16}}(?:{_PARTICLE_WORDS})?(?![가-힣])"
_A_DIGIT = rf"[0-9{''.join(_HAN)}]|{_HANGUL_WORD}|(?<![a-z])(?:{'|'.join(_ENGLISH)})(?![a-z])"
_NEAR = re.compile(
    rf"(?:(?<![0-9A-Za-z|])(?:[oOlIi|]{{1,4}}[\s\-._]{{1,2}})?[0-9A-Za-z|要腰么]{{1,4}})?(?:{_A_DIGIT})(?:.{{0,12}}?(?:{_A_DIGIT}))*[0-9A-Za-z|]{{0,11}}",
    re.DOTALL | re.IGNORECASE,
)
_DIGIT = re.compile(rf"[0-9{''.join(_HAN)}{''.join(_HANGUL)}oOlIiS|]|{'|'.join(_ENGLISH)}", re.IGNORECASE)
Script = Literal["digits", "look-alikes", "han", "hangul", "english"]


@dataclass(frozen=True, slots=True)
class Group:
    """Digits without a gap. `start` and `end` are their places in the plain text."""

    digits: str
    start: int
    end: int
    script: Script


@dataclass(slots=True)
class Chain:
    """Groups with what stands between them: `gaps[i]` before group i + 1."""

    groups: list[Group] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def chains(text: str) -> Iterator[Chain]:
    """All runs of digits that are long enough for a number, in order. Each character is looked at a bounded number of
    times: one pattern finds where digits are near each other, and only there the text is taken apart."""
    for span in _NEAR.finditer(text):
        if len(_DIGIT.findall(span[0])) >= MIN_DIGITS:
            yield from _in_span(text, span.start(), span.end())


def _in_span(text: str, start: int, end: int) -> Iterator[Chain]:
    chain, gap = Chain(), ""
    for match in _TOKEN.finditer(text, start, end):
        group = _group(match, text)
        if group is not None and chain.groups and not gap:
            chain.groups[-1] = _merged(chain.groups[-1], group)
        elif group is not None:
            if chain.groups:
                chain.gaps.append(gap)
            chain.groups.append(group)
            gap = ""
        elif chain.groups and (joined := _joins(match)) and len(gap) + len(joined) <= 3 * MAX_GAP:
            gap += joined
        else:
            if chain.groups:
                yield chain
            chain, gap = Chain(), ""
    if chain.groups:
        yield chain


def _merged(left: Group, right: Group) -> Group:
    """Digits in two scripts without a gap are one group: 공1공."""
    script = right.script if left.script == "digits" else left.script
    return Group(left.digits + right.digits, left.start, right.end, script)


def _joins(match: re.Match[str]) -> str:
    """What stands between two groups of one number; empty where no number goes on over it."""
    said = match[0]
    if match["gap"]:
        return said if len(said) <= MAX_GAP else ""
    if said.lower() in _JOINING_WORDS or _JOINING.fullmatch(said):
        return f" {said} "
    # 139空2604空7718: a sign of no meaning between the groups
    return said if match["other"] and len(said) == 1 and said not in _MEASURES else ""


def _group(match: re.Match[str], text: str) -> Group | None:
    said, start = match[0], match.start()
    if match["ascii"]:
        return _ascii_group(said, start)
    if match["han"]:
        return Group("".join(_HAN.get(c, "1") for c in said), start, match.end(), "han")
    if match["hangul"]:
        return _hangul_group(said, start)
    return None


def _ascii_group(said: str, start: int) -> Group | None:
    end = start + len(said)
    if said.isdigit():
        return Group(said, start, end, "digits")
    if (digit := _ENGLISH.get(said.lower())) is not None:
        return Group(digit, start, end, "english")
    # Letters that look like digits, and a digit at least; or o1o and the like alone.
    plain = said.translate(_LOOK_ALIKE)
    if plain.isdigit() and (any(c.isdigit() for c in said) or set(said) <= set("oOlIi|")):
        return Group(plain, start, end, "look-alikes")
    return None


def _hangul_group(said: str, start: int) -> Group | None:
    """A word of digit names, perhaps with a particle. Korean digits are ordinary syllables: the whole word counts."""
    for word in (said, _PARTICLES.sub("", said)):
        syllables = _NATIVE.sub(lambda match: _NATIVE_DIGITS[match[0]], word)
        if syllables and all(c in _HANGUL for c in syllables):
            return Group("".join(_HANGUL[c] for c in syllables), start, start + len(word), "hangul")
    return None
