"""Documents in a file of the process's own, for what is too large for memory and needed for few at a time.

The file has no name, so it goes with the process; the collection in MongoDB is the truth. It lies in the directory for
temporary files (TMPDIR)."""

from __future__ import annotations

import os
import pickle
import struct
import tempfile
import threading
import weakref
from collections import defaultdict
from collections.abc import Sequence
from io import FileIO
from itertools import accumulate
from typing import NamedTuple

from services.chassis.model import Doc, Unavailable

_LENGTH = struct.Struct("<I")
STEPS = 8
"""Places are of a few sizes, so that a new document fits where an old one was: at most an eighth of one is unused."""


class Place(NamedTuple):
    """Where a document is: where it begins, how many bytes it has, and where the vector of each entry begins."""

    start: int
    length: int
    vectors: Sequence[int]


class ProfileFile:
    """Written by one thread at a time; may be read by others meanwhile."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile(buffering=0, prefix="magpie-indexed-")  # noqa: SIM115 - closed with its owner
        self._fd, self._end = file.fileno(), 0
        self._free: defaultdict[int, list[int]] = defaultdict(list)
        # At the end of the process the system closes it.
        weakref.finalize(self, _closed, file).atexit = False

    def __len__(self) -> int:
        """Its size in bytes."""
        return self._end

    def write(self, docs: Sequence[Doc]) -> list[Place]:
        """Stores documents; returns the place of each. Raises Unavailable if the disk is full."""
        places, end, new = list[Place](), self._end, bytearray()
        for data, vectors in map(_packed, docs):
            room = _room(len(data))
            if free := self._free[room]:
                # Taken for good only when it is written: a place that is lost would never be emptied.
                self._put(data, start := free[-1])
                free.pop()
            else:
                start = end + len(new)
                new += data.ljust(room, b"\0")
            places.append(Place(start, len(data), [start + at for at in vectors]))
        if new:
            self._put(new, end)
            self._end += len(new)
        return places

    def _put(self, data: bytes | bytearray, start: int) -> None:
        try:
            if os.pwrite(self._fd, data, start) != len(data):
                raise OSError("only a part could be written")
        except OSError as error:
            raise Unavailable(
                f"The file of indexed profiles cannot grow beyond {self._end} bytes ({error}). No partners can be "
                f"found without it. Free space in {tempfile.gettempdir()}, or set TMPDIR to a directory with more; the "
                "profiles are then loaded again."
            ) from error

    def free(self, start: int, length: int) -> None:
        """Gives a place back, empty: the next document of this size is written there, but that may be long after an
        erasure."""
        os.pwrite(self._fd, bytes(length), start)
        self._free[_room(length)].append(start)

    def read(self, start: int, length: int) -> bytes:
        """What is at a place, for `document`. If the place was given back meanwhile it may be anything."""
        return os.pread(self._fd, length, start)


def _closed(file: FileIO) -> None:
    """Closes the file in a thread: to give back gigabytes of a disk takes a while."""
    threading.Thread(target=file.close, name="close the file of indexed profiles").start()


def document(data: bytes) -> Doc:
    """A document as it was written."""
    (length,) = _LENGTH.unpack_from(data)
    doc: Doc = pickle.loads(data[_LENGTH.size : _LENGTH.size + length])
    start = _LENGTH.size + length
    for entry in doc["entries"]:
        entry["vector"], start = data[start : start + entry["vector"]], start + entry["vector"]
    return doc


def _packed(doc: Doc) -> tuple[bytes, list[int]]:
    """A document with the vectors of its entries at its end, and where each one is: a ranking reads them alone."""
    vectors = [entry["vector"] for entry in doc["entries"]]
    entries = [entry | {"vector": len(entry["vector"])} for entry in doc["entries"]]
    head = pickle.dumps(doc | {"entries": entries}, protocol=pickle.HIGHEST_PROTOCOL)
    starts = list(accumulate(map(len, vectors), initial=_LENGTH.size + len(head)))
    return b"".join((_LENGTH.pack(len(head)), head, *vectors)), starts[:-1]


def _room(length: int) -> int:
    step = max(64, (1 << length.bit_length()) // (2 * STEPS))
    return -(-length // step) * step
