"""Settings of topics, read as the broker has them and changed one by one. aiokafka can only replace all of them at
once, which would undo what somebody else sets at the same moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

DYNAMIC_TOPIC_CONFIG = 1
"""Kafka's code for the source of a setting that a topic has of its own."""
TOPIC, SET = 2, 0
"""Kafka's codes for a resource that is a topic, and for the operation that sets one value."""
API_KEY = 44
"""IncrementalAlterConfigs (KIP-339)."""


class _Answer(Response):
    API_KEY, API_VERSION = API_KEY, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("responses", Array(("code", Int16), ("message", String("utf-8")), ("type", Int8), ("name", String("utf-8")))),
    )


class _Question(RequestStruct):
    API_KEY, API_VERSION = API_KEY, 0
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("type", Int8),
                ("name", String("utf-8")),
                ("configs", Array(("name", String("utf-8")), ("operation", Int8), ("value", String("utf-8")))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _IncrementalAlterConfigs(Request[_Question]):
    API_KEY = API_KEY

    def __init__(self, resources: list[Any]) -> None:
        self._resources = resources

    def build(self, request_struct_class: type[_Question]) -> _Question:
        return request_struct_class(self._resources, False)


async def own_settings(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> dict[str, dict[str, str]]:
    """The settings that each topic has of its own, without the defaults of the broker."""
    if not (names := list(topics)):
        return {}
    answers: list[Any] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, n) for n in names])
    return {
        name: {key: value for key, value, _, source, *_ in entries if source == DYNAMIC_TOPIC_CONFIG}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


async def set_settings(admin: AIOKafkaAdminClient, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Sets these values, by topic and name; every other setting stays, also one that is set at the same time. Raises
    KafkaError."""
    resources = [(TOPIC, name, [(k, SET, v) for k, v in values.items()]) for name, values in changes.items() if values]
    if not resources:
        return
    answer: Any = await admin._send_request(_IncrementalAlterConfigs(resources))
    for code, message, _, name in answer.responses:
        if code:
            raise KafkaError(f"{name}: Kafka refuses its settings, code {code}: {message}")
