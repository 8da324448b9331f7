"""Entries as matching scores them, made by its own encoder and scorer: nothing is measured on a copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from schemas.common import Text
from services.matching.domain.indexed_profile import EncodedText, IndexedEntry, IndexedProfile
from services.matching.domain.pair_score import Fit, Scorer
from services.matching.encoder import Encoder

from .lines import lines
from .partners import Said, Side, language

BATCH = 64


def encoded(encoder: Encoder, texts: Iterable[Text]) -> dict[tuple[str, str], EncodedText]:
    """Each different text once, by language and text."""
    wanted = list({(text.lang, text.text): text for text in texts}.values())
    found: dict[tuple[str, str], EncodedText] = {}
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        found |= {(t.lang, t.text): one for t, one in zip(batch, encoder.encode(batch), strict=True)}
    return found


def entry(said: Said, one: EncodedText) -> IndexedEntry:
    """The indexed entry of one text of the gold set."""
    return indexed(said.side, said.kind, said.text.text, one)


def indexed(side: Side, kind: str, text: str, one: EncodedText) -> IndexedEntry:
    """An entry with this side and kind."""
    id = hashlib.sha256(f"{side}{kind}{text}".encode()).hexdigest()[:16]
    return IndexedEntry(id=id, side=side, kind=kind, text_id=id, **one.model_dump())


def profile(id: str, country: str, entries: Sequence[IndexedEntry]) -> IndexedProfile:
    """A profile with these entries."""
    return IndexedProfile(id=id, owner=id, country=country, languages=["en"], entries=list(entries))


class Fits:
    """Fits of single entries, remembered."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._known: dict[tuple[str, str], Fit] = {}
        self._blank = profile("p", "KR", [])

    def of(self, a: IndexedEntry, b: IndexedEntry) -> Fit:
        """The fit of a need and an offer, in any order."""
        need, offer = (a, b) if a.side == "need" else (b, a)
        key = (need.id, offer.id)
        if key not in self._known:
            self._known[key] = self._scorer.fit(self._blank, need, self._blank, offer)
        return self._known[key]


def never_pairs(encoder: Encoder, half: str) -> list[tuple[IndexedEntry, IndexedEntry]]:
    """Pairs that must not match, as (need, offer): negated, ended, of another sense."""
    said = [
        (line["kind"], line[lang]["side"], line[lang]["text"])
        for line in lines(f"never.{half}")
        for lang in ("ko", "zh")
    ]
    known = encoded(encoder, (Text(lang=language(text), text=text) for *_, text in said))
    entries = [indexed(side, kind, text, known[language(text), text]) for kind, side, text in said]
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return [(a, b) if a.side == "need" else (b, a) for a, b in pairs]


def introduction_pairs(encoder: Encoder, half: str) -> list[tuple[IndexedEntry, IndexedEntry]]:
    """Each Korean introduction as a need against each Chinese one as an offer: neither says anything."""
    said = [(line["lang"], line["text"]) for line in lines(f"boilerplate.{half}") if line["lang"] != "en"]
    known = encoded(encoder, (Text(lang=lang, text=text) for lang, text in said))
    sides: dict[str, Side] = {"ko": "need", "zh": "offer"}
    entries = [indexed(sides[lang], "product", text, known[lang, text]) for lang, text in said]
    return [(a, b) for a in entries if a.side == "need" for b in entries if b.side == "offer"]
