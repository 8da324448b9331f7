"""All vectors in memory, scanned exactly: a replica's own copy, kept up to date by a cache of `indexed`.

A scan finds the nearest in a byte per dimension; of these the whole profiles are read from a file, and ranked by their
vectors as they are stored. What it takes, and how it grows: `make bench-matching`."""

from __future__ import annotations

import datetime as dt
import struct
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from services.chassis.model import Doc

from .domain.indexed_profile import EncodedText, IndexedEntry, IndexedProfile
from .domain.profile_row import Side
from .embedders import Vectors
from .profile_file import ProfileFile, document
from .trained import load
from .vector_block import Block

NEAREST = 60
"""The nearest entries of each need or offer; their profiles become candidates, which are scored by all entries."""
RANKED = 500
"""The nearest by a scan, which are then ranked exactly."""
AXES = 384
"""Dimensions that are scanned: those in which the sample of the encoder differs most. With RANKED this loses nothing
that was measured, and halves memory and time (`make bench-matching`)."""
OTHER: Mapping[Side, Side] = {"need": "offer", "offer": "need"}
Key = tuple[str, Side]
_PLACE, _SLOT = struct.Struct("<QI"), struct.Struct("<HI")


@lru_cache(maxsize=4)
def axes(encoder: str) -> Vectors | None:
    """What a vector of this encoder is multiplied by to be scanned, shape (dimensions, AXES); None if it is scanned as
    it is."""
    trained = load(encoder.rpartition("/")[0])
    if trained is None or trained.sample.shape[1] <= AXES:
        return None
    main = np.linalg.svd(trained.sample, full_matrices=False)[2][:AXES]
    return np.ascontiguousarray(main.T)


@dataclass(eq=False)
class Touched:
    """Ids of profiles that were changed since a view was taken."""

    ids: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Contents:
    """What the index knows. A profile's record is packed, as there may be a million: its place in the file, and the
    slots of its entries with the numbers of their blocks."""

    file: ProfileFile = field(default_factory=ProfileFile)
    records: dict[str, bytes] = field(default_factory=dict)
    blocks: dict[Key, int] = field(default_factory=dict)
    numbered: list[Block] = field(default_factory=list)

    def block(self, key: Key, dimensions: int) -> int:
        """The number of the block of this kind and side."""
        if key not in self.blocks:
            self.numbered.append(Block(dimensions))
            self.blocks[key] = len(self.numbered) - 1
        return self.blocks[key]

    def read(self, id: str) -> Doc | None:
        """The document of a profile as it is now. May be called in a thread."""
        while (record := self.records.get(id)) is not None:
            data = self.file.read(*_PLACE.unpack_from(record))
            # A record is replaced before its place is given back: while it is the same one, so were the bytes.
            if self.records.get(id) is record:
                return document(data)
        return None

    def discard(self, record: bytes) -> None:
        """Gives back what a record held."""
        for number, slot in _SLOT.iter_unpack(record[_PLACE.size :]):
            self.numbered[number].remove(slot)
        self.file.free(*_PLACE.unpack_from(record))


class VectorIndex:
    """Changed in the event loop, at the cost of the changed profile alone, while threads scan it.

    Only entries of this `encoder` are scanned. Others wait until they are encoded again."""

    def __init__(self, encoder: str) -> None:
        self.encoder = encoder
        self._axes = axes(encoder)
        self._contents = Contents()
        self._views: weakref.WeakSet[Touched] = weakref.WeakSet()

    def __len__(self) -> int:
        return len(self._contents.records)

    def cleared(self) -> None:
        """Forgets everything; a load follows. Views that exist keep what they had."""
        self._contents = Contents()

    def changed(self, id: str, doc: Doc | None) -> None:
        """Takes a profile in, or out if `doc` is None."""
        contents = self._contents
        before = contents.records.get(id)
        if doc is not None:
            contents.records[id] = self._record(id, doc)
        elif before is not None:
            del contents.records[id]
        # Before its slots are given back: a scan that no longer sees them then sees this.
        for touched in self._views:
            touched.ids.add(id)
        if before is not None:
            contents.discard(before)

    def _record(self, id: str, doc: Doc) -> bytes:
        record = _PLACE.pack(*self._contents.file.write(doc))
        for entry in doc["entries"]:
            if entry["encoder"] == self.encoder:
                vector = scanned(np.frombuffer(entry["vector"], dtype=np.float16).astype(np.float32), self._axes)
                number = self._contents.block((entry["kind"], entry["side"]), len(vector))
                record += _SLOT.pack(number, self._contents.numbered[number].add(id, vector, entry["hubness"]))
        return record

    def known_texts(self, profile_id: str) -> Mapping[str, EncodedText]:
        """Encoded texts of a profile by text_id: they need not be encoded again."""
        doc = self._contents.read(profile_id)
        return {entry.text_id: entry for entry in IndexedProfile.model_validate(doc).entries} if doc else {}

    def view(self, profile_id: str) -> View | None:
        """What a scan for this profile needs, as it is now. None if the profile is not indexed."""
        doc = self._contents.read(profile_id)
        if doc is None:
            return None
        touched = Touched()
        self._views.add(touched)
        return View(self.encoder, IndexedProfile.model_validate(doc), self._contents, touched, self._axes)


