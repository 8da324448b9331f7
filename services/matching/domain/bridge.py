"""The Sino-Korean bridge: 반도체 and 半导体 are one word, seen through how its characters are read in Korean (rules 4).

Each text becomes a set of syllable bigrams (Hangul as it stands, Chinese characters by their Korean reading) and Latin
words. Two texts are compared by what they share, weighed by how rare it is. Strong for words of Chinese origin, blind
for loan words: it can only add to a score."""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grams = npt.NDArray[np.uint32]
_LATIN = re.compile(r"[a-z0-9]{2,}")
_FIRST_SYLLABLE, _SYLLABLES, _PER_INITIAL, _PER_VOWEL = 0xAC00, 11172, 588, 28
_N, _R, _SILENT = 2, 5, 11  # initial consonants ㄴ ㄹ ㅇ
_Y_SOUNDS = frozenset({2, 3, 6, 7, 12, 17, 20})  # vowels ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ


def as_initial(syllable: str) -> str:
    """As it sounds at the beginning of a word (두음법칙): 력 -> 역, 로 -> 노, 녀 -> 여. Words are spelt either way, by
    where the character stands, so all are compared in this one."""
    code = ord(syllable) - _FIRST_SYLLABLE
    if not 0 <= code < _SYLLABLES:
        return syllable
    initial, vowel, final = code // _PER_INITIAL, code % _PER_INITIAL // _PER_VOWEL, code % _PER_VOWEL
    if initial == _R:
        initial = _SILENT if vowel in _Y_SOUNDS else _N
    elif initial == _N and vowel in _Y_SOUNDS:
        initial = _SILENT
    return chr(_FIRST_SYLLABLE + initial * _PER_INITIAL + vowel * _PER_VOWEL + final)


def grams(text: str, readings: Mapping[str, str]) -> Grams:
    """The text's bigrams and Latin words, as sorted 32-bit hashes. `readings`: Chinese character -> Hangul syllable."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found = set(_LATIN.findall(plain))
    run = ""
    for character in plain + " ":
        syllable = readings.get(character, character)
        if "가" <= syllable <= "힣":
            run += as_initial(syllable)
        else:
            found |= {run[i : i + 2] for i in range(len(run) - 1)}
            run = ""
    return np.array(sorted(zlib.crc32(gram.encode()) for gram in found), dtype=np.uint32)


@dataclass(frozen=True)
class Bridge:
    """`frequency`: in how many of the reference sample's `size` texts a gram stands."""

    readings: Mapping[str, str]
    frequency: Mapping[int, int]
    size: int

    @staticmethod
    def over(readings: Mapping[str, str], sample: Iterable[str]) -> Bridge:
        frequency: dict[int, int] = {}
        size = 0
        for text in sample:
            size += 1
            for gram in grams(text, readings).tolist():
                frequency[gram] = frequency.get(gram, 0) + 1
        return Bridge(readings, frequency, size)

    def grams(self, text: str) -> Grams:
        return grams(text, self.readings)

    def likeness(self, a: Grams, b: Grams) -> float:
        """In [0, 1]: the cosine of the two sets, each gram weighed by its rarity."""
        weight = self._weight(np.intersect1d(a, b, assume_unique=True))
        return weight / math.sqrt(self._weight(a) * self._weight(b)) if weight else 0.0

    def _weight(self, found: Grams) -> float:
        return sum(math.log((self.size + 1) / (self.frequency.get(g, 0) + 1)) ** 2 for g in found.tolist())
