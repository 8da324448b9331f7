"""What readers of the contract may rely on: fields that were there once stay, with their types.

`promises.json` beside this file is only ever extended by `make schemas`. Taking something out of it is a decision of
the contract's owners, and needs a new version of the topic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "promises.json"
Schema = Mapping[str, Any]
Promises = dict[str, dict[str, str]]
"""By event and by path of a field: its type, and `?` where it may be absent."""
WHAT_TO_DO = (
    "Readers of this version rely on it. Keep it and add the new one beside it, or make a new version of the topic; if "
    "it was never released, its owners take the line out of schemas/promises.json"
)


def fields_of(schema: Schema) -> dict[str, str]:
    """Every field of a schema by its path (`offers[].text.lang`)."""
    return dict(_fields(schema, schema.get("$defs", {}), ""))


def _fields(node: Schema, shared: Schema, path: str) -> Iterator[tuple[str, str]]:
    required = node.get("required", ())
    for name, field in node.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        forms = list(_forms(field, shared))
        types = sorted({str(form.get("type", "any")) for form in forms})
        yield place, "|".join(types) + ("" if name in required else "?")
        for form in forms:
            is_list = form.get("type") == "array"
            for inner in _forms(form.get("items", {}), shared) if is_list else (form,):
                yield from _fields(inner, shared, place + "[]" * is_list)


def _forms(node: Schema, shared: Schema) -> Iterator[Schema]:
    if "$ref" in node:
        yield from _forms(shared[node["$ref"].rpartition("/")[2]], shared)
    elif "anyOf" in node:
        for one in node["anyOf"]:
            yield from _forms(one, shared)
    else:
        yield node


def promised() -> Promises:
    """What was said to be there."""
    found: Promises = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def kept(documents: Mapping[str, str]) -> Promises:
    """What the present schemas hold, by event."""
    readers = {path: text for path, text in documents.items() if "/reader/" in path}
    return {Path(path).stem: fields_of(json.loads(text)) for path, text in readers.items()}


def broken(documents: Mapping[str, str]) -> list[str]:
    """A sentence for each promise that the present schemas break."""
    present = kept(documents)
    return [
        f"{event}: `{field}` {_change(present.get(event, {}).get(field), kind)}. {WHAT_TO_DO}."
        for event, fields in promised().items()
        for field, kind in fields.items()
        if present.get(event, {}).get(field) != kind
    ]


def _change(now: str | None, before: str) -> str:
    return "is gone" if now is None else f"was {before} and is {now}"


def extend(documents: Mapping[str, str]) -> None:
    """Adds what is new to the promises; what is there stays as it is."""
    old = promised()
    new = {event: {**fields, **old.get(event, {})} for event, fields in kept(documents).items()}
    FILE.write_text(json.dumps({**old, **new}, indent=1, sort_keys=True) + "\n")
