"""A power cut: what a server has written and not synced is gone, as if the page cache of its machine had been lost.

A library between the server and the kernel (`powercut.c`, by LD_PRELOAD) notes what each write replaces, and each sync.
After the kill, what was written since the last sync of its file is taken back, newest first. What is written through a
mapping of memory is not noted."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("<5q")
SOURCE = Path(__file__).with_suffix(".c")
COMPILER = shutil.which("cc")


@dataclass(frozen=True)
class Write:
    """One that was not synced: where, what was there before, and how long the file was."""

    offset: int
    before: bytes
    size: int


class PowerCut:
    """`directory` holds the data. Start the server with `env`, kill it, then call `cut`."""

    def __init__(self, directory: Path, work: Path) -> None:
        """Compiles the library into `work`."""
        assert COMPILER is not None
        work.mkdir(parents=True, exist_ok=True)
        library, self._log, self._directory = work / "powercut.so", work / "powercut.log", directory.resolve()
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        self.env: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "POWERCUT_DIR": str(self._directory),
            "POWERCUT_LOG": str(self._log),
        }

    def cut(self) -> int:
        """Takes back what was not synced. Returns how many writes that were."""
        files = {path.stat().st_ino: path for path in self._directory.rglob("*") if path.is_file()}
        lost = {inode: writes for inode, writes in self._unsynced().items() if inode in files}
        for inode, writes in lost.items():
            with files[inode].open("r+b") as file:
                for write in reversed(writes):
                    file.seek(write.offset)
                    file.write(write.before)
                file.truncate(writes[0].size)
        return sum(map(len, lost.values()))

    def _unsynced(self) -> dict[int, list[Write]]:
        found: dict[int, list[Write]] = defaultdict(list)
        for kind, inode, write in self._notes():
            if kind == "S":
                found.pop(inode, None)
            else:
                found[inode].append(write)
        return found

    def _notes(self) -> Iterator[tuple[str, int, Write]]:
        notes, at = self._log.read_bytes(), 0
        while at + _HEAD.size <= len(notes):
            kind, inode, offset, length, size = _HEAD.unpack_from(notes, at)
            at += _HEAD.size
            yield chr(kind), inode, Write(offset, notes[at : at + length], size)
            at += length
