"""All vectors in memory, scanned exactly: a replica's own copy, kept up to date by a cache of `indexed`.

A scan finds the nearest in a byte per dimension; their vectors as they are stored are read from a file, and rank them;
of the first ones the whole profiles are read. What it takes, and how it grows: `make bench-matching`."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter

import numpy as np

from services.chassis.model import Doc

from .domain.indexed_profile import OTHER, EncodedText, IndexedEntry, IndexedProfile
from .embedders import Vectors
from .index_contents import PLACE, SLOT, Contents, Key
from .trained import load
from .vector_block import Found

NEAREST = 60
"""The nearest entries of each need or offer; their profiles become candidates, which are scored by all entries."""
RANKED = 500
"""The nearest by a scan, which are then ranked exactly."""
AXES = 384
"""Dimensions that are scanned: those in which the sample of the encoder differs most. With RANKED this loses nothing
that was measured, and halves memory and time (`make bench-matching`)."""
Row = tuple[str, bytes, float]
"""An owner with a vector as it is stored, and its hubness."""


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


class VectorIndex:
    """Changed by one thread at a time, at the cost of the changed profile alone, while others scan it.

    Only entries of these encoders are scanned, those of each one by themselves. Others wait until they are encoded
    again."""

    def __init__(self, *encoders: str) -> None:
        self._axes = {encoder: axes(encoder) for encoder in encoders}
        self._contents = Contents()
        self._views: weakref.WeakSet[Touched] = weakref.WeakSet()
        self._views_lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._contents.records)

    def cleared(self) -> None:
        """Forgets everything; a load follows. Views that exist keep what they had."""
        with self._views_lock:
            before, self._contents, is_viewed = self._contents, Contents(), len(self._views) > 0
        if not is_viewed:
            before.take_apart()

    def loaded(self, docs: Sequence[Doc]) -> None:
        """Takes in profiles that it does not know yet: many at once cost a fraction of the time."""
        for doc, record in zip(docs, self._records(docs), strict=True):
            self._contents.records[doc["_id"]] = record

    def changed(self, id: str, doc: Doc | None) -> None:
        """Takes a profile in, or out if `doc` is None."""
        contents = self._contents
        before = contents.records.get(id)
        if doc is not None:
            contents.records[id] = self._records([doc])[0]
        elif before is not None:
            del contents.records[id]
        # Before its slots are given back: a scan that no longer sees them then sees this.
        with self._views_lock:
            for touched in self._views:
                touched.ids.add(id)
        if before is not None:
            contents.discard(id, before)

    def _records(self, docs: Sequence[Doc]) -> list[bytes]:
        """Stores documents and their vectors."""
        places = self._contents.file.write(docs)
        found = [PLACE.pack(place.start, place.length) for place in places]
        wanted: dict[Key, list[tuple[int, Doc, int]]] = {}
        for number, (doc, place) in enumerate(zip(docs, places, strict=True)):
            for entry, start in zip(doc["entries"], place.vectors, strict=True):
                if entry["encoder"] in self._axes:
                    wanted.setdefault(_key(entry), []).append((number, entry, start))
        for key, rows in wanted.items():
            numbers, entries, starts = zip(*rows, strict=True)
            vectors = scanned(stacked([entry["vector"] for entry in entries]), self._axes[key[0]])
            hubness = np.array([entry["hubness"] for entry in entries], dtype=np.float32)
            block = self._contents.block(key, vectors.shape[1])
            owners = [docs[number]["_id"] for number in numbers]
            slots = self._contents.numbered[block].add(owners, vectors, hubness, starts)
            for number, slot in zip(numbers, slots, strict=True):
                found[number] += SLOT.pack(block, slot)
        return found

    def known_texts(self, profile_id: str) -> Mapping[tuple[str, str], EncodedText]:
        """Encoded texts of a profile by text_id and encoder: they need not be encoded again."""
        doc = self._contents.read(profile_id)
        entries = IndexedProfile.model_validate(doc).entries if doc else ()
        return {(entry.text_id, entry.encoder): entry for entry in entries}

    def view(self, profile_id: str) -> View | None:
        """What a scan for this profile needs, as it is now. None if the profile is not indexed."""
        doc = self._contents.read(profile_id)
        if doc is None:
            return None
        touched = Touched()
        with self._views_lock:
            self._views.add(touched)
        return View(IndexedProfile.model_validate(doc), self._contents, touched, self._axes)


def _key(entry: Doc) -> Key:
    return entry["encoder"], entry["kind"], entry["side"]


def stacked(vectors: Sequence[bytes]) -> Vectors:
    """Vectors as they are stored, as an array of shape (vectors, dimensions)."""
    return np.frombuffer(b"".join(vectors), dtype=np.float16).reshape(len(vectors), -1).astype(np.float32)


def scanned(vectors: Vectors, by: Vectors | None) -> Vectors:
    """Vectors as they are scanned."""
    return vectors if by is None else vectors @ by


@dataclass(frozen=True)
class View:
    """The index from one moment on, for a thread; another one goes on changing it.

    A profile that is not changed during a scan keeps its slots and is scanned as it is. One that is changed may be
    missed, or met half written: all of those are in `touched`, and are ranked by their documents as they are then. What
    is returned is read from the file, as one version of the profile. `axes`: by encoder, also those without any."""

    me: IndexedProfile
    contents: Contents
    touched: Touched
    axes: Mapping[str, Vectors | None]

    def candidates(self, now: dt.datetime) -> list[IndexedProfile]:
        """Profiles near to an entry of `me` that is unproposed, and to which `me` may be proposed; ordered by id."""
        near: set[str] = set()
        read: dict[str, IndexedProfile | None] = {}
        for key, entries in self._searched(now).items():
            for entry, found in zip(entries, self._scan(key, entries), strict=True):
                near |= self._nearest(self._ranked(entry, key, found), read)
        return [profile for id in sorted(near) if (profile := read[id]) is not None]

    def _searched(self, now: dt.datetime) -> dict[Key, list[IndexedEntry]]:
        """Entries for which candidates are searched, by the block that is scanned. One of another encoder has no place
        there until it is encoded again."""
        found: dict[Key, list[IndexedEntry]] = {}
        for entry in self.me.live_entries(now):
            if entry.id in self.me.unproposed and entry.encoder in self.axes:
                found.setdefault((entry.encoder, entry.kind, OTHER[entry.side]), []).append(entry)
        return found

    def _scan(self, key: Key, entries: Sequence[IndexedEntry]) -> list[Found]:
        """What may be near, for each entry."""
        number = self.contents.blocks.get(key)
        if number is None:
            return [Found((), (), ()) for _ in entries]
        queries = scanned(np.stack([entry.vector_array for entry in entries]), self.axes[key[0]])
        return self.contents.numbered[number].nearest(queries, RANKED)

    def _ranked(self, entry: IndexedEntry, key: Key, found: Found) -> list[str]:
        """The owners of what was found, and of what was changed meanwhile, by their vectors as they are stored; of
        equals the first id."""
        rows = self._stored(entry, found) + self._changed(key)
        if not rows:
            return []
        rows.sort(key=itemgetter(0))
        owners, vectors, hubness = zip(*rows, strict=True)
        # Not `@`: it would round by the number of rows, and equals would not be equal.
        near = 2 * np.einsum("ij,j->i", stacked(vectors), entry.vector_array) - np.array(hubness, dtype=np.float32)
        return [owners[at] for at in np.argsort(-near, kind="stable").tolist()]

    def _stored(self, entry: IndexedEntry, found: Found) -> list[Row]:
        """What the scan found, without what was changed meanwhile: its places may have other bytes by now."""
        read, length = self.contents.file.read, len(entry.vector)
        vectors = [read(start, length) for start in found.places]
        missed = self._missed()
        rows = zip(found.owners, vectors, found.hubness, strict=True)
        return [row for row in rows if row[0] not in missed]

    def _changed(self, key: Key) -> list[Row]:
        docs = [doc for id in self._missed() if (doc := self.contents.read(id)) is not None]
        return [
            (doc["_id"], other["vector"], other["hubness"])
            for doc in docs
            for other in doc["entries"]
            if _key(other) == key
        ]

    def _missed(self) -> set[str]:
        # A copy in one step of the interpreter: another thread adds to them.
        return set(self.touched.ids)

    def _nearest(self, owners: Iterable[str], read: dict[str, IndexedProfile | None]) -> set[str]:
        """The first NEAREST to which `me` may be proposed; the documents of the others are not looked at."""
        meant = (id for id in owners if self._read(id, read) is not None)
        return set(itertools.islice(meant, NEAREST))

    def _read(self, id: str, known: dict[str, IndexedProfile | None]) -> IndexedProfile | None:
        """A profile to which `me` may be proposed, else None."""
        if id not in known:
            known[id] = None if id == self.me.id else self.contents.profile(id, self.me.may_be_proposed)
        return known[id]
