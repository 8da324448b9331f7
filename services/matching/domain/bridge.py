"""The Sino-Korean bridge: 반도체 and 半导体 are the same word if Chinese characters are read in Korean (docs/rules.md,
section 4).

Each text becomes a set of syllable bigrams (Hangul as it is, Chinese characters by their Korean reading) and Latin
words. Two texts are compared by the grams that they share, weighted by rarity. This is strong for words of Chinese
origin and useless for loan words, so it only adds to a score."""

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


def grams(text: str, readings: Mapping[str, str]) -> Grams:
    """The bigrams and Latin words of a text, as sorted 32-bit hashes, shape (grams,). `readings` maps a Chinese
    character to its Hangul syllable."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found = set(_LATIN.findall(plain))
    run = ""
    # The space ends the last run.
    for character in plain + " ":
        syllable = readings.get(character, character)
        if "가" <= syllable <= "힣":
            run += as_initial(syllable)
        else:
            found |= {run[i : i + 2] for i in range(len(run) - 1)}
            run = ""
    # Not `hash`: that differs from process to process, and grams are stored.
    return np.array(sorted(zlib.crc32(gram.encode()) for gram in found), dtype=np.uint32)


@dataclass(frozen=True)
class Bridge:
    """Compares texts by their grams. `frequency` is the number of texts that have a gram, of the `size` texts of the
    reference sample."""

    readings: Mapping[str, str]
    frequency: Mapping[int, int]
    size: int

    @staticmethod
    def over(readings: Mapping[str, str], sample: Iterable[str]) -> Bridge:
        """The bridge whose weights come from this sample."""
        frequency: dict[int, int] = {}
        size = 0
        for text in sample:
            size += 1
            for gram in grams(text, readings).tolist():
                frequency[gram] = frequency.get(gram, 0) + 1
        return Bridge(readings, frequency, size)

    def grams(self, text: str) -> Grams:
        """The grams of a text, with the readings of this bridge."""
        return grams(text, self.readings)

    def likeness(self, a: Grams, b: Grams) -> float:
        """The cosine of two sets of grams, in [0, 1], each gram weighted by its inverse document frequency."""
        weight = self._weight(np.intersect1d(a, b, assume_unique=True))
        return weight / math.sqrt(self._weight(a) * self._weight(b)) if weight else 0.0

    def _weight(self, found: Grams) -> float:
        # Squared, as in the cosine of two vectors of these weights. A gram that the sample lacks counts most.
        return sum(math.log((self.size + 1) / (self.frequency.get(g, 0) + 1)) ** 2 for g in found.tolist())
