"""The id of a topic and the number of its partitions. A topic that was deleted and made again has another id.

aiokafka does not show ids yet, so this asks Kafka itself: Metadata, version 12."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

TEXT, TAGS = CompactString("utf-8"), ("tags", TaggedFields)


class Id(AbstractType[bytes]):
    """16 bytes."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        """As it is."""
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        """The next 16 bytes."""
        return data.read(16)


NODES = CompactArray(Int32)
BROKERS = CompactArray(("node", Int32), ("host", TEXT), ("port", Int32), ("rack", TEXT), TAGS)
PARTITIONS = CompactArray(
    ("error", Int16),
    ("index", Int32),
    ("leader", Int32),
    ("epoch", Int32),
    ("replicas", NODES),
    ("in_sync", NODES),
    ("offline", NODES),
    TAGS,
)
TOPICS = CompactArray(
    ("error", Int16),
    ("name", TEXT),
    ("id", Id),
    ("internal", Boolean),
    ("partitions", PARTITIONS),
    ("operations", Int32),
    TAGS,
)


class Answer(Response):
    """What Kafka says of the topics that were asked for."""

    API_KEY, API_VERSION = 3, 12
    SCHEMA = Schema(
        ("throttle", Int32),
        ("brokers", BROKERS),
        ("cluster", TEXT),
        ("controller", Int32),
        ("topics", TOPICS),
        TAGS,
    )


class Question(RequestStruct):
    """Asks for topics by name."""

    FLEXIBLE_VERSION, API_KEY, API_VERSION, RESPONSE_TYPE = True, 3, 12, Answer
    SCHEMA = Schema(
        ("topics", CompactArray(("id", Id), ("name", TEXT), TAGS)), ("create", Boolean), ("access", Boolean), TAGS
    )


class Metadata(Request[Question]):
    """Lets aiokafka send the question."""

    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self.topic = topic

    def build(self, request_struct_class: Any) -> Question:
        """There is one version of it."""
        return Question([(bytes(16), self.topic, {})], False, False, {})


async def topic_id(consumer: AIOKafkaConsumer, topic: str) -> tuple[str, int]:
    """The id of the topic and how many partitions it has. Raises KafkaError, for example when there is none."""
    client = consumer._client
    answer = await client.send(client.get_random_node(), Metadata(topic))
    error, _, found, _, partitions, *_ = answer.topics[0]
    if error:
        raise for_code(error)(f"{topic}: does it exist, and may this principal read it?")
    return str(uuid.UUID(bytes=found)), len(partitions)
