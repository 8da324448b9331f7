"""The headers of records, as JSON Schemas: CloudEvents 1.0 in Kafka's binary mode, and those of dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Form = Mapping[str, Any]
_TEXT: Form = {"type": "string", "minLength": 1}
_NUMBER: Form = {"type": "string", "pattern": "^[0-9]{1,18}$"}
OPTIONAL = "?"

EVERY_EVENT: dict[str, Form] = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {**_TEXT, "description": "The same when a record comes again."},
    "ce_type": {**_TEXT, "description": "The event."},
    "ce_source": {"type": "string", "description": "/magpie/ and the producer of the topic, which alone writes it."},
    "ce_subject": {"type": "string", "description": "The key."},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_sequence": {"type": "string", "pattern": "^[0-9]{20}$", "description": "The aggregate's revision."},
    "ce_correlationid": {**_TEXT, "description": "What first caused this, over all services."},
    "ce_causationid": {**_TEXT, "description": "The event, request or job that caused this one."},
    "traceparent?": {"type": "string", "description": "W3C; only where the cause had one."},
}
OF_A_BODY: dict[str, Form] = {
    "content-type": {"const": "application/json"},
    "ce_dataschema": {"type": "string", "format": "uri", "description": "The reader's schema of the body."},
}
OF_A_DEAD_LETTER: dict[str, Form] = {
    "dlq_topic": {**_TEXT, "description": "Where the record stood."},
    "dlq_partition": _NUMBER,
    "dlq_offset": _NUMBER,
    "dlq_group?": {**_TEXT, "description": "The consumer group that could not take it."},
    "dlq_reason?": {**_TEXT, "description": "Why, without what the record says."},
    "dlq_value_cut_from?": {**_NUMBER, "description": "The length of a value that was too long to keep."},
    "dlq_resent?": {**_NUMBER, "description": "How often it was sent again."},
    "dlq_resent_by?": {**_TEXT, "description": "By which operator."},
}
EVENT = EVERY_EVENT | OF_A_BODY
SETS: dict[str, dict[str, Form]] = {"event": EVENT, "erasure": EVERY_EVENT, "dead letter": OF_A_DEAD_LETTER}
"""The headers of each kind of record."""


def schema_of(named: Mapping[str, Form]) -> dict[str, Any]:
    """The JSON Schema of such headers, as text."""
    return {
        "type": "object",
        "properties": {name.removesuffix(OPTIONAL): dict(form) for name, form in named.items()},
        "required": [name for name in named if not name.endswith(OPTIONAL)],
    }


def expected(*, has_events: bool, has_erasures: bool) -> list[str]:
    """The headers that the page of a topic lists: an erasure has none of a body."""
    if not has_events:
        return list(OF_A_DEAD_LETTER)
    return [*EVERY_EVENT, *(f"{name}{OPTIONAL}" if has_erasures else name for name in OF_A_BODY)]
