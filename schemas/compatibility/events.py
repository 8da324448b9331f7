"""The two-schema method. Forward: what today's writer writes must be taken by the readers of a release. Backward: what
stands on the topics, from the writer of a release, must be taken by today's readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .breaks import Break, readers_of
from .shapes import Shape, Shapes, is_looser, shapes_of

SET_ASIDE = "they set the event aside, because their schema refuses it"
OLD_EVENTS = "they refuse the events that are on the topic already"
LOOK_FOR_IT = "they look for it and find nothing"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that is compared, and the page of its topic as it was released."""

    name: str
    page: Mapping[str, Any]

    def broken(self, field: str, what: str, how: str, instead: str) -> Break:
        """A break of one of its fields."""
        return Break(
            f"{self.name}: `{field}`", what, f"Readers of {self.title} ({readers_of(self.page)})", how, instead
        )

    @property
    def title(self) -> str:
        """Its topic."""
        version = self.page.get("version", 1)
        return str(self.page["name"]) if version == 1 else f"{self.page['name']}.v{version}"

    @property
    def next_topic(self) -> str:
        """Where a change belongs that breaks readers."""
        return f"{self.page['name']}.v{self.page.get('version', 1) + 1}"

    @property
    def elsewhere(self) -> str:
        """What to do with a change that cannot be made here."""
        return f"write {self.next_topic} beside {self.title} and announce the end of {self.title}"


def forward(event: Event, reader: Mapping[str, Any], writer: Mapping[str, Any]) -> Iterator[Break]:
    """What readers of a release miss or refuse in what is written today."""
    released, today = shapes_of(reader), shapes_of(writer)
    for path, before in released.items():
        after = today.get(path)
        if after is None:
            if _parent(path) in today or not _parent(path):
                yield event.broken(path, _gone(path, before, released, today), LOOK_FOR_IT, _keep(event))
            continue
        if before.is_always_there and not after.is_always_there:
            instead = f"Go on writing it always, or {event.elsewhere}"
            yield event.broken(path, "is no longer always there", LOOK_FOR_IT, instead)
        yield from _wider(event, path, before, after)


def backward(event: Event, writer: Mapping[str, Any], reader: Mapping[str, Any]) -> Iterator[Break]:
    """What today's readers refuse or no longer understand in what is on the topic."""
    released, today = shapes_of(writer), shapes_of(reader)
    for path, after in today.items():
        before = released.get(path)
        if before is None:
            if (
                after.is_always_there
                and not path.endswith(("[]", "{}"))
                and (_parent(path) in released or not _parent(path))
            ):
                yield event.broken(
                    path, "is new and required", OLD_EVENTS, "Give it a default: a new field is optional"
                )
            continue
        if after.is_always_there and not before.is_always_there:
            yield event.broken(path, "is now required", OLD_EVENTS, "Leave it optional")
        yield from _narrower(event, path, before, after)


def _wider(event: Event, path: str, before: Shape, after: Shape) -> Iterator[Break]:
    if after.is_anything and not before.is_anything:
        what = f"was {_types(before)} and may now be anything"
        yield event.broken(path, what, SET_ASIDE, f"Keep its type, or {event.elsewhere}")
    yield from _further_values(event, path, before, after)
    if added := after.types - before.types if not before.is_anything else set():
        what = f"was {_types(before)} and may now be {_or(added)}"
        yield event.broken(path, what, SET_ASIDE, f"Add a new field of that type beside it, or {event.elsewhere}")
    for name in sorted(before.bounds.keys() | after.bounds.keys()):
        old, new = before.bounds.get(name), after.bounds.get(name)
        if old != new and not (added or before.types - after.types) and is_looser(name, old, new):
            what = f"had {name} {old} and has {'none' if new is None else new}"
            yield event.broken(path, what, SET_ASIDE, f"Keep the bound, or {event.elsewhere}")


def _further_values(event: Event, path: str, before: Shape, after: Shape) -> Iterator[Break]:
    """Of a vocabulary: values that its readers are not prepared for."""
    if before.values is None:
        return
    if after.values is None or after.is_open:
        what, how = "was written from a vocabulary and may now be any text", "they have a rule for each value, and one"
        yield event.broken(
            path, what, f"{how} for others, which are then all", f"Write one of its values, or {event.elsewhere}"
        )
    elif not before.is_open:
        for value in sorted(after.values - before.values):
            what = f"may now be `{value}`, and its vocabulary was closed"
            yield event.broken(path, what, SET_ASIDE, f"Write it in a new field, or {event.elsewhere}")


def closed(event: Event, released: Mapping[str, Any], today: Mapping[str, Any]) -> Iterator[Break]:
    """Vocabularies that readers of a release leave open and readers of today do not: the next value would be refused by
    those who begin today."""
    before, after = shapes_of(released), shapes_of(today)
    for path in before.keys() & after.keys():
        if before[path].values is not None and before[path].is_open and not after[path].is_open:
            what = "no longer takes values that its vocabulary does not list"
            how = "those who begin today set the event aside as soon as a value is added"
            yield event.broken(path, what, how, "Leave the last alternative of the vocabulary open (`known`)")


def _narrower(event: Event, path: str, before: Shape, after: Shape) -> Iterator[Break]:
    dropped = before.types - after.types
    if before.is_anything and not after.is_anything:
        what = f"was anything and is now {_types(after)}"
        yield event.broken(path, what, OLD_EVENTS, "Go on taking what was released")
    if dropped and not after.is_anything and not after.types - before.types:
        what = f"was {_types(before)} and may no longer be {_or(dropped)}"
        yield event.broken(path, what, OLD_EVENTS, "Go on taking what was released")
    for name in sorted(before.bounds.keys() | after.bounds.keys()):
        old, new = before.bounds.get(name), after.bounds.get(name)
        if old != new and before.types == after.types and not is_looser(name, old, new):
            what = f"had {name} {'none' if old is None else old} and has {new}"
            yield event.broken(path, what, OLD_EVENTS, "Go on taking what was released; check it where it is written")
    for value in sorted((before.values or set()) - (after.values or set())):
        what = f"no longer lists the value `{value}`"
        how = "they have a rule for it, and those who begin today have none for the events that are on the topic"
        yield event.broken(path, what, how, "Keep the value in the vocabulary, also when it is no longer written")


def _gone(path: str, before: Shape, released: Shapes, today: Shapes) -> str:
    """Says also where it may have gone: a new field beside it of the same type."""
    beside = [
        other
        for other in today.keys() - released.keys()
        if _parent(other) == _parent(path) and today[other].types == before.types and other[-1] not in "]}"
    ]
    return f"is gone; `{beside[0]}` is new, and a new name is another field" if len(beside) == 1 else "is gone"


def _keep(event: Event) -> str:
    return f"Keep it and add the new one beside it; to end it, {event.elsewhere}"


def _parent(path: str) -> str:
    for mark in ("[]", "{}"):
        if path.endswith(mark):
            return path.removesuffix(mark)
    return path.rpartition(".")[0]


def _types(shape: Shape) -> str:
    return _or(shape.types) or "anything"


def _or(names: set[str]) -> str:
    return " or ".join(sorted(names - ({"integer"} if "number" in names else set())))
