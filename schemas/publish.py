"""The registry as others get it: each schema under its URI, and a list of all. Services serve it, `generate --site`
writes it into a folder. It needs nothing but the committed files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from .catalogue import EVENTS
from .envelope import SCHEMA_BASE, Side, Tombstone, schema_path, schema_uri

HERE = Path(__file__).parent
SCHEMAS = HERE / "json"
SIDES: tuple[Side, ...] = ("reader", "writer")
INDEX = "index.json"


def published(events: Iterable[str], *, base: str = SCHEMA_BASE) -> dict[str, str]:
    """Texts by their path below the base: both schemas of each event that has a body, and the list of them. `$id` is
    the address under this base. Raises FileNotFoundError for a schema that was never generated."""
    names = sorted(events)
    bodies = [name for name in names if not issubclass(EVENTS[name], Tombstone)]
    texts = {path: _with_base(path, base) for name in bodies for path in (schema_path(name, side) for side in SIDES)}
    return texts | {INDEX: _index(names, bodies, base)}


def _with_base(path: str, base: str) -> str:
    text = (SCHEMAS / path).read_text()
    return text.replace(f'"$id": "{SCHEMA_BASE}/{path}"', f'"$id": "{base}/{path}"', 1)


def _index(names: Iterable[str], bodies: Iterable[str], base: str) -> str:
    listed = [
        {"event": name, "topic": EVENTS[name].topic}
        | ({side: schema_uri(name, side=side, base=base) for side in SIDES} if name in bodies else {"body": None})
        for name in names
    ]
    return json.dumps({"base": base, "schemas": listed}, indent=2) + "\n"


def site(directory: Path, *, base: str = SCHEMA_BASE) -> int:
    """Writes the whole registry into a folder: schemas, releases, topic pages, examples, asyncapi.yaml. Files of the
    folder that the registry does not have stay. Returns how many files it wrote."""
    texts = published(EVENTS, base=base)
    for path, text in texts.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    found = [path for folder in ("topics", "examples", "released") for path in sorted((HERE / folder).rglob("*"))]
    copied = [path for path in found if path.is_file()]
    for source in copied:
        target = directory / source.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    description = (HERE / "asyncapi.yaml").read_text()
    (directory / "asyncapi.yaml").write_text(description.replace("./json/", "./").replace(SCHEMA_BASE, base))
    return len(texts) + len(copied) + 1
