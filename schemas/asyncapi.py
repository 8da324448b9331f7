"""`asyncapi.yaml`: the contract as AsyncAPI describes it, with what such documents often forget: key, headers, null.

Written by `generate` from the topic pages and the events. This module also needs PyYAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .catalogue import EVENTS
from .envelope import VERSION, Event, Tombstone, schema_path

FILE = Path(__file__).parent / "asyncapi.yaml"
TOPICS = Path(__file__).parent / "topics"
KAFKA_BINDING = "0.5.0"
DAY_MS = 24 * 60 * 60 * 1000
Doc = dict[str, Any]
RULES = (
    "CloudEvents 1.0 in Kafka's binary mode. Delivery is at least once; order is per key, by ce_sequence, compared as "
    "numbers, and the highest one of a key wins whatever its partition. A record with a null value is an erasure, and "
    "ce_type says which one; an empty value is none."
)
_STRING = {"type": "string", "minLength": 1}
_NAMED: Doc = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": _STRING,
    "ce_type": _STRING,
    "ce_source": {"type": "string", "description": "/magpie/ and the producer of the topic, which alone writes it."},
    "ce_subject": {"type": "string", "description": "The key."},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_sequence": {"type": "string", "pattern": "^[0-9]{20}$", "description": "The aggregate's revision."},
    "ce_correlationid": _STRING,
    "ce_causationid": _STRING,
    "traceparent": {"type": "string", "description": "W3C; only where the cause had one."},
}
_OF_A_STATE: Doc = {"content-type": {"const": "application/json"}, "ce_dataschema": _STRING}


def text() -> str:
    """The whole document."""
    pages = [yaml.safe_load(path.read_text()) for path in sorted(TOPICS.glob("*.yaml"))]
    topics = {page["name"]: page for page in pages if page["events"]}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Magpie", "version": VERSION, "description": RULES},
        "defaultContentType": "application/json",
        "channels": {name: _channel(page) for name, page in topics.items()},
        "operations": {
            name: {"action": "send", "channel": {"$ref": f"#/channels/{name}"}, "summary": page["summary"]}
            for name, page in topics.items()
        },
        "components": {
            "messages": {name: _message(name, event, topics[event.topic]) for name, event in EVENTS.items()},
            "schemas": {"headers": _headers(_NAMED | _OF_A_STATE), "erasureHeaders": _headers(_NAMED)},
        },
    }
    return yaml.dump(document, Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=120)


class _WithoutAnchors(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _channel(page: Doc) -> Doc:
    configuration: Doc = {"cleanup.policy": [page["cleanup"]]}
    if page["retention_days"] is not None:
        configuration["retention.ms"] = page["retention_days"] * DAY_MS
    return {
        "address": f"magpie.{page['name']}.{VERSION}",
        "description": f"{page['summary']} Written by {page['producer']} alone; access: {page['classification']}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in page["events"]},
        "bindings": {
            "kafka": {
                "partitions": page["partitions"],
                "topicConfiguration": configuration,
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _message(name: str, event: type[Event] | type[Tombstone], page: Doc) -> Doc:
    is_erasure = issubclass(event, Tombstone)
    headers = "erasureHeaders" if is_erasure else "headers"
    key = {"type": "string", "description": page["key"]}
    return {
        "name": name,
        "summary": (event.__doc__ or "").partition("\n\n")[0].replace("\n    ", " "),
        "headers": {
            "allOf": [{"$ref": f"#/components/schemas/{headers}"}, {"properties": {"ce_type": {"const": name}}}]
        },
        "payload": {"type": "null"} if is_erasure else {"$ref": f"./json/{schema_path(name, 'reader')}"},
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}},
    }


def _headers(named: Doc) -> Doc:
    return {"type": "object", "properties": named, "required": [name for name in named if name != "traceparent"]}
