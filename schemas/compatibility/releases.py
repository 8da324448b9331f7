"""Released contracts: folders that never change, each with its digest beside them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from .breaks import sentences
from .contract import HEADERS, PAGES, Contract, Doc
from .pages import compared

RELEASED = Path(__file__).parents[1] / "released"
DIGESTS = "digests.json"


class Refused(ValueError):
    """A release that would not be one; the text says why, and what to do."""


def versions(folder: Path = RELEASED) -> list[str]:
    """All releases, the oldest first."""
    found = [path.name for path in folder.iterdir() if path.is_dir()] if folder.exists() else []
    return sorted(found, key=_number)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def breaks_of(today: Contract, *, on: dt.date | None = None, folder: Path = RELEASED) -> list[str]:
    """A sentence for everything that breaks readers of any release."""
    day = on or dt.datetime.now(dt.UTC).date()
    found = [
        (version, broken)
        for version in versions(folder)
        for broken in compared(Contract.read(folder / version), today, on=day)
    ]
    return sentences(found)


def digest_errors(folder: Path = RELEASED) -> list[str]:
    """A sentence for each release that is not as it was released."""
    known = digests(folder)
    there = {version: _digest(folder / version) for version in versions(folder)}
    return [
        f"schemas/released/{version}: a release never changes, and this one has. Restore it from the history."
        for version in sorted(known.keys() | there.keys())
        if known.get(version) != there.get(version)
    ]


def digests(folder: Path = RELEASED) -> dict[str, str]:
    """What each release was."""
    path = folder / DIGESTS
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def release(
    version: str,
    schemas: Mapping[str, str],
    pages: Mapping[str, str],
    headers: Mapping[str, Doc],
    folder: Path = RELEASED,
) -> Path:
    """Writes the folder of a release. Raises Refused where it breaks readers of an earlier one, is none of a later
    number, or says nothing new."""
    before = versions(folder)
    _must_be_next(version, before)
    today = Contract.of(schemas, pages, headers)
    if broken := digest_errors(folder) + breaks_of(today, folder=folder):
        raise Refused("\n".join(broken))
    target = folder / version
    files = {**schemas, **{f"{PAGES}/{title}.yaml": text for title, text in pages.items()}}
    files[HEADERS] = json.dumps(headers, indent=1, ensure_ascii=False) + "\n"
    for path, text in files.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text)
    made = _digest(target)
    if before and made == digests(folder)[before[-1]]:
        shutil.rmtree(target)
        raise Refused(f"Nothing has changed since {before[-1]}.")
    (folder / DIGESTS).write_text(json.dumps(digests(folder) | {version: made}, indent=1) + "\n")
    return target


def _must_be_next(version: str, before: list[str]) -> None:
    if not all(part.isdecimal() for part in version.split(".")) or len(version.split(".")) != 2:
        raise Refused(f"{version} is no version; write two numbers, as in 1.1")
    if before and _number(version) <= _number(before[-1]):
        raise Refused(f"{version} does not come after {before[-1]}, and a release never changes")
