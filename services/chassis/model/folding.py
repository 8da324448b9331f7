"""One form for texts that a reader takes for the same, for search and comparison; never for what is stored or shown.

Unified are width, case, composition (decomposed Hangul, compatibility ideographs, ㈜), and traditional with simplified
Chinese; what no reader sees is dropped."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .simplified import PAIRS

_SIMPLIFIED = str.maketrans({pair[0]: pair[1] for pair in PAIRS.split()})
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Unicode's default ignorable characters: zero widths, fillers, variation selectors."""


@lru_cache(maxsize=2_000)
def fold(text: str) -> str:
    """The text as it is compared. Folding twice changes nothing more."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    # Folding case may leave decomposed letters, and a compatibility form may unfold to a traditional character.
    return unicodedata.normalize("NFKC", plain).translate(_SIMPLIFIED)
