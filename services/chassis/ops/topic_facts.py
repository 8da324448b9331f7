"""What Kafka says of topics: the id that each one got when it was created, and its partitions. aiokafka 0.14 asks for
metadata without ids, so the question (Metadata, version 12) is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

UNKNOWN_TOPIC = 3
"""Kafka's error code for a topic that is not there."""


class Uuid(AbstractType[str]):
    """16 bytes, as 32 hexadecimal digits."""

    NONE = "0" * 32

    @classmethod
    def encode(cls, value: str) -> bytes:
        """As Kafka has it."""
        return bytes.fromhex(value)

    @classmethod
    def decode(cls, data: BytesIO) -> str:
        """As we have it."""
        return data.read(16).hex()


class _Answer(Response):
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString("utf-8")),
                ("topic_id", Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Question(RequestStruct):
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", Uuid), ("topic", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicsRequest(Request[_Question]):
    API_KEY = 3

    def __init__(self, topics: Iterable[str]) -> None:
        self._topics = sorted(topics)

    def build(self, request_struct_class: type[_Question]) -> _Question:
        """Asks for these topics, and creates none."""
        return request_struct_class([(Uuid.NONE, topic, {}) for topic in self._topics], False, False, {})


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic. `id` is another one after it was deleted and created again."""

    id: str
    partitions: frozenset[int]


async def topic_facts(client: AIOKafkaClient, topics: Iterable[str]) -> dict[str, TopicFacts]:
    """These topics by name; one that is not there, or that may not be seen, is left out. Raises KafkaError."""
    node = client.get_random_node()
    if node is None:
        raise KafkaConnectionError("no broker is known")
    answer: Any = await client.send(node, _TopicsRequest(topics))
    return {
        name: TopicFacts(id, frozenset(partition for _, partition, *_ in partitions))
        for code, name, id, _, partitions, *_ in answer.topics
        if id != Uuid.NONE and code != UNKNOWN_TOPIC
    }
