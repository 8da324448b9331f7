"""Samples for the tests of subscribers: `examples/<event>/`. People write one file of each, `example.json`, or
`tombstone.json` of an erasure; the others are made of it.

Valid ones: in each language if it has a text, the smallest (only what is always there), the largest (every field, lists
as long as a profile may have them). `invalid.json` has records that are refused, each
with the reason."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from .catalogue import EVENTS
from .common import LANGUAGES, Text, entry_id, text_id
from .envelope import Event

FOLDER = Path(__file__).parent / "examples"
Doc = dict[str, Any]
LONGEST = {"offers": 30, "needs": 30, "certifications": 20}
"""What the API allows; other lists have three."""
OTHERS = 3
NAMES = {"ko": "미래웨이퍼비전", "zh": "未来晶圆视觉", "en": "Mirae Wafer Vision"}
SENTENCES = {
    "ko": "탄화규소 웨이퍼의 내부 결함을 파괴하지 않고 찾아내는 검사 장비를 제작합니다.",
    "zh": "我们研制检测设备，可在不破坏碳化硅晶圆的情况下发现其内部缺陷。",
    "en": "We build inspection tools that find defects inside silicon carbide wafers without breaking them.",
}
PLACES = {"ko": "코엑스 3층 A-12", "zh": "北京国家会议中心 3层 A-12", "en": "Coex, floor 3, A-12"}
WORDS = {"Instant": "2026-12-01T01:20:00.000+00:00", "Date": "2026-12-01"}
"""By the first word of a field's description."""
VALUES = {"start": 0, "end": 20, "policy_version": "live@3", "tier": "A", "region": "경기"}
"""By the name of a field."""


def example_file(event: str) -> Path:
    """The file that people write: a record of the event."""
    return FOLDER / event / ("example.json" if issubclass(EVENTS[event], Event) else "tombstone.json")


def example(event: str) -> Doc:
    """A record of the event: topic, key, headers and value."""
    found: Doc = json.loads(example_file(event).read_text())
    return found


def documents() -> dict[str, str]:
    """The text of each file that is made, by its path below `examples/`."""
    texts = {}
    for name in EVENTS:
        given = example(name)
        samples = {f"{name}/{kind}.json": sample for kind, sample in _valid(name, given).items()}
        for path, sample in [*samples.items(), (f"{name}/invalid.json", _invalid(name, given))]:
            texts[path] = json.dumps(sample, ensure_ascii=False, indent=2) + "\n"
    return texts


def stale() -> list[str]:
    """Paths of the files that differ: changed, missing, or of an event that no longer exists."""
    expected, written = documents(), {example_file(name) for name in EVENTS}
    found = [path for path in FOLDER.rglob("*.json") if path not in written]
    present = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in found}
    return sorted(path for path in expected.keys() | present.keys() if expected.get(path) != present.get(path))


def write() -> None:
    """Writes the files, and removes those that are no more."""
    expected = documents()
    for path in stale():
        file = FOLDER / path
        if path in expected:
            file.parent.mkdir(exist_ok=True)
            file.write_text(expected[path])
        else:
            file.unlink()


# -- valid ones


def _valid(name: str, example: Doc) -> dict[str, Doc]:
    event = EVENTS[name]
    if not issubclass(event, Event):
        return {}
    schema, value = event.model_json_schema(mode="serialization"), example["value"]
    values = {"smallest": _smallest(schema, value), "largest": _largest(schema, schema, value, "")}
    in_languages = {lang: _in(lang, value) for lang in LANGUAGES}
    if in_languages["ko"] != in_languages["en"]:
        values = in_languages | values
    return {kind: _record(example, _with_ids(found)) for kind, found in values.items()}


def _record(example: Doc, value: Doc) -> Doc:
    """The record of a value. The key of a translation names its language, and no text is translated into its own."""
    if "translation" not in value:
        return example | {"value": value}
    lang = value["translation"]["lang"]
    source = value["source"] if value["source"] != lang else next(one for one in LANGUAGES if one != lang)
    key = f"{value['text_id']}:{lang}"
    return example | {
        "key": key,
        "headers": example["headers"] | {"ce_subject": key},
        "value": value | {"source": source},
    }


