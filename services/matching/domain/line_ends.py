"""Which ends of lines are no ends of statements: those of copied PDF files, within a sentence.

Lists without marks have short lines as well. So two lines are one only if the first shows by itself that it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(r"[^\r\n]+")
_END = re.compile(r"\r?\n(?![\r\n])")
_MARK = re.compile(r"[-–—*·∙‧•●■◆▶▷◇□◎※○①-⑳(（\[【<\x1e]|\d{1,2}[.)、]|[가-하]\)")
"""With these an item or a heading begins."""
_NOUNS = "회의|협의|강의|논의|합의|문의|동의|정의|결의|창의|편의|역할|분할|마을"
_KO_GOES_ON = re.compile(
    rf"(?<!\S)(?!\S{{0,12}}(?:{_NOUNS})\Z)\S{{1,20}}(?:[을를의은는]|하는|되는|되고|하고|하며|으며|되며|하여|되어|위한"
    r"|대한|에서|으로|에게|부터|할)\Z|(?<!\S)(?:및|또는|현재|더\s이상|약|각)\Z"
)
_KO_AUXILIARY = re.compile(r"(?:않|못|아니|말아)")
"""What follows `-지`, which itself ends many nouns: 전지, 부지, 패키지."""
_KO_PREDICATE = re.compile(r"[가-힣](?:[다요음함됨][.!]?(?:\s|\Z)|[.])")
_EN_WORD = re.compile(r"[a-zA-Z][\w'’-]*,?")
_EN_GOES_ON = frozenset(
    "the a an of to and or for in with by from our your at on as is are has have had been be was were not into".split()
)
_EN_FEWEST, _ZH_FEWEST, _LONGEST = 4, 12, 200
_ZH_GOES_ON = "的和与及或并也不以为在对将被把向从"
_ZH_END = re.compile(r"[。！？；]")
_ZH_HEADINGS = ("公司", "简介", "介绍", "产品", "服务", "业务")
_IS_HAN = re.compile(r"[\u4e00-\u9fff]\Z")


def wrapped(text: str) -> Iterator[int]:
    """Where the line ends begin that a statement goes on over, in order."""
    goes_on, width = False, max((len(line[0]) for line in _LINE.finditer(text)), default=0)
    for found in _END.finditer(text):
        before = text[_line_start(text, found.start()) : found.start()].rstrip()
        rest = text[found.end() : found.end() + _LONGEST].replace("\r", "").partition("\n\n")[0]
        after = rest.partition("\n")[0].strip()
        goes_on = bool(before and after and not _MARK.match(after)) and (
            _goes_on_ko(before, after, rest)
            or _goes_on_en(before, after, goes_on)
            or _goes_on_zh(before, rest, goes_on, width)
        )
        if goes_on:
            yield found.start()


def _line_start(text: str, end: int) -> int:
    """Of the line that ends there; of a long one only the end is looked at."""
    least = max(0, end - _LONGEST)
    return max(text.rfind("\n", least, end) + 1, least)


def _goes_on_ko(before: str, after: str, rest: str) -> bool:
    """`rest`: of the paragraph. It has a predicate, as a list of nouns has not."""
    if before.endswith("지") and _KO_AUXILIARY.match(after):
        return True
    if len(before.split()) < 2 and not before.endswith("현재"):
        return False
    return bool(_KO_GOES_ON.search(before[-40:]) and _KO_PREDICATE.search(rest))


def _goes_on_en(before: str, after: str, is_inside: bool) -> bool:
    """`is_inside`: the line before is itself the rest of another. Else it begins with a capital, so that items that
    all begin with small letters stay apart."""
    words = before.split()
    if not (_EN_WORD.fullmatch(words[-1]) and after[0].isascii() and after[0].isalpha()):
        return False
    if not (is_inside or words[0][0].isupper()):
        return False
    goes_on = words[-1].lower() in _EN_GOES_ON
    return (goes_on or after[0].islower()) and (is_inside or len(words) >= _EN_FEWEST)


def _goes_on_zh(before: str, rest: str, is_inside: bool, width: int) -> bool:
    """A line as wide as any that is no heading; or one that ends with a word that needs another. No mark is at its end,
    and the paragraph has an end of a sentence."""
    if not (_IS_HAN.search(before) and _ZH_END.search(rest)):
        return False
    is_long = len(before) >= _ZH_FEWEST
    is_wide = is_long and len(before) * 4 >= width * 3 and not before.endswith(_ZH_HEADINGS)
    return is_wide or (before[-1] in _ZH_GOES_ON and (is_inside or is_long))
