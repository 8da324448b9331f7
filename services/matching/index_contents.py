"""What the index of a replica knows: a record of each profile, the blocks of vectors, the file of whole profiles."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from services.chassis.model import Doc

from .domain.indexed_profile import IndexedProfile
from .domain.profile_row import Firm, Side
from .profile_file import ProfileFile, document
from .vector_block import Block

MAX_PARSED = 1000
"""Profiles that are kept as they were read, of 20 kB each."""
Key = tuple[str, str, Side]
"""An encoder, a kind, a side."""
PLACE, SLOT = struct.Struct("<QI"), struct.Struct("<HI")
"""A record is the place of a profile in the file, then the block and slot of each entry."""


class Head(NamedTuple):
    """What decides whether a proposal may be made; to read all of a stored profile would take most of the time."""

    owner: str
    country: str
    group: str | None


@dataclass(eq=False)
class Contents:
    """What the index knows. A profile's record is packed, as there may be a million: its place in the file, and the
    slots of its entries with the numbers of their blocks."""

    file: ProfileFile = field(default_factory=ProfileFile)
    records: dict[str, bytes] = field(default_factory=dict)
    blocks: dict[Key, int] = field(default_factory=dict)
    numbered: list[Block] = field(default_factory=list)
    parsed: dict[str, tuple[bytes, IndexedProfile]] = field(default_factory=dict)
    """Profiles that were read lately, each with the record that it was read by."""

    def block(self, key: Key, dimensions: int) -> int:
        """The number of the block of this kind and side."""
        if key not in self.blocks:
            self.numbered.append(Block(dimensions))
            self.blocks[key] = len(self.numbered) - 1
        return self.blocks[key]

    def read(self, id: str) -> Doc | None:
        """The document of a profile as it is now. May be called in a thread."""
        while (record := self.records.get(id)) is not None:
            data = self.file.read(*PLACE.unpack_from(record))
            # A record is replaced before its place is given back: while it is the same one, so were the bytes.
            if self.records.get(id) is record:
                return document(data)
        return None

    def profile(self, id: str, meant: Callable[[Firm], bool]) -> IndexedProfile | None:
        """A profile as it is now, if it is meant. May be called in a thread. In a rush the same profiles are near to
        one after the other, and to parse them would take as long as to score them."""
        record, known = self.records.get(id), self.parsed.get(id)
        if record is not None and known is not None and known[0] is record:
            return known[1] if meant(known[1]) else None
        doc = self.read(id)
        if doc is None or not meant(Head(doc["owner"], doc["country"], doc.get("group"))):
            return None
        found = IndexedProfile.model_validate(doc)
        if record is not None:
            self._keep(id, record, found)
        return found

    def _keep(self, id: str, record: bytes, found: IndexedProfile) -> None:
        self.parsed[id] = (record, found)
        if len(self.parsed) > MAX_PARSED:
            for old in list(self.parsed)[: MAX_PARSED // 8]:
                self.parsed.pop(old, None)
        # The record was looked at before the document was read, and the profile may be gone by now.
        if self.records.get(id) is not record:
            self.parsed.pop(id, None)

    def take_apart(self) -> None:
        """Gives memory back piece by piece: a million records at once would hold the interpreter for a tenth of a
        second."""
        for block in self.numbered:
            block.take_apart()
        while self.records:
            self.records.popitem()

    def discard(self, id: str, record: bytes) -> None:
        """Gives back what a record held."""
        self.parsed.pop(id, None)
        for number, slot in SLOT.iter_unpack(record[PLACE.size :]):
            self.numbered[number].remove(slot)
        self.file.free(*PLACE.unpack_from(record))
