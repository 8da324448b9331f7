"""A JSON Schema as fields by their path (`offers[].text.lang`, `days{}`): types, bounds, vocabulary, always there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
LOWER, UPPER = (
    ("minimum", "minLength", "minItems", "minProperties"),
    ("maximum", "maxLength", "maxItems", "maxProperties"),
)
EXACT = ("keys", "pattern", "format", "const", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems")


@dataclass(slots=True)
class Shape:
    """What one place of a body may hold."""

    types: set[str] = field(default_factory=set)
    bounds: dict[str, Any] = field(default_factory=dict)
    values: set[str] | None = None
    """Those of a vocabulary; None where every text is as good."""
    is_open: bool = False
    """Whether it takes texts that its vocabulary does not list."""
    is_anything: bool = False
    """Whether it takes a value of any type."""
    is_always_there: bool = True

    def add(self, form: Schema) -> None:
        """One of the forms that the place may have."""
        if "type" in form:
            named = {form["type"]} if isinstance(form["type"], str) else set(form["type"])
            self.types |= named | ({"integer"} if "number" in named else set())
        self.bounds |= {name: form[name] for name in (*LOWER, *UPPER, *EXACT) if name in form}
        if "patternProperties" in form:
            self.bounds["keys"] = " ".join(sorted(form["patternProperties"]))
        self.is_anything |= not form.keys() & {"type", "enum", "const"}
        self.is_open |= not form.keys() & {"enum", "const", "pattern"} and "string" in str(form.get("type", "string"))
        if "enum" in form:
            self.values = (self.values or set()) | set(map(str, form["enum"]))


Shapes = dict[str, Shape]


def shapes_of(schema: Schema) -> Shapes:
    """Every place of a body by its path."""
    found: Shapes = {}
    for path, form, is_always_there in _places(schema, schema.get("$defs", {}), ""):
        shape = found.setdefault(path, Shape(is_always_there=is_always_there))
        shape.add(form)
    return found


def _places(node: Schema, shared: Schema, path: str) -> Iterator[tuple[str, Schema, bool]]:
    for name, value in node.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        yield from _forms_below(value, shared, place, name in node.get("required", ()))


def _forms_below(node: Schema, shared: Schema, place: str, required: bool) -> Iterator[tuple[str, Schema, bool]]:
    for form in forms(node, shared):
        yield place, form, required
        yield from _places(form, shared, place)
        for mark, inner in inside(form):
            yield from _forms_below(inner, shared, place + mark, True)


def inside(form: Schema) -> Iterator[tuple[str, Schema]]:
    """What a list or a map holds, with the mark that a path gets for it."""
    for keyword, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(inner := form.get(keyword), Mapping):
            yield mark, inner
    for inner in form.get("patternProperties", {}).values():
        yield "{}", inner


def forms(node: Schema, shared: Schema) -> Iterator[Schema]:
    """The forms that a node allows: itself, what it refers to, each of its alternatives."""
    if "$ref" in node:
        yield from forms(shared[node["$ref"].rpartition("/")[2]], shared)
    elif "anyOf" in node:
        for one in node["anyOf"]:
            yield from forms(one, shared)
    else:
        yield node


def is_looser(name: str, before: Any, after: Any) -> bool:
    """Whether a bound allows more than before; None is without that bound."""
    if after is None:
        return before is not None
    if before is None or name in EXACT:
        return False
    return bool(after < before if name in LOWER else after > before)
