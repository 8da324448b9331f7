"""`python -m schemas.generate [--check]`: the committed JSON Schemas, written from the models, or compared to them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pydantic.json_schema import GenerateJsonSchema

from .catalogue import EVENTS
from .envelope import VERSION, Tombstone, schema_name

TARGET = Path(__file__).parent / "json" / VERSION
ROOT = "urn:magpie:schemas"


def documents() -> dict[str, str]:
    """File name -> text: one closed schema (what a writer writes) an event that has a body."""
    found = {}
    for name, event in EVENTS.items():
        if issubclass(event, Tombstone):
            continue
        schema = event.model_json_schema(mode="serialization")
        schema = {"$schema": GenerateJsonSchema.schema_dialect, "$id": ROOT + schema_name(event), **_closed(schema)}
        schema["title"] = name
        found[f"{name}.json"] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return found


def _closed(schema: dict[str, object]) -> dict[str, object]:
    """Objects with named properties have no others; absent fields are left out, not null."""
    if "properties" in schema:
        schema["additionalProperties"] = False
    for value in schema.values():
        if isinstance(value, dict):
            for inner in (value, *value.values()):
                if isinstance(inner, dict):
                    _closed(inner)
    return schema


def stale() -> list[str]:
    """Files that are not what the models say: changed, missing, or of an event that is no more."""
    wanted = documents()
    there = {path.name: path.read_text() for path in TARGET.glob("*.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        wrong = stale()
        for name in wrong:
            print(f"stale: schemas/json/{VERSION}/{name}; run `make schemas`", file=sys.stderr)
        sys.exit(1 if wrong else 0)
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in stale():
        (TARGET / name).unlink(missing_ok=True)
    for name, text in documents().items():
        (TARGET / name).write_text(text)
    print(f"{len(documents())} schemas in schemas/json/{VERSION}")


if __name__ == "__main__":
    main()
