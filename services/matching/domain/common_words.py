"""Words that any firm writes. Two texts that share them have nothing in common, and a statement of nothing else says
nothing: a price that is negotiable, free samples, certificates, a wish for a market (docs/rules.md, section 4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from services.chassis.model import fold

Words = frozenset[str]
MAX_NAMES, MAX_NAME, MAX_SHOUTED = 16, 24, 3
_ABBREVIATIONS = ("certificate", "trade", "technology", "place")
_NATIVE = re.compile(r"[가-힣\u4e00-\u9fff]")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9+-]+")
_PIECE = re.compile(r"[a-z]+|[가-힣]+|[\u4e00-\u9fff]+")
_SLASHED = re.compile(r"(?<![a-z])(?:[a-z][/&][a-z](?![a-z])|[a-z]{2}/[a-z](?![a-z]))")
"""T/T, R&D, A/S."""
_NOT_WORDS = re.compile(
    r"(?:https?://|www\.)[!-~]+"
    r"|(?<![a-z])(?:(?:iso|iec|iatf|ohsas|fssc)[\s/-]?(?:9000|9001|13485|14000|14001|16949|17025|18001|22000|22716|27001|37001"
    r"|45001|50001)(?:[:-]\d{4})?|ip\s?\d\d)(?!\d)",
    re.IGNORECASE,
)
"""Addresses, and standards of management with their numbers: firms of any trade keep them."""
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9&+-]*")
_TAKEN = "\0"
_LEFT = re.compile(
    r"(?:(?:已?(?:通过|获得?|取得)|具有|带有|利用|基于|采用|可|支持|承接)\s?)?\0[\s,、·/&\0와과및和与或]{0,40}(?:등\s?|等\s?)?"
    r"(?:인증(?:을|를)?(?!\s?(?:대행|지원|컨설팅|서비스|업무|시험|기관|절차))(?:\s?(?:받은|획득한|취득한|보유한|통과한)\s)?"
    r"|(?:이|가)?\s?가능한\s|기반(?:의|으로)?\s|(?:을|를)?\s?(?:활용한|이용한|적용한|활용하는|이용하는)\s"
    r"|(?:体系)?认证(?!咨询|代理|服务|代办|机构|检测|办理)的?|的)?"
)
"""A common abbreviation that was taken out, and what belongs to it."""
_CONTENT = re.compile(r"[가-힣\u4e00-\u9fff]{2}|[A-Za-z]{2}")
_SERVICE = re.compile(
    r"(?:상담|교류|설명|박람|전시)회|(?:기업|직원|임직원|직업)\s?교육|(?:企业|员工|职业|人才)培训"
    r"|\A\s*(?:import|export|buying|purchasing) agent(?:s|cy)?(?: services?)? (?:for|of) "
    r"|(?<![a-z])(?:staff|corporate|vocational|business) training(?![a-z])"
)
"""Made of words of trade, but itself offered and looked for. Training alone comes with goods: 提供售后服务和培训."""
_START, _STEM, _END = 1, 2, 4


@dataclass(frozen=True)
class CommonWords:
    """`words`: ordinary English ones, `abbreviations`: of certificates, trade and broad technologies, `trade`: those of
    both that are terms of trade and name no technology; `stems` and `endings` of Korean, `chinese`; `plain`: no names,
    but they may tell of goods."""

    words: Words = frozenset()
    abbreviations: Words = frozenset()
    trade: Words = frozenset()
    stems: Words = frozenset()
    endings: Words = frozenset()
    chinese: Words = frozenset()
    plain: Words = frozenset()

    @staticmethod
    def of(lines: Iterable[str]) -> CommonWords:
        """From lines that begin with what the words are."""
        found: dict[str, set[str]] = {}
        for line in lines:
            kind, *words = line.split()
            found.setdefault(kind, set()).update(words)
        known = {kind: frozenset(words) for kind, words in found.items()}
        abbreviations = frozenset[str]().union(*(known[kind] for kind in _ABBREVIATIONS))
        trade = known["en"].union(*(known[kind] for kind in _ABBREVIATIONS if kind != "technology"))
        return CommonWords(known["en"], abbreviations, trade, known["ko"], known["ko-end"], known["zh"], known["plain"])

    @cached_property
    def _longest(self) -> int:
        return max(map(len, (*self.stems, *self.endings, *self.chinese)), default=0)

    def has(self, word: str) -> bool:
        """Whether a folded word in Latin letters is common."""
        return word in self.words or word in self.abbreviations

    def without_numbers(self, text: str) -> str:
        """A text without addresses and standards of management."""
        return _NOT_WORDS.sub(" ", text)

    def names(self, text: str) -> list[str]:
        """The names in Latin letters that a text has, the first 16: products, techniques, standards are called alike in
        both countries."""
        found = (name[:MAX_NAME] for name in self.all_names(text) if name[0].isalpha())
        return list(dict.fromkeys(found))[:MAX_NAMES]

    def all_names(self, text: str) -> list[str]:
        """Its names and what begins with a digit, folded, in order. Each line is looked at by itself."""
        plain = self.without_numbers(unicodedata.normalize("NFKC", text))
        found = [name for line in plain.splitlines() for name in _names(line) if not self._is_common(name)]
        return [name for name in map(fold, found) if name not in self.plain]

    def _is_common(self, name: str) -> bool:
        # CAN is a bus, and can is a word.
        return fold(name) in self.abbreviations or (not name.isupper() and fold(name) in self.words)

    def content(self, statement: str) -> str:
        """What of a statement tells its field: without common abbreviations and what belongs to them, and in English
        without common words. All of it where nothing would be left."""
        is_native = _NATIVE.search(statement) is not None
        plain = self.without_numbers(statement)
        kept = _LATIN_WORD.sub(lambda word: _TAKEN if self._is_dropped(word[0], is_native) else word[0], plain)
        kept = _LEFT.sub(" ", kept).strip(" ,、·")
        return statement if kept == plain or not _CONTENT.search(kept) else " ".join(kept.split())

    def _is_dropped(self, word: str, is_native: bool) -> bool:
        return self._is_common(word) if is_native else self.has(fold(word))

    def says_nothing(self, statement: str) -> bool:
        """Whether all its words are of trade, and one of them is no single letter: 2.6G says something."""
        folded = fold(statement)
        pieces = _PIECE.findall(_SLASHED.sub(" ", self.without_numbers(folded))) if not _SERVICE.search(folded) else []
        return any(len(piece) > 1 for piece in pieces) and all(map(self._is_trade, pieces))

    def _is_trade(self, piece: str) -> bool:
        if _NATIVE.match(piece):
            return self._divides(piece)
        return piece in self.trade or len(piece) == 1

    def _divides(self, piece: str) -> bool:
        """Whether known words and nothing else make it up: Korean stems, then endings; Chinese words."""
        reached = [_START, *[0] * len(piece)]
        for at in range(len(piece)):
            for end in range(at + 1, min(at + self._longest, len(piece)) + 1) if reached[at] else ():
                reached[end] |= self._after(reached[at], piece[at:end])
        return bool(reached[-1])

    def _after(self, state: int, word: str) -> int:
        is_stem = word in self.chinese or (word in self.stems and state & (_START | _STEM))
        return (_STEM if is_stem else 0) | (_END if word in self.endings else 0)


def _names(line: str) -> Iterator[str]:
    """Where Hangul or Chinese characters are written, any word in Latin letters may be a name. In English it has
    capitals or digits inside, or is the only one with a capital where it stands, but not the first. Where all is in
    capitals, they tell nothing: GEAR PUMPS; in two such words a short one is still a name: LED LAMPS."""
    tokens = _TOKEN.findall(line)
    if _NATIVE.search(line):
        yield from tokens
        return
    shouts = line.isupper() and len(tokens) > 1
    short = MAX_SHOUTED if len(tokens) == 2 else 0
    titles = [token[0].isupper() for token in tokens]
    for at, token in enumerate(tokens):
        alone = at > 0 and titles[at] and not titles[at - 1] and not any(titles[at + 1 : at + 2])
        inside = token[0].isdigit() or any(
            c.isdigit() or (c.isupper() and (not shouts or len(token) <= short)) for c in token[1:]
        )
        if inside or alone:
            yield token
