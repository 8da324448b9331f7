"""`python -m schemas.generate [--check]`: the committed JSON Schemas and asyncapi.yaml, written from the models, or
compared to them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pydantic.json_schema import GenerateJsonSchema

from . import asyncapi, promises
from .catalogue import EVENTS
from .envelope import VERSION, Tombstone, schema_name

TARGET = Path(__file__).parent / "json" / VERSION
ROOT = "urn:magpie:schemas"


def documents() -> dict[str, str]:
    """The text of each schema by its file name: one strict schema for each event that has a body."""
    texts = {}
    for name, event in EVENTS.items():
        if issubclass(event, Tombstone):
            continue
        schema = event.model_json_schema(mode="serialization")
        schema = {"$schema": GenerateJsonSchema.schema_dialect, "$id": ROOT + schema_name(event), **_closed(schema)}
        schema["title"] = name  # the name on the wire, not that of the Python class
        texts[f"{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return texts


def _closed(schema: dict[str, object]) -> dict[str, object]:
    """Forbids other properties in each object of the schema that names its properties; changes it in place.

    Maps such as `revisions` name no properties and stay open."""
    if "properties" in schema:
        schema["additionalProperties"] = False
    for value in schema.values():
        if isinstance(value, dict):
            for inner in (value, *value.values()):
                if isinstance(inner, dict):
                    _closed(inner)
    return schema


def stale() -> list[str]:
    """Names of the files that differ from the models: changed, missing, or of an event that no longer exists."""
    expected = documents()
    present = {path.name: path.read_text() for path in TARGET.glob("*.json")}
    return sorted(name for name in expected.keys() | present.keys() if expected.get(name) != present.get(name))


def main() -> None:
    """Writes the schemas. With `--check` it only compares them, and exits with 1 if a file is stale, or if a field that
    readers rely on is gone or has changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        stale_files = stale()
        paths = [f"json/{VERSION}/{name}" for name in stale_files]
        paths += ["asyncapi.yaml"] * (asyncapi.FILE.read_text() != asyncapi.text())
        for path in paths:
            print(f"stale: schemas/{path}; run `make schemas`", file=sys.stderr)
        broken = promises.broken(documents())
        for sentence in broken:
            print(sentence, file=sys.stderr)
        sys.exit(1 if paths or broken else 0)
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in stale():
        (TARGET / name).unlink(missing_ok=True)
    for name, text in documents().items():
        (TARGET / name).write_text(text)
    asyncapi.FILE.write_text(asyncapi.text())
    promises.extend(documents())
    print(f"{len(documents())} schemas in schemas/json/{VERSION}")


if __name__ == "__main__":
    main()
