"""The Sino-Korean bridge: 반도체 and 半导体 are the same word if Chinese characters are read in Korean (docs/rules.md,
section 4).

Each text becomes a set of syllable bigrams (Hangul as it is, Chinese characters by their Korean readings, whichever
script they are written in) and names in Latin letters. A character with several readings has the bigrams of all of
them. Two texts are compared by the grams that they share, weighted by rarity. This is strong for words of Chinese
origin and useless for loan words, so it only adds to a score."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from services.chassis.model import fold

from .common_words import CommonWords

Grams = npt.NDArray[np.uint32]
WeightedGrams = tuple[Grams, npt.NDArray[np.float64]]
FURTHER_READINGS = dict(
    pair.split(":")
    for pair in (
        "更:경갱 乐:악낙요 易:역이 识:식지 复:복부 率:율솔 干:간건 不:불부 北:북배 车:차거 金:금김 行:행항 "
        "见:견현 说:설세열 度:도탁 数:수삭 降:강항 参:참삼 便:편변 切:절체 刺:자척 句:구귀 台:태대 叶:엽섭 "
        "恶:악오 塞:색새 丹:단란 奈:나내 契:계글설 宅:택댁 宿:숙수 帅:솔수 征:정징치 拓:척탁 拾:습십 暴:폭포 "
        "杀:살쇄 洞:동통 状:상장 获:획확 画:화획 省:성생 糖:당탕 索:색삭 若:약야 茶:차다 读:독두 龟:구귀균 "
        "则:칙즉 推:추퇴 布:포보 滑:활골 着:착저 著:저착 差:차치 否:부비 咽:인열 斗:두투 丰:풍봉 只:지척 "
        "郁:울욱 沈:심침 曲:곡국 于:어우 辰:진신 食:식사 贾:가고 藉:자적 邪:사야 射:사야 诸:제저 衰:쇠최 "
        "木:목모 内:내나 什:십집 提:제리"
    ).split()
)
"""Simplified characters that Korean words read in several ways, with all readings (效率 효율, 引率 인솔)."""
_LATIN = re.compile(r"[a-z0-9]{2,}")
_NO_WORDS = CommonWords()
EXACT = 2.0**32
# Unicode computes a Hangul syllable: 0xAC00 + initial * 588 + vowel * 28 + final.
_FIRST_SYLLABLE, _SYLLABLES, _PER_INITIAL, _PER_VOWEL = 0xAC00, 11172, 588, 28
_N, _R, _SILENT = 2, 5, 11  # initial consonants ㄴ ㄹ ㅇ
_Y_SOUNDS = frozenset({2, 3, 6, 7, 12, 17, 20})  # vowels ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ


def as_initial(syllable: str) -> str:
    """The syllable as it is spelt at the beginning of a word (두음법칙): 력 -> 역, 로 -> 노, 녀 -> 여. The same
    character is spelt in both ways, depending on its place, so all syllables are compared in this form."""
    code = ord(syllable) - _FIRST_SYLLABLE
    if not 0 <= code < _SYLLABLES:
        return syllable
    initial, vowel, final = code // _PER_INITIAL, code % _PER_INITIAL // _PER_VOWEL, code % _PER_VOWEL
    # At a word's beginning ㄹ and ㄴ are silent before ㅣ and before y sounds; before other vowels ㄹ becomes ㄴ.
    if initial == _R:
        initial = _SILENT if vowel in _Y_SOUNDS else _N
    elif initial == _N and vowel in _Y_SOUNDS:
        initial = _SILENT
    return chr(_FIRST_SYLLABLE + initial * _PER_INITIAL + vowel * _PER_VOWEL + final)


def grams(text: str, readings: Mapping[str, str], common: CommonWords = _NO_WORDS) -> Grams:
    """The bigrams of a text and its names in Latin letters, but `common` ones, as sorted 32-bit hashes, shape (grams,).
    `readings` maps a simplified character to its Hangul syllable, or to several."""
    plain = fold(text)
    found = {word for name in common.all_names(text) for word in _LATIN.findall(name)}
    before = ""
    for character in plain:
        syllables = _syllables(character, readings)
        found |= {a + b for a, b in product(before, syllables)}
        before = syllables
    # Not `hash`: that differs from process to process, and grams are stored.
    return np.array(sorted(zlib.crc32(gram.encode()) for gram in found), dtype=np.uint32)


def _syllables(character: str, readings: Mapping[str, str]) -> str:
    """All that the character may be read as, in the form in which syllables are compared; empty for what is no
    syllable."""
    read = readings.get(character, character)
    if not "가" <= read[0] <= "힣":
        return ""
    return "".join({as_initial(syllable): None for syllable in read + FURTHER_READINGS.get(character, "")})


@dataclass(frozen=True)
class Bridge:
    """Compares texts by their grams. `frequency` is the number of texts that have a gram, of the `size` texts of the
    reference sample; `common` words are no grams."""

    readings: Mapping[str, str]
    frequency: Mapping[int, int]
    size: int
    common: CommonWords = _NO_WORDS

    @staticmethod
    def over(readings: Mapping[str, str], sample: Iterable[str], common: CommonWords = _NO_WORDS) -> Bridge:
        """The bridge whose weights come from this sample."""
        frequency: dict[int, int] = {}
        size = 0
        for text in sample:
            size += 1
            for gram in grams(text, readings, common).tolist():
                frequency[gram] = frequency.get(gram, 0) + 1
        return Bridge(readings, frequency, size, common)

    def grams(self, text: str) -> Grams:
        """The grams of a text, with the readings of this bridge."""
        return grams(text, self.readings, self.common)

    def weighted(self, found: Grams) -> WeightedGrams:
        """Grams with the weight of each: its inverse document frequency, squared as in the cosine of two vectors of
        these. A gram that the sample lacks counts most. Fractions of 32 bits, so sums of them are exact."""
        known = np.array([self.frequency.get(gram, 0) for gram in found.tolist()], dtype=np.float64)
        return found, np.rint(np.log((self.size + 1) / (known + 1)) ** 2 * EXACT) / EXACT

    def likenesses(self, mine: WeightedGrams, theirs: Sequence[WeightedGrams]) -> npt.NDArray[np.float64]:
        """The cosine of a set of grams with each of the others, in [0, 1]."""
        found = np.zeros(len(theirs))
        if not len(mine[0]):
            return found
        grams, weights = (np.concatenate(part) for part in zip(*theirs, strict=True))
        owners = np.repeat(np.arange(len(theirs)), [len(one) for one, _ in theirs])
        at = np.minimum(np.searchsorted(mine[0], grams), len(mine[0]) - 1)
        common = np.bincount(owners, weights * (mine[0][at] == grams), len(theirs))
        whole = np.bincount(owners, weights, len(theirs)) * mine[1].sum()
        np.divide(common, np.sqrt(whole), out=found, where=common > 0)
        return found