def _in(lang: str, value: Any) -> Any:
    """The value with its texts in one language."""
    if isinstance(value, list):
        return [_in(lang, item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"lang", "text"}:
        return {"lang": lang, "text": SENTENCES[lang]}
    own = {"names": {lang: NAMES[lang]}, "languages": [lang], "place": PLACES[lang], "legal_name": NAMES[lang]}
    return {name: own.get(name, _in(lang, inner)) for name, inner in value.items()}


def _with_ids(value: Doc) -> Doc:
    """With the ids that follow from the content of its entries."""
    for side in ("offer", "need"):
        for entry in value.get(f"{side}s") or []:
            text = text_id(Text.model_validate(entry["text"]))
            entry["id"] = entry_id(value["profile_id"], side, entry["kind"], text)
    return value


def _resolved(root: Doc, schema: Doc) -> Doc:
    """The schema behind references and `or null`."""
    for choice in schema.get("anyOf", []):
        if choice.get("type") != "null":
            return _resolved(root, {**{k: v for k, v in schema.items() if k != "anyOf"}, **choice})
    if "$ref" in schema:
        return _resolved(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
    return schema


def _smallest(schema: Doc, value: Doc) -> Doc:
    return {name: inner for name, inner in value.items() if name in schema.get("required", ())}


def _largest(root: Doc, schema: Doc, value: Any, name: str) -> Any:
    schema = _resolved(root, schema)
    if "properties" in schema:
        return {
            name: _largest(root, inner, (value or {}).get(name, _any(root, inner, name)), name)
            for name, inner in schema["properties"].items()
        }
    if schema.get("type") == "array" and "$ref" in schema["items"]:
        kept = value or [_any(root, schema["items"], name)]
        items = [copy.deepcopy(kept[n % len(kept)]) for n in range(LONGEST.get(name, OTHERS))]
        return [_varied(n, _largest(root, schema["items"], item, name)) for n, item in enumerate(items)]
    return value or _resolved(root, schema.get("items", {})).get("enum", value)


def _varied(number: int, item: Any) -> Any:
    """Texts of a list differ, and take turns in their languages."""
    if isinstance(item, dict) and isinstance(item.get("text"), dict):
        lang = LANGUAGES[number % len(LANGUAGES)]
        item["text"] = {"lang": lang, "text": f"{SENTENCES[lang]} ({number + 1})"}
    return item


def _any(root: Doc, schema: Doc, name: str) -> Any:
    """A value for a field that the example does not have."""
    found = _resolved(root, schema)
    if known := found.get("enum"):
        return known[0]
    if name in VALUES and "Instant" not in str(found.get("description")):
        return VALUES[name]
    if "properties" in found:
        return {inner: _any(root, field, inner) for inner, field in found["properties"].items()}
    if found.get("type") == "array":
        return [_any(root, found["items"], name)]
    if found.get("type") in ("integer", "number"):
        return 1
    if found.get("type") == "boolean":
        return False
    if found.get("type") == "object":
        return {}
    described = str(found.get("description", "")).partition(" ")[0].strip(",.")
    return WORDS.get(described) or NAMES.get(name) or (f"https://magpie.example/{name}" if "url" in name else name)


# -- invalid ones


def _invalid(name: str, example: Doc) -> list[Doc]:
    headers, event = example["headers"], EVENTS[name]
    found = [
        ("ce_sequence is no number", {"headers": headers | {"ce_sequence": "seven"}}),
        ("ce_type is missing", {"headers": {k: v for k, v in headers.items() if k != "ce_type"}}),
        ("the key is not ce_subject", {"key": f"not-{example['key']}"}),
        ("ce_time has no zone", {"headers": headers | {"ce_time": "2026-11-25T01:00:00.123456"}}),
    ]
    if issubclass(event, Event):
        schema = event.model_json_schema(mode="serialization")
        found += [("the body is no object", {"value": []}), *_wrong_fields(schema, example["value"])]
    return [{"reason": reason, **example, **change} for reason, change in found]


def _wrong_fields(schema: Doc, value: Doc) -> list[tuple[str, Doc]]:
    """A field that is always there is missing; one has another type."""
    first = next(iter(schema.get("required", value)))
    missing = {name: inner for name, inner in value.items() if name != first}
    return [
        (f"`{first}` is missing", {"value": missing}),
        (f"`{first}` is no text", {"value": value | {first: 7}}),
    ]
