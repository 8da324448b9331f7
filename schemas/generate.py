"""`python -m schemas.generate`: writes the committed JSON Schemas and asyncapi.yaml from the models. `--check` compares
them, and the contract with every release of it; `--release VERSION` makes a release; `--site DIR` builds the registry
as a folder that any web server can serve below the base."""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from . import asyncapi, compatibility, guide, headers, page, publish, samples
from .catalogue import EVENTS
from .common import ANY_OTHER
from .envelope import SCHEMA_BASE, Event, Side, Tombstone, schema_path, schema_uri
from .registry import PAGES

TARGET = publish.SCHEMAS
Schema = dict[str, Any]
PURPOSE: dict[Side, str] = {
    "reader": "The reader's schema: open to what later releases add. Subscribers validate with this one.",
    "writer": "The writer's schema: closed, so that what is misspelt is found. Only the producer validates with it.",
}


@cache
def documents() -> Mapping[str, str]:
    """The text of each schema by its path below the base: a reader's and a writer's for each event with a body. The
    models stay as they are while a process lives, so it is made once."""
    texts = {}
    for name, event in EVENTS.items():
        if issubclass(event, Tombstone):
            continue
        for side in PURPOSE:
            texts[schema_path(name, side)] = json.dumps(schema_of(event, side), ensure_ascii=False, indent=2) + "\n"
    return MappingProxyType(texts)


def schema_of(event: type[Event], side: Side) -> Schema:
    """The JSON Schema of an event's body, as one side uses it."""
    body = event.model_json_schema(mode="serialization")
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": schema_uri(event.event_type, side=side)}
    schema = {**head, "$comment": PURPOSE[side], **(_closed(copy.deepcopy(body)) if side == "writer" else body)}
    schema["title"] = event.event_type  # the name on the wire, not that of the Python class
    return schema


def _closed(schema: Schema) -> Schema:
    """Forbids other properties in each object of the schema that names its properties, and other values of each
    vocabulary; changes it in place. Maps such as `revisions` name no properties and stay open."""
    if "properties" in schema:
        schema["additionalProperties"] = False
    alternatives = schema.get("anyOf", [])
    if any("enum" in one for one in alternatives):
        schema["anyOf"] = [one for one in alternatives if one != ANY_OTHER]
    for value in schema.values():
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, dict):
                _closed(inner)
    return schema


def stale() -> list[str]:
    """Paths of the files that differ from the models: changed, missing, or of an event that no longer exists."""
    expected = documents()
    present = {path.relative_to(TARGET).as_posix(): path.read_text() for path in TARGET.rglob("*.json")}
    return sorted(name for name in expected.keys() | present.keys() if expected.get(name) != present.get(name))


def main() -> None:
    """The command. `--check` exits with 1 if a file is stale or a change breaks readers of a release, `--release` if it
    would."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--release", metavar="VERSION")
    parser.add_argument("--site", type=Path, metavar="DIR")
    parser.add_argument("--base", default=os.environ.get("MAGPIE_SCHEMA_BASE", SCHEMA_BASE), help="where DIR is served")
    args = parser.parse_args()
    if args.check:
        check()
    elif args.release:
        release(args.release)
    elif args.site:
        count = publish.site(args.site, base=args.base)
        (args.site / "index.html").write_text(page.text().replace(SCHEMA_BASE, args.base))
        print(f"{count + 1} files in {args.site}, to be served as {args.base}")
    else:
        write()
        samples.write()
        guide.write()


def check() -> None:
    """Exits with 0 if everything is as the models say, else with 1 and a sentence for each difference."""
    paths = [f"json/{name}" for name in stale()]
    paths += ["asyncapi.yaml"] * (asyncapi.FILE.read_text() != asyncapi.text())
    paths += ["../docs/events.html"] * (page.FILE.parent.exists() and page.FILE.read_text() != page.text())
    paths += [f"examples/{name}" for name in samples.stale()] + ["../docs/subscribers.md"] * guide.is_stale()
    broken = [f"stale: schemas/{path}; run `make schemas`" for path in paths]
    broken += compatibility.digest_errors() + compatibility.breaks_of(present())
    for sentence in broken:
        print(sentence, file=sys.stderr)
    sys.exit(1 if broken else 0)


def present() -> compatibility.Contract:
    """The contract of the working tree."""
    return compatibility.Contract.of(documents(), compatibility.pages_in(PAGES), headers.SETS)


def release(version: str) -> None:
    """Writes the folder of a release. Exits with 1 and the reason where it would break readers of an earlier one."""
    try:
        made = compatibility.release(version, documents(), compatibility.pages_in(PAGES), headers.SETS)
    except compatibility.Refused as refused:
        sys.exit(f"{version} is not released.\n{refused}")
    print(f"released {version}: {made.relative_to(Path.cwd()) if made.is_relative_to(Path.cwd()) else made}")


def write() -> None:
    """Writes what is generated."""
    for name in stale():
        (TARGET / name).unlink(missing_ok=True)
    for name, text in documents().items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_text(text)
    asyncapi.FILE.write_text(asyncapi.text())
    if page.FILE.parent.exists():  # where the contract alone was copied, there is none
        page.FILE.write_text(page.text())
    print(f"{len(documents())} schemas in schemas/json")


if __name__ == "__main__":
    main()
