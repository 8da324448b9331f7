"""The tables of docs/subscribers.md that repeat the registry: topics, headers, vocabularies. Written by `generate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .catalogue import EVENTS
from .envelope import Event
from .headers import EVERY_EVENT, OF_A_BODY, OPTIONAL
from .registry import Topic, registry

FILE = Path(__file__).parents[1] / "docs" / "subscribers.md"


def text() -> str:
    """The guide as it should be."""
    found = FILE.read_text()
    for name, table in {"topics": _topics(), "headers": _headers(), "vocabularies": _vocabularies()}.items():
        before, begin, rest = found.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        found = f"{before}{begin}{table}{end}{after}"
    return found


def is_stale() -> bool:
    """Whether the guide says something else than the registry. Where the contract alone was copied, there is none."""
    return FILE.exists() and FILE.read_text() != text()


def write() -> None:
    """Writes the tables into the guide."""
    if is_stale():
        FILE.write_text(text())


def _table(head: str, rows: Sequence[tuple[str, ...]]) -> str:
    names = head.split(" | ")
    lines = [f"| {' | '.join(row)} |\n" for row in (names, *rows)]
    return "".join([lines[0], "|---" * len(names) + "|\n", *lines[1:]])


def _topics() -> str:
    rows = [
        (f"`{topic.full_name('magpie')}`", topic.summary, topic.key, str(topic.partitions), _kept(topic), topic.access)
        for topic in _for_others()
    ]
    return _table("Topic | What | Key | Partitions | Kept | Access", rows)


def _for_others() -> list[Topic]:
    return [topic for topic in registry() if topic.is_for_subscribers and topic.classification != "owner, operators"]


def _kept(topic: Topic) -> str:
    if topic.delete_retention_days is None:
        return f"{topic.retention_days} days"
    return f"the last event of each key; erasures {topic.delete_retention_days} days"


def _headers() -> str:
    rows = [
        (f"`{name.removesuffix(OPTIONAL)}`", where if not name.endswith(OPTIONAL) else "some", _meaning(form))
        for where, named in (("all", EVERY_EVENT), ("all but erasures", OF_A_BODY))
        for name, form in named.items()
    ]
    return _table("Header | In | Means", rows)


def _meaning(form: Any) -> str:
    said = [f"`{form['const']}`"] if "const" in form else []
    said += [str(form["description"])] if "description" in form else []
    said += [f"`{form['pattern']}`"] if "pattern" in form else []
    return " ".join(said) or {"date-time": "When it happened, with microseconds."}.get(form.get("format"), "")


def _vocabularies() -> str:
    found: dict[tuple[str, str, tuple[str, ...]], None] = {}
    topics = {topic.name for topic in _for_others()}
    for event in EVENTS.values():
        if issubclass(event, Event) and event.topic in topics:
            for field, values in _known(event.model_json_schema(mode="serialization"), ""):
                found[event.topic, field, values] = None
    rows = [
        (topic, f"`{field}`", ", ".join(value if value == "..." else f"`{value}`" for value in values))
        for topic, field, values in sorted(found)
    ]
    return _table("Topic | Field | Values today", rows)


def _known(schema: Any, field: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Fields with a vocabulary, anywhere in a schema."""
    if isinstance(schema, dict):
        alternatives = schema.get("anyOf", [])
        if listed := [value for one in alternatives for value in one.get("enum", ())]:
            yield field, (*listed, *(("...",) if any("pattern" in one for one in alternatives) else ()))
        for name, inner in schema.items():
            is_structure = name in ("properties", "$defs", "items", "anyOf", "additionalProperties")
            yield from _known(inner, field if is_structure else name)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _known(inner, field)
