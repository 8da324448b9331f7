"""The description of the topics (AsyncAPI) as a page for people: one file, without scripts, fonts or anything from
elsewhere. Written to `docs/events.html` by `generate`, and served by services at `/docs/events`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from . import asyncapi
from .compatibility.shapes import forms, inside
from .envelope import schema_path

FILE = Path(__file__).parents[1] / "docs" / "events.html"
SCHEMAS = Path(__file__).parent / "json"
Doc = Mapping[str, Any]
MS_OF_A_DAY = 86_400_000
STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
nav ul{columns:18rem;padding-left:1.2rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem;display:block;overflow-x:auto}
th,td{border:1px solid #8886;padding:.25rem .5rem;text-align:left;vertical-align:top}
code,pre{font-family:ui-monospace,monospace;font-size:.85rem}
pre{overflow-x:auto;border:1px solid #8886;padding:.5rem}
h2{border-top:2px solid #8886;padding-top:1rem;margin-top:2rem}
"""


@cache
def text() -> str:
    """The whole page."""
    document = asyncapi.document()
    channels = document["channels"]
    body = [
        f"<h1>{_t(document['info']['title'])}: events</h1>",
        f"<p>{_t(document['info']['description'])}</p>",
        f"<p>{_t(document['components']['securitySchemes']['login']['description'])}</p>",
        _contents(channels),
        "<h2 id='headers'>Headers of each record</h2>",
        "<p>An erasure has none that are about a body, and null instead of a body.</p>",
        _headers(document["components"]["schemas"]),
        *(_channel(title, channel, document["components"]["messages"]) for title, channel in channels.items()),
    ]
    head = "<meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>Magpie: events</title>"
    return f"<!doctype html>\n<html lang='en'><head>{head}<style>{STYLE}</style></head><body>\n" + "\n".join(
        [*body, "</body></html>\n"]
    )


def _t(value: object) -> str:
    return escape(str(value))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """`rows` are HTML."""
    top = "".join(f"<th>{_t(name)}</th>" for name in head)
    lines = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<table><tr>{top}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _contents(channels: Doc) -> str:
    lines = []
    for title, channel in channels.items():
        events = "".join(f"<li><a href='#{_t(name)}'>{_t(name)}</a></li>" for name in channel["messages"])
        lines.append(f"<li><a href='#{_t(title)}'>{_t(title)}</a><ul>{events}</ul></li>")
    return f"<nav><ul>{''.join(lines)}</ul></nav>"


def _headers(schemas: Doc) -> str:
    all_of, erasure = schemas["headers"], schemas["erasureHeaders"]["properties"]
    rows = (
        (
            f"<code>{_t(name)}</code>",
            "always" if name in all_of["required"] else "where there is one",
            "yes" if name in erasure else "no",
            _t(_form(form)),
            _t(form.get("description", "")),
        )
        for name, form in all_of["properties"].items()
    )
    return _table(("Header", "In a record", "In an erasure", "Form", "Means"), rows)


def _form(form: Doc) -> str:
    return ", ".join(f"{name} {value}" for name, value in form.items() if name not in ("description", "minLength"))


def _channel(title: str, channel: Doc, messages: Doc) -> str:
    kafka = channel["bindings"]["kafka"]
    facts = {
        "Topic": f"<code>{_t(channel['address'])}</code>",
        "Key": _t(messages[next(iter(channel["messages"]))]["bindings"]["kafka"]["key"]["description"]),
        "Partitions": f"{kafka['partitions']}, by {_t(channel['x-partitioner'])} of the key's bytes",
        "Kept": _t(_kept(kafka["topicConfiguration"])),
        "Largest record": f"{kafka['topicConfiguration']['max.message.bytes']} bytes",
        "Access": _t(channel["x-access"]),
        "Read by": _t(", ".join(channel["x-consumers"]) or "no service"),
        "Contact": _t(channel["x-contact"]),
        "You may rely on": "<ul>" + "".join(f"<li>{_t(line)}</li>" for line in channel["x-rely-on"]) + "</ul>",
        "Announced ends": _ends(channel["x-deprecations"]),
    }
    parts = [
        f"<h2 id='{_t(title)}'>{_t(title)}</h2><p>{_t(channel['description'])}</p>",
        _table(("", ""), ((f"<b>{_t(name)}</b>", value) for name, value in facts.items())),
    ]
    shown: dict[str, str] = {}
    for name in channel["messages"]:
        fields = _body(name, messages[name])
        first = shown.setdefault(fields, name)
        same = f"<p>Fields as <a href='#{_t(first)}'>{_t(first)}</a>.</p>"
        parts.append(_message(name, messages[name], fields if first == name else same))
    return "\n".join(parts)


def _kept(configuration: Doc) -> str:
    if "retention.ms" in configuration:
        return f"for {int(configuration['retention.ms']) // MS_OF_A_DAY} days"
    days = int(configuration["delete.retention.ms"]) // MS_OF_A_DAY
    return f"compacted: the last event of each key; an erasure can be read for {days} days"


def _ends(ends: Iterable[Doc]) -> str:
    return "<br>".join(_t(f"{end['what']}: {end['ends']}, then {end['instead']}") for end in ends) or "none"


def _body(name: str, message: Doc) -> str:
    if "$ref" not in message["payload"]:
        return "<p>Null: an erasure.</p>"
    rows = fields_of(json.loads((SCHEMAS / schema_path(name, "reader")).read_text()))
    return _table(("Field", "Type", "There", "Means"), ([*map(_t, row)] for row in rows))


def _message(name: str, message: Doc, fields: str) -> str:
    (example,) = message["examples"]
    shown = json.dumps({"headers": example["headers"], "value": example["payload"]}, ensure_ascii=False, indent=1)
    return (
        f"<h3 id='{_t(name)}'><code>{_t(name)}</code></h3><p>{_t(message['summary'])}</p>{fields}"
        f"<details><summary>Example, with the key {_t(example['name'])}</summary><pre>{_t(shown)}</pre></details>"
    )


def fields_of(schema: Doc) -> list[tuple[str, str, str, str]]:
    """Each field of a body: path, type, whether it is always there, and what it means with its known values."""
    return list(_fields(schema, schema.get("$defs", {}), ""))


def _fields(node: Doc, shared: Doc, path: str) -> Iterator[tuple[str, str, str, str]]:
    for name, value in node.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        always = "always" if name in node.get("required", ()) else "may be absent"
        found = [form for form in forms(value, shared) if form.get("type") != "null"]
        yield place, " or ".join(dict.fromkeys(map(_type, found))), always, _meaning(value, found)
        for form in found:
            yield from _below(form, shared, place)


def _below(form: Doc, shared: Doc, place: str) -> Iterator[tuple[str, str, str, str]]:
    yield from _fields(form, shared, place)
    for mark, inner in inside(form):
        for one in forms(inner, shared):
            if values := _values([one]):
                yield place + mark, _type(one), "", values
            yield from _below(one, shared, place + mark)


def _type(form: Doc) -> str:
    for mark, inner in inside(form):
        of = inner.get("type") or inner.get("anyOf", [{}])[0].get("type", "object")
        return f"list of {of}" if mark == "[]" else f"map to {of}"
    return str(form.get("type", "any"))


def _meaning(field: Doc, found: Iterable[Doc]) -> str:
    said = field.get("description", "")
    return f"{said} {_values(found)}".strip()


def _values(found: Iterable[Doc]) -> str:
    listed = [value for form in found for value in form.get("enum", ())]
    return f"Known values: {', '.join(listed)}; expect others." if listed else ""
