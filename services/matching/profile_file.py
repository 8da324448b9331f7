"""Documents in a file of the process's own, for what is too large for memory and needed for few at a time.

The file has no name, so it goes with the process; the collection in MongoDB is the truth. It lies in the directory for
temporary files (TMPDIR)."""

from __future__ import annotations

import os
import pickle
import tempfile
import threading
import weakref
from collections import defaultdict
from io import FileIO

from services.chassis.model import Doc

STEPS = 8
"""Places are of a few sizes, so that a new document fits where an old one was: at most an eighth of one is unused."""


class ProfileFile:
    """Written by the event loop only; may be read in threads."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile(buffering=0, prefix="magpie-indexed-")  # noqa: SIM115 - closed with its owner
        self._fd, self._end = file.fileno(), 0
        self._free: defaultdict[int, list[int]] = defaultdict(list)
        # At the end of the process the system closes it.
        weakref.finalize(self, _closed, file).atexit = False

    def __len__(self) -> int:
        """Its size in bytes."""
        return self._end

    def write(self, doc: Doc) -> tuple[int, int]:
        """Stores a document; returns its place: where it begins, and how many bytes it has. Raises OSError if the disk
        is full."""
        data = pickle.dumps(doc, protocol=pickle.HIGHEST_PROTOCOL)
        room = _room(len(data))
        free = self._free[room]
        start = free[-1] if free else self._end
        try:
            if os.pwrite(self._fd, data, start) != len(data):
                raise OSError("only a part of a profile could be written")
        except OSError as error:
            raise OSError(
                f"The file of indexed profiles cannot grow beyond {self._end} bytes ({error}). No partners can be "
                f"found without it. Free space in {tempfile.gettempdir()}, or set TMPDIR to a directory with more."
            ) from error
        if free:
            free.pop()
        else:
            self._end += room
        return start, len(data)

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
    doc: Doc = pickle.loads(data)
    return doc


def _room(length: int) -> int:
    step = max(64, (1 << length.bit_length()) // (2 * STEPS))
    return -(-length // step) * step