def scanned(vector: Vectors, by: Vectors | None) -> Vectors:
    """A vector as it is scanned."""
    return vector if by is None else vector @ by


@dataclass(frozen=True)
class View:
    """The index from one moment on, for a thread; the event loop goes on changing it.

    A profile that is not changed during a scan keeps its slots and is scanned as it is. One that is changed may be
    missed, or met half written: all of those are in `touched`, and are ranked like what the scan found. What is ranked,
    and returned, is read from the file, as one version of the profile."""

    encoder: str
    me: IndexedProfile
    contents: Contents
    touched: Touched
    axes: Vectors | None = None

    def candidates(self, now: dt.datetime) -> list[IndexedProfile]:
        """Profiles near to an entry of `me` that is unproposed, and to which `me` may be proposed; ordered by id."""
        near: set[str] = set()
        read: dict[str, Doc | None] = {}
        for key, entries in self._searched(now).items():
            for entry, ids in zip(entries, self._scan(key, entries), strict=True):
                docs = [doc for id in sorted(ids) if (doc := self._read(id, read)) is not None]
                near |= self._ranked(entry, key, docs)
        return [IndexedProfile.model_validate(read[id]) for id in sorted(near)]

    def _searched(self, now: dt.datetime) -> dict[Key, list[IndexedEntry]]:
        """Entries for which candidates are searched, by the block that is scanned. One of another encoder has no place
        there until it is encoded again."""
        found: dict[Key, list[IndexedEntry]] = {}
        for entry in self.me.live_entries(now):
            if entry.id in self.me.unproposed and entry.encoder == self.encoder:
                found.setdefault((entry.kind, OTHER[entry.side]), []).append(entry)
        return found

    def _scan(self, key: Key, entries: Sequence[IndexedEntry]) -> list[set[str]]:
        """Ids of profiles that may be near, for each entry."""
        number = self.contents.blocks.get(key)
        if number is None:
            return [set() for _ in entries]
        queries = np.stack([scanned(entry.vector_array, self.axes) for entry in entries])
        found = self.contents.numbered[number].nearest(queries, RANKED)
        missed = self._missed()
        return [ids | missed for ids in found]

    def _missed(self) -> set[str]:
        # A copy in one step of the interpreter: the event loop adds to them.
        return set(self.touched.ids)

    def _read(self, id: str, known: dict[str, Doc | None]) -> Doc | None:
        """The document of a profile to which `me` may be proposed, else None."""
        if id not in known:
            doc = self.contents.read(id)
            is_meant = doc is not None and id != self.me.id and self.me.may_be_proposed(_head(doc))
            known[id] = doc if is_meant else None
        return known[id]

    def _ranked(self, entry: IndexedEntry, key: Key, docs: Sequence[Doc]) -> set[str]:
        """Ids of the NEAREST by their vectors as they are stored; of equals the first in `docs`."""
        rows = [(other, doc["_id"]) for doc in docs for other in self._entries(doc, key)]
        if not rows:
            return set()
        data = b"".join(other["vector"] for other, _ in rows)
        vectors = np.frombuffer(data, dtype=np.float16).reshape(len(rows), -1).astype(np.float32)
        # Not `@`: for as many numbers BLAS would start threads, see vector_block.PRODUCT.
        near = 2 * np.einsum("ij,j->i", vectors, entry.vector_array)
        near -= np.array([other["hubness"] for other, _ in rows], dtype=np.float32)
        return {rows[at][1] for at in np.argsort(-near, kind="stable")[:NEAREST]}

    def _entries(self, doc: Doc, key: Key) -> Iterator[Doc]:
        return (e for e in doc["entries"] if (e["kind"], e["side"]) == key and e["encoder"] == self.encoder)


def _head(doc: Doc) -> IndexedProfile:
    """A stored profile without its entries, which decides whether a proposal may be made; to check the entries of all
    that are ranked would take most of the time."""
    return IndexedProfile.model_validate({**doc, "entries": []})
