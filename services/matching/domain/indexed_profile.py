"""A public profile as the vector index stores it: whom it may be proposed to, and each entry as it is scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from services.chassis.model import Document, Projection

from .bridge import Grams
from .profile_row import EntryRow, Firm, ProfileRow, Side, is_another_firm, may_be_proposed

SOLD = frozenset({"technology", "product", "supply"})
"""Kinds whose offers are no wishes; an investor's or a distributor's offer may well begin with "we look for"."""
OTHER: Mapping[Side, Side] = {"need": "offer", "offer": "need"}
WISH_SHARE, MIN_WEIGHT = 0.1, 1e-3
MAX_INT8 = 127
T = TypeVar("T")
Span = tuple[int, int]
"""The characters of a statement: from, to."""


@dataclass(frozen=True)
class Statements:
    """The statements of an entry: `vectors` has shape (statements, dimensions), and is to be multiplied by `scales`;
    the others have one item per statement but `nodes` and `concepts`: what all of them are about, each node and each
    concept, by its hash, in [0, 1]."""

    vectors: npt.NDArray[np.float32]
    scales: npt.NDArray[np.float64]
    hubness: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    spans: tuple[Span, ...]
    nodes: Mapping[str, float] = field(default_factory=dict)
    concepts: Mapping[int, float] = field(default_factory=dict)


def packed(vector: npt.NDArray[np.float32]) -> bytes:
    """A vector in a byte per dimension: its scale as float32, then int8."""
    scale = np.float32(np.abs(vector).max() / MAX_INT8) or np.float32(1)
    return scale.tobytes() + np.round(vector / scale).astype(np.int8).tobytes()


class EncodedStatement(BaseModel):
    """A statement of a text as it is scored. `start` and `end` are its characters in the text.

    `weight`: the probability that it says something that is offered or needed. `is_wish`: it asks for something.
    `vector` and `hubness` are as those of a text; the vector is packed. `nodes`: what it is about, each node of the
    taxonomy with its probability, the likeliest three at most. `concepts`: uint32 hashes of what it names."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    start: int
    end: int
    weight: float
    is_wish: bool = False
    vector: bytes
    hubness: float
    nodes: dict[str, float] = {}
    concepts: bytes = b""


class EncodedText(BaseModel):
    """A text as it is scored. Only texts of the same `encoder` may be compared.

    `vector`: float16 bytes, centred on the mean of its language, of length 1; each statement has a share in it by its
    weight. `hubness`: the mean cosine with its nearest texts of the reference sample. `grams`: uint32 hashes for the
    bridge. `names`: words in Latin letters. `lang`: the language it is written in. `statements`: those that say
    most."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    encoder: str
    vector: bytes
    hubness: float
    grams: bytes
    names: list[str] = []
    lang: str = ""
    statements: list[EncodedStatement] = []

    def __copy__(self) -> Self:
        """A copy without what was computed of the original: it may be about to be changed."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied

    @cached_property
    def computed(self) -> dict[object, object]:
        """What others have computed of it, by who did: it is kept as long as the text is."""
        return {}

    @cached_property
    def vector_array(self) -> npt.NDArray[np.float32]:
        """Shape (dimensions,)."""
        return np.frombuffer(self.vector, dtype=np.float16).astype(np.float32)

    @cached_property
    def name_set(self) -> frozenset[str]:
        """Its names in Latin letters."""
        return frozenset(self.names)

    @cached_property
    def gram_array(self) -> Grams:
        """Shape (grams,)."""
        return np.frombuffer(self.grams, dtype=np.uint32)


class KeptText(Document):
    """What an encoder that costs has made of a text. Removed after a day."""

    text: EncodedText
    made_at: dt.datetime


class IndexedEntry(EncodedText):
    """An offer or a need with its encoded text."""

    id: str
    side: Side
    kind: str
    text_id: str
    topics: list[str] = []
    expires_at: dt.datetime | None = None

    def as_row_says(self, row: EntryRow) -> IndexedEntry:
        """The same text, until when it holds by now, and its topics; itself if nothing has changed."""
        if (self.expires_at, self.topics) == (row.expires_at, row.topics):
            return self
        return self.model_copy(update={"expires_at": row.expires_at, "topics": row.topics})

    @cached_property
    def said(self) -> Statements:
        """Its statements, as arrays. One that asks for something hardly counts among what a firm offers to sell; one
        alone, of an encoder without a trained model, is the whole text."""
        if not self.statements:
            return Statements(self.vector_array[None], np.ones(1), np.array([self.hubness]), np.ones(1), ((0, 0),))
        wishes_count = not (self.side == "offer" and self.kind in SOLD)
        weights = [s.weight if wishes_count or not s.is_wish else s.weight * WISH_SHARE for s in self.statements]
        stored = np.frombuffer(b"".join(s.vector for s in self.statements), dtype=np.int8)
        stored = stored.reshape(len(self.statements), -1)
        return Statements(
            stored[:, 4:].astype(np.float32),
            np.ascontiguousarray(stored[:, :4]).view(np.float32)[:, 0].astype(np.float64),
            np.array([statement.hubness for statement in self.statements]),
            np.maximum(np.array(weights), MIN_WEIGHT),
            tuple((statement.start, statement.end) for statement in self.statements),
            _weighted((statement.nodes for statement in self.statements), weights),
            _weighted((_certain(statement.concepts) for statement in self.statements), weights),
        )


