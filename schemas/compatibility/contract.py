"""A contract to compare: that of the working tree, or one that was released."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Doc = Mapping[str, Any]
HEADERS, PAGES = "headers.json", "topics"


@dataclass(frozen=True)
class Contract:
    """Everything that others rely on, as plain data: a released page may lack what later pages say."""

    readers: Mapping[str, Doc]
    """The reader's schema of each event that has a body."""
    writers: Mapping[str, Doc]
    pages: Mapping[str, Doc]
    """By the name of the topic with its version: `things.v2`."""
    headers: Mapping[str, Doc]
    """By kind of record: the form of each header, with `?` after the names of those that some records lack."""

    @classmethod
    def of(cls, schemas: Mapping[str, str], pages: Mapping[str, str], headers: Mapping[str, Doc]) -> Contract:
        """From the texts of schemas by their path (`v1/reader/<event>.json`) and of pages by topic."""
        sides: dict[str, dict[str, Doc]] = {"reader": {}, "writer": {}}
        for path, text in schemas.items():
            _, side, name = path.split("/")
            sides[side][name.removesuffix(".json")] = json.loads(text)
        parsed = {title: yaml.safe_load(text) for title, text in pages.items()}
        return cls(sides["reader"], sides["writer"], parsed, headers)

    @classmethod
    def read(cls, folder: Path) -> Contract:
        """From the folder of a release."""
        schemas = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.glob("v*/*/*.json")}
        return cls.of(schemas, pages_in(folder / PAGES), json.loads((folder / HEADERS).read_text()))


def pages_in(folder: Path) -> dict[str, str]:
    """The text of each page of a folder, by topic."""
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.yaml"))}
