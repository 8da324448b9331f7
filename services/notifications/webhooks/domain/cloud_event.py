"""An event of a topic as CloudEvents has it in structured mode: the attributes are those of its record."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pydantic_core
from pydantic import BaseModel

from services.chassis.model import Incoming

CONTENT_TYPE = "application/cloudevents+json"
HANDED_ON = ("source", "dataschema", "causationid", "time")
"""Attributes that are taken from the record's headers as they are; the others were read from it and checked."""
_PLAIN = re.compile(r"[!-~]{1,300}")


def attributes_of(event: Incoming[BaseModel | None]) -> dict[str, str]:
    """The context attributes of an event, without its data."""
    sent = _headers(event.headers)
    found = {
        "specversion": "1.0",
        "id": event.id,
        "type": event.type,
        "subject": event.key,
        "partitionkey": event.key,
        "sequence": f"{event.sequence:020d}",
        "time": event.time.isoformat(timespec="microseconds"),
        "correlationid": event.cause.chain,
    }
    return found | {name: sent[name] for name in HANDED_ON if name in sent}


def _headers(headers: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """The `ce_` headers that are plain text; anything else is a foreign writer's, and goes no further."""
    named = ((name[3:], value.decode("ascii", "replace")) for name, value in headers if name.startswith("ce_"))
    return {name: text for name, text in named if _PLAIN.fullmatch(text)}


def data_of(event: Incoming[BaseModel | None]) -> str | None:
    """The JSON text of its body as it was written, also fields that this version does not know; None for an erasure."""
    if event.data is None or event.value is None:
        return None
    try:
        pydantic_core.from_json(event.value, allow_inf_nan=False)
    except ValueError:  # NaN in a field that we do not know: readers in other languages could not parse it
        return event.data.model_dump_json(exclude_none=True)
    return event.value.decode()


def structured(attributes: dict[str, str], data: str | None) -> bytes:
    """The body. The data stand in it as they were written; an erasure has `"data": null`."""
    context: dict[str, Any] = dict(attributes)
    if data is not None:
        context["datacontenttype"] = "application/json"
    head = json.dumps(context, ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"data":{data or "null"}}}'.encode()