def _certain(hashes: bytes) -> dict[int, float]:
    found: list[int] = np.frombuffer(hashes, dtype=np.uint32).tolist()
    return dict.fromkeys(found, 1.0)


def _weighted(about: Iterable[Mapping[T, float]], weights: Iterable[float]) -> dict[T, float]:
    """What an entry is about: a thing counts as far as the statement that names it says something."""
    found: dict[T, float] = {}
    for things, weight in zip(about, weights, strict=True):
        for thing, chance in things.items():
            found[thing] = max(found.get(thing, 0.0), weight * chance)
    return found


class IndexedProfile(Projection):
    """A public profile with its encoded entries. `sequence` is that of the profile's event.

    An entry may be there in several encodings, the better ones later: two entries are compared by the best one that
    both have. `unproposed`: entries for which no candidates have been searched yet, or not in every encoding.
    `proposed`: the matches that this publication has led to so far. `completing`: the encoder that is planned to
    complete the entries, or has done so. `sweeps`: how often that search was planned once more, because its job was
    gone or dead; not before `sweep_at`."""

    owner: str
    country: str
    group: str | None = None
    languages: list[str]
    certificates_end: list[str] = []
    entries: list[IndexedEntry]
    unproposed: list[str] = []
    proposed: list[str] = []
    completing: str = ""
    sweeps: int = 0
    sweep_at: dt.datetime | None = None

    @property
    def encodings(self) -> frozenset[tuple[str, str]]:
        """Its entries by id, with the encoder of each encoding."""
        return frozenset((entry.id, entry.encoder) for entry in self.entries)

    def after_search(self, searched: frozenset[tuple[str, str]], proposed: Sequence[str]) -> IndexedProfile:
        """After a search for these encodings, which led to these matches. What came meanwhile is still to be searched
        for."""
        left = [id for id in self.unproposed if any(id == one for one, _ in self.encodings - searched)]
        swept = {} if left else {"sweeps": 0, "sweep_at": None}
        return self.model_copy(update={"unproposed": left, "proposed": list(proposed), **swept})

    def basis(self, now: dt.datetime) -> str:
        """What it is scored by at a time: two that have the same one, of one profile, get the same scores."""
        live = self.live_entries(now)
        return f"{self.sequence}/{len(live)}/{','.join(sorted({entry.encoder for entry in live}))}"

    def live_entries(self, now: dt.datetime) -> list[IndexedEntry]:
        """Its entries that have not expired."""
        return [entry for entry in self.entries if entry.expires_at is None or entry.expires_at > now]

    def may_be_proposed(self, other: Firm) -> bool:
        """Whether a proposal may be made."""
        return may_be_proposed(self, other)

    def is_another_firm(self, other: Firm) -> bool:
        """Whether the other profile belongs to another organisation and another group."""
        return is_another_firm(self, other)

    def restricted_to(self, row: ProfileRow) -> IndexedProfile:
        """Without entries that the profile no longer has, so that evidence cites only what both profiles still say; and
        with what the row says of those that it has: whether they may be matched, until when, and their topics."""
        if row.sequence == self.sequence:
            return self
        present = {entry.id: entry for entry in row.all_entries() if not entry.export_controlled}
        kept = [entry.as_row_says(present[entry.id]) for entry in self.entries if entry.id in present]
        return self.model_copy(update={"entries": kept})

    def awaits_encoding(self, row: ProfileRow) -> bool:
        """Whether it has no entries although its profile has some that may be matched."""
        return not self.entries and any(not entry.export_controlled for entry in row.all_entries())

    def topics(self, now: dt.datetime) -> set[str]:
        """The topics of its entries that have not expired."""
        return {topic for entry in self.live_entries(now) for topic in entry.topics}


def index_profile(
    before: IndexedProfile | None, row: ProfileRow, encoded: Mapping[str, Sequence[EncodedText]]
) -> IndexedProfile:
    """The indexed profile of a row. `encoded`: each text in all encodings that there are of it, by text_id. Entries
    under export control are left out, so they are never matched."""
    sides: tuple[Side, ...] = ("offer", "need")
    entries = [
        IndexedEntry(
            id=entry.id,
            side=side,
            kind=entry.kind,
            text_id=entry.text_id,
            topics=entry.topics,
            expires_at=entry.expires_at,
            **text.model_dump(include=set(EncodedText.model_fields)),
        )
        for side in sides
        for entry in row.entries(side)
        if not entry.export_controlled
        for text in encoded[entry.text_id]
    ]
    return IndexedProfile(
        id=row.id,
        revision=before.revision if before else 0,
        at=before.at if before else 0,
        sequence=row.sequence,
        owner=row.owner,
        country=row.country,
        group=row.group,
        languages=row.languages,
        certificates_end=row.certificates_end,
        entries=entries,
        unproposed=_new(before, entries),
        proposed=before.proposed if before is not None and before.sequence == row.sequence else [],
    )


def _new(before: IndexedProfile | None, entries: Iterable[IndexedEntry]) -> list[str]:
    """Entries that are new, or have a new encoding. What the last search has not reached yet stays new, whichever
    revision brought it."""
    known = before.encodings if before else frozenset()
    late = set(before.unproposed) if before else set()
    return list(dict.fromkeys(e.id for e in entries if (e.id, e.encoder) not in known or e.id in late))
