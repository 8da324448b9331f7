"""Topics and headers: what their pages promised, and what they say today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from .breaks import OUTSIDE, Break, readers_of
from .contract import Contract, Doc
from .events import Event, backward, closed, forward

NEVER = "Leave it as it is"
CHANGES: dict[str, str] = {
    "key": "they find the history of one thing under two keys, and compaction keeps both",
    "partitioner": "they find the records of one key on two partitions, out of order",
    "partitions": "they find the records of one key on two partitions, out of order",
    "cleanup": "they rely on what stays, and on what goes",
    "retention_days": "they rely on how far back they can read, and that nothing stays longer",
    "delete_retention_days": "they rely on how long an erasure can be read",
    "producer": "they set records of another ce_source aside",
}


def compared(released: Contract, today: Contract, *, on: dt.date) -> Iterator[Break]:
    """Everything of a release that today's contract breaks. What was announced to end may be gone once its day has
    come."""
    for title, page in released.pages.items():
        ended = {end["what"] for end in page.get("deprecations", ()) if _day(end["ends"]) <= on}
        now = today.pages.get(title)
        if now is not None:
            yield from _page(title, page, now)
        elif "topic" not in ended:
            yield _broken(page, f"topic {title}", "is gone", "they read nothing any more", _announce(page))
        for name in page["events"] if now is not None else ():
            if name not in ended:
                yield from _event(Event(name, page), released, today, now or {})
    yield from _headers(released, today)


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def _announce(page: Doc) -> str:
    return f"Announce its end under `deprecations` of {page['name']} and write both until that day"


def _broken(page: Doc, where: str, what: str, how: str, instead: str) -> Break:
    return Break(where, what, f"Its readers ({readers_of(page)})", how, instead)


def _page(title: str, before: Doc, after: Doc) -> Iterator[Break]:
    beside = f"{NEVER}, or write {before['name']}.v{before.get('version', 1) + 1} beside it"
    for name, how in CHANGES.items():
        if before.get(name) != after.get(name):
            what = f"changes its {name} from {before.get(name)} to {after.get(name)}"
            yield _broken(before, f"topic {title}", what, how, beside)
    old, new = before.get("max_record_bytes"), after.get("max_record_bytes")
    if old is not None and (new is None or new > old):
        what = f"changes its max_record_bytes from {old} to {new}"
        yield _broken(before, f"topic {title}", what, "they have set their clients to the largest record", beside)
    yield from _promises(title, before, after, beside)
    yield from _classification(title, before, after)


def _promises(title: str, before: Doc, after: Doc, beside: str) -> Iterator[Break]:
    """Headers, and the sentences on which readers rely: each stays as it was said, and more may be said."""
    for name in before["headers"]:
        if name not in after["headers"]:
            kept = name in after.get("optional_headers", ())
            what = f"lists the header {name} as optional" if kept else f"no longer lists the header {name}"
            yield _broken(before, f"topic {title}", what, "they look for it in each record", beside)
    for name in before.get("optional_headers", ()):
        if name not in (*after["headers"], *after.get("optional_headers", ())):
            what = f"no longer lists the optional header {name}"
            yield _broken(before, f"topic {title}", what, "they use it where it is there", beside)
    said = {_words(sentence) for sentence in after.get("rely_on", ())}
    for sentence in map(_words, before.get("rely_on", ())):
        if sentence not in said:
            what = f"no longer promises: {sentence}"
            yield _broken(
                before, f"topic {title}", what, "they rely on it", "Keep the sentence, and add others beside it"
            )


def _words(sentence: str) -> str:
    return " ".join(sentence.split())


def _classification(title: str, before: Doc, after: Doc) -> Iterator[Break]:
    order = list(OUTSIDE)
    old, new = (order.index(page["classification"]) for page in (before, after))
    what = f"changes its classification from `{order[old]}` to `{order[new]}`"
    if new < old:
        how = f"what they were told is for {OUTSIDE[order[old]]} alone is then read by {OUTSIDE[order[new]]}"
        yield _broken(before, f"topic {title}", what, how, "Publish what all may see on a topic of its own")
    elif new > old:
        yield _broken(before, f"topic {title}", what, "they may no longer read it", _announce(before))


def _event(event: Event, released: Contract, today: Contract, page: Mapping[str, Any]) -> Iterator[Break]:
    where, readers = event.name, event.page
    if event.name not in page["events"]:
        how = "they wait for it, and take the state before it for the last one"
        yield _broken(readers, where, f"is no longer an event of {event.title}", how, _announce(readers))
        return
    had, has = event.name in released.readers, event.name in today.readers
    if had != has:
        what = "has no body any more" if had else "was an erasure and has a body"
        yield _broken(readers, where, what, "they set it aside", f"Make a new event, or {event.elsewhere}")
    elif had:
        yield from forward(event, released.readers[event.name], today.writers[event.name])
        yield from closed(event, released.readers[event.name], today.readers[event.name])
        yield from backward(event, released.writers[event.name], today.readers[event.name])


def _headers(released: Contract, today: Contract) -> Iterator[Break]:
    for kind, forms in released.headers.items():
        now = today.headers.get(kind, {})
        for name, form in forms.items():
            bare = name.removesuffix("?")
            after = now.get(bare, now.get(f"{bare}?"))
            if after is None:
                what, how = "is gone", "they look for it in each record"
            elif not name.endswith("?") and bare not in now:
                what, how = "is no longer in every record", "they look for it in each record"
            elif _form(after) != _form(form):
                what, how = f"was {_form(form)} and is {_form(after)}", "they read it by its form"
            else:
                continue
            yield Break(
                f"header {bare} of an {kind}" if kind[0] in "ae" else f"header {bare} of a {kind}",
                what,
                "All readers of all topics",
                how,
                "Keep it as it is and add another header beside it",
            )


def _form(form: Doc) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(form.items()) if name != "description") or "any"
