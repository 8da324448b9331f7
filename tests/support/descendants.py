"""Processes that a process has started, as /proc shows them."""

from __future__ import annotations

from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether it is there and has not ended."""
    return _parent_of(pid) is not None


def descendants(pid: int, module: str) -> list[int]:
    """Those of a module of ours that a process has started, or that these have."""
    parents = {int(at.name): _parent_of(int(at.name)) for at in Path("/proc").iterdir() if at.name.isdigit()}
    found, grown = {pid}, True
    while grown:
        more = {one for one, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return sorted(one for one in found - {pid} if module.encode() in _command_of(one))


def _parent_of(pid: int) -> int | None:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else int(parent)


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
