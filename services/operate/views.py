"""What people and scripts read. Pure. Bytes of strangers are shown escaped and cut, and only where it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.chassis.kafka_in import DeadLetter
from services.chassis.model import IDENTIFIER, Doc

from .letters import Found
from .status import Row
from .store import MAX_COUNTED
from .ways import Way

MAX_VALUE, MAX_HEADER, MAX_HEADERS, MAX_TEXT = 4096, 200, 50, 300
Json = dict[str, Any]


def escaped(raw: bytes | None, most: int) -> str | None:
    """Bytes as text that no terminal obeys, at most `most` of them; None for null."""
    if raw is None:
        return None
    end = most
    while 0 < end < len(raw) and end > most - 3 and raw[end] & 0xC0 == 0x80:  # in the midst of a character
        end -= 1
    text = "".join(map(_shown, raw[:end].decode("utf-8", "surrogateescape")))
    return text if len(raw) <= most else f"{text}... ({len(raw)} bytes)"


def _shown(sign: str) -> str:
    # Letters of all languages are read by somebody. What is not printable may move a cursor, or turn what follows it.
    if sign.isprintable() and sign != "\\":
        return sign
    return f"\\x{ord(sign) - 0xDC00:02x}" if "\udc80" <= sign <= "\udcff" else sign.encode("unicode_escape").decode()


def line(text: str, most: int = MAX_TEXT) -> str:
    """A text of ours as one bounded line: what stands in a database or on a topic was perhaps written by another."""
    return escaped(text.encode("utf-8", "surrogatepass"), most) or ""


# -- status


def status_json(rows: Sequence[Row]) -> Json:
    """Everything that `status` has found."""
    return {"services": [asdict(row) for row in rows]}


def status_text(rows: Sequence[Row]) -> str:
    """One screen: a row a service, below it what an operator should read."""
    head = ("SERVICE", "READY", "REPLICAS", "LAG", "OUTBOX", "JOBS DUE", "JOBS DEAD", "DEAD LETTERS", "QUOTAS HIT")
    table = aligned([head, *map(_cells, rows)])
    notes = [note for row in rows for note in _notes(row)]
    return "\n".join([table, *(["", *notes] if notes else [])])


def _cells(row: Row) -> tuple[str, ...]:
    waiting, hit = row.waiting, sum(sum(look.quotas.values()) for look in row.looks)
    seen = [look for look in row.looks if look.ready is not None]
    unknown = "?" if row.reads else "-"
    return (
        row.service,
        f"{sum(look.ready is True for look in seen)} of {len(row.looks)}" if seen else "?",
        unknown if row.members is None else str(row.members),
        unknown if row.lag is None else str(sum(row.lag.values())),
        "?" if waiting is None else _aged(waiting.outbox, waiting.outbox_oldest),
        "?" if waiting is None else _aged(waiting.due, waiting.due_oldest),
        "?" if waiting is None else str(sum(waiting.dead.values())),
        unknown if row.letters is None else f"{row.letters}{'+' if row.letters_cut else ''}",
        str(hit) if seen else "?",
    )


def _aged(count: int, seconds: float) -> str:
    if not count:
        return "0"
    return f"{count}{'+' if count >= MAX_COUNTED else ''} ({seconds:.0f} s)"


def _notes(row: Row) -> list[str]:
    found = [
        f"{look.url} {'is not ready: ' if look.ready is False else ''}{line(look.says)}"
        for look in row.looks
        if look.ready is not True or look.says != "ok"
    ]
    found += row.notes
    found += [f"lag of {topic}: {records}" for topic, records in (row.lag or {}).items() if records]
    if row.waiting and row.waiting.dead:
        found.append("dead jobs: " + ", ".join(f"{line(kind)} {n}" for kind, n in row.waiting.dead.items()))
    hit: dict[str, int] = {}
    for look in row.looks:
        for quota, times in look.quotas.items():
            hit[quota] = hit.get(quota, 0) + times
    found += [f"quota {line(quota)}: {times} times" for quota, times in sorted(hit.items())]
    return [f"{row.service}: {text}" for text in found]


# -- the way of an act


def way_json(way: Way) -> Json:
    """All steps, the oldest first; `more`: there may be others."""
    return {"id": way.id, "steps": [asdict(step) for step in way.in_order()], "more": way.is_cut, "unread": way.unread}


def way_text(way: Way) -> str:
    """A row a step."""
    steps = way.in_order()
    table = [(line(s.at), line(s.where), line(s.what), line(_said(s.about))) for s in steps]
    notes = [f"not read: {line(topic)}" for topic in way.unread]
    if way.is_cut:
        notes.append("There may be more; fewer --hours look at fewer records.")
    if not steps:
        return "\n".join(["Nothing has this id in these logs and on these topics.", *notes])
    return "\n".join([aligned([("AT", "WHERE", "WHAT", "ABOUT"), *table]), *notes])


def _said(about: Json) -> str:
    """A traceback is for --json: a row has no room for it."""
    parts = (f"{name}={_short(value)}" for name, value in about.items() if name != "traceback")
    return " ".join(parts)


def _short(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}:{count}" for name, count in value.items())
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


# -- jobs


def job_json(service: str, doc: Doc) -> Json:
    """One job, without its payload."""
    return {
        "id": f"{service}/{doc['_id']}",
        "kind": doc["kind"],
        "state": "dead" if doc.get("dead") else "waits",
        "tries": doc["tries"],
        "run_at": _instant(doc.get("run_at")),
        "died_at": _instant(doc.get("died_at")),
        "reason": doc.get("reason"),
    }


def jobs_text(jobs: Sequence[Json]) -> str:
    """A row a job."""
    if not jobs:
        return "No jobs."
    head = ("ID", "STATE", "TRIES", "SINCE", "REASON")
    rows = [
        (line(j["id"]), j["state"], str(j["tries"]), j["died_at"] or j["run_at"] or "-", line(j["reason"] or ""))
        for j in jobs
    ]
    return aligned([head, *rows])


# -- gaps


def gap_json(service: str, doc: Doc) -> Json:
    """One gap: what was removed from where, and who knows of it."""
    known = doc.get("acknowledged")
    return {
        "id": f"{service}/{doc['_id']}",
        "topic": doc["topic"],
        "partition": doc["partition"],
        "first": doc["first"],
        "last": doc["begin"] - 1,
        "reason": doc["reason"],
        "found_at": _instant(doc["found_at"]),
        "acknowledged": known and {"by": known["by"], "at": _instant(known["at"])},
    }


def gaps_text(gaps: Sequence[Json]) -> str:
    """A row a gap."""
    if not gaps:
        return "No gaps."
    head = ("ID", "FOUND", "OFFSETS", "REASON", "ACKNOWLEDGED BY")
    rows = [
        (line(g["id"]), g["found_at"], f"{g['first']} to {g['last']}", g["reason"], line(_by(g["acknowledged"])))
        for g in gaps
    ]
    return aligned([head, *rows])


def _by(known: Json | None) -> str:
    return known["by"] if known else "-"


# -- dead letters


def letter_json(found: Found) -> Json:
    """One letter without key, value and headers. A type or id that is no identifier is left out."""
    letter, origin = found.letter, found.letter.origin
    return {
        "id": found.id,
        "at": _instant(dt.datetime.fromtimestamp(letter.at / 1000, dt.UTC)),
        "topic": origin and line(origin.topic),
        "partition": origin and origin.partition,
        "offset": origin and origin.offset,
        "type": _identifier(letter, "ce_type"),
        "event": _identifier(letter, "ce_id"),
        "reason": line(letter.reason),
        "resent": origin.resent if origin else 0,
        "bytes": letter.size,
        "handled": found.handled and _handled(found.handled),
    }


def _handled(doc: Doc) -> Json:
    return {"act": doc["act"], "by": doc["by"], "at": _instant(doc["at"])}


def _identifier(letter: DeadLetter, name: str) -> str | None:
    values = [value.decode("ascii", "replace") for header, value in letter.headers if header == name and value]
    return values[0] if len(values) == 1 and IDENTIFIER.fullmatch(values[0]) else None


def letters_text(letters: Sequence[Json]) -> str:
    """A row a letter."""
    if not letters:
        return "No dead letters."
    head = ("ID", "AT", "FROM", "TYPE", "RESENT", "REASON")
    rows = [
        (x["id"], x["at"], _from(x), x["type"] or "-", str(x["resent"]), x["reason"] + _done(x["handled"]))
        for x in letters
    ]
    return aligned([head, *rows])


def _from(letter: Json) -> str:
    return f"{letter['topic']}/{letter['partition']}/{letter['offset']}" if letter["topic"] else "-"


def _done(handled: Json | None) -> str:
    return f" [{handled['act']} by {line(handled['by'])} at {handled['at']}]" if handled else ""


def letter_details(found: Found, *, value: bool) -> Json:
    """One letter with its headers and, where asked for, key and value; all of it escaped and cut."""
    letter = found.letter
    headers = [(line(name, MAX_HEADER), escaped(raw, MAX_HEADER)) for name, raw in letter.headers[:MAX_HEADERS]]
    details = letter_json(found) | {"headers": headers, "headers_in_all": len(letter.headers)}
    if value:
        details |= {"key": escaped(letter.key, MAX_HEADER), "value": escaped(letter.value, MAX_VALUE)}
    return details


def details_text(details: Json) -> str:
    """A line a fact."""
    facts = [(name, fact) for name, fact in details.items() if name not in ("headers", "headers_in_all", "handled")]
    facts += [("handled", _done(details["handled"]).strip() or "no")]
    facts += [(f"header {name}", fact) for name, fact in details["headers"]]
    if (more := details["headers_in_all"] - len(details["headers"])) > 0:
        facts.append(("headers", f"{more} more"))
    return "\n".join(f"{name}: {'null' if fact is None else fact}" for name, fact in facts)


# -- shared


def _instant(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    )
