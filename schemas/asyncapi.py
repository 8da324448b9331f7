"""`asyncapi.yaml`: the contract as AsyncAPI describes it, with what such documents often forget: key, headers, null,
how long records live and who may read them. Written by `generate`. This module also needs PyYAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from . import headers, samples
from .catalogue import EVENTS
from .envelope import VERSION, Event, Tombstone, schema_path, schema_uri
from .registry import Topic, registry

FILE = Path(__file__).parent / "asyncapi.yaml"
KAFKA_BINDING = "0.5.0"
PREFIX = "magpie"
Doc = dict[str, Any]
RULES = (
    "CloudEvents 1.0 in Kafka's binary mode. Delivery is at least once; order is per key, by ce_sequence, compared as "
    "numbers, and the highest one of a key wins whatever its partition. A record with a null value is an erasure, and "
    "ce_type says which one; an empty value is none. Read with isolation level read_committed. Ignore fields, values "
    "and events that you do not know; the schemas named here are the reader's, which do so too."
)
LOGIN = (
    "A login for each reader, over TLS: reader for public topics, partner for those by grant, operator for all. The "
    "names of your consumer groups begin with your login and a dot."
)


def text() -> str:
    """The whole document."""
    return yaml.dump(document(), Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=120)


def document() -> Doc:
    """The document as data."""
    topics = {topic.title: topic for topic in registry() if topic.is_for_subscribers}
    by_event = {name: topic for topic in topics.values() for name in topic.events}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Magpie",
            "version": VERSION,
            "description": RULES,
            "contact": {"name": "@magpie/contract"},
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {title: _channel(topic) for title, topic in topics.items()},
        "operations": {title: _operation(title, topic) for title, topic in topics.items()},
        "components": {
            "messages": {name: _message(name, event, by_event[name]) for name, event in EVENTS.items()},
            "schemas": {
                "headers": headers.schema_of(headers.EVENT),
                "erasureHeaders": headers.schema_of(headers.EVERY_EVENT),
            },
            "securitySchemes": {"login": {"type": "scramSha512", "description": LOGIN}},
        },
    }


class _WithoutAnchors(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _server() -> Doc:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka-secure",
        "description": "The listener for subscribers outside (deploy/compose.secure.yaml).",
        "variables": {"bootstrap": {"default": "localhost:9095", "description": "Ask the operator."}},
        "security": [{"$ref": "#/components/securitySchemes/login"}],
    }


def _channel(topic: Topic) -> Doc:
    configuration: Doc = {"cleanup.policy": [topic.cleanup], "max.message.bytes": topic.max_record_bytes}
    lived = {name: value for name, value in topic.settings().items() if name in ("retention.ms", "delete.retention.ms")}
    return {
        "address": topic.full_name(PREFIX),
        "title": topic.title,
        "description": f"{topic.summary} Written by {topic.producer} alone; access: {topic.classification}.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.events},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": configuration | {name: int(value) for name, value in lived.items()},
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "x-contact": topic.contact,
        "x-access": topic.access,
        "x-partitioner": topic.partitioner,
        "x-consumers": topic.consumers,
        "x-rely-on": topic.rely_on,
        "x-deprecations": [found.model_dump(mode="json") for found in topic.deprecations],
    }


def _operation(title: str, topic: Topic) -> Doc:
    return {"action": "send", "channel": {"$ref": f"#/channels/{title}"}, "summary": topic.summary}


def _message(name: str, event: type[Event] | type[Tombstone], topic: Topic) -> Doc:
    is_erasure = issubclass(event, Tombstone)
    of = "erasureHeaders" if is_erasure else "headers"
    example = samples.example(name)
    body = {"type": "null"} if is_erasure else {"$ref": f"./json/{schema_path(name, 'reader')}"}
    return {
        "name": name,
        "title": name,
        "summary": (event.__doc__ or "").partition("\n\n")[0].replace("\n    ", " "),
        "headers": {"allOf": [{"$ref": f"#/components/schemas/{of}"}, {"properties": {"ce_type": {"const": name}}}]},
        "payload": body,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": KAFKA_BINDING}},
        "examples": [{"name": example["key"], "headers": example["headers"], "payload": example["value"]}],
    } | ({} if is_erasure else {"x-writer-schema": schema_uri(name, side="writer")})
