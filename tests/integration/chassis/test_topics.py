"""`topics apply`: makes what is missing, keeps what an operator has set, and bounds what a record can grow to."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError

from deploy.local.system import Servers
from services.chassis import topics
from services.chassis.ops import KafkaConnection
from tests.support.kafka import admin, configure, producing, send
from tests.support.waiting import eventually

OPERATORS = {"min.insync.replicas": "1", "retention.ms": "1234567890"}


async def configured(servers: Servers, topic: str, configs: dict[str, str]) -> None:
    await configure(servers.bootstrap, topic, configs)
    await shown(servers, topic, configs)


async def shown(servers: Servers, topic: str, configs: dict[str, str]) -> None:
    """A broker tells of a change a moment after it has taken it."""

    async def there() -> bool:
        return configs.items() <= (await settings_of(servers, topic)).items()

    await eventually(there, f"{topic} has {configs}")


async def settings_of(servers: Servers, topic: str) -> dict[str, str]:
    async with admin(servers.bootstrap) as client:
        answers: Any = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {name: value for name, value, *_ in answers[0].resources[0][4]}


async def test_apply_keeps_and_reports_what_an_operator_has_set_and_adds_what_is_missing(
    servers: Servers, run_id: str
) -> None:
    kafka = KafkaConnection(servers.bootstrap)
    assert await topics.apply(kafka, run_id) == topics.Findings()
    assert await topics.apply(kafka, run_id) == topics.Findings(), "its own work is no difference"
    topic = f"{run_id}.matches.v1"
    await configured(servers, topic, OPERATORS)  # all others are back at the broker's defaults
    found = await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    assert found == topics.Findings(
        kept=(
            f"{topic}: min.insync.replicas is 1, of which the registry says nothing",
            f"{topic}: retention.ms is 1234567890, the registry says {30 * topics.DAY_MS}",
        )
    )
    await shown(servers, topic, OPERATORS | topics.SIZES)


async def test_apply_corrects_only_on_request_and_never_removes_a_foreign_setting(
    servers: Servers, run_id: str
) -> None:
    await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    topic = f"{run_id}.matches.v1"
    await configured(servers, topic, OPERATORS)
    found = await topics.apply(KafkaConnection(servers.bootstrap), run_id, correct=True)
    assert found.kept == (f"{topic}: min.insync.replicas is 1, of which the registry says nothing",)
    await shown(servers, topic, {"min.insync.replicas": "1", "retention.ms": str(30 * topics.DAY_MS)})


async def test_a_batch_that_was_sent_compressed_cannot_grow_in_its_readers(servers: Servers, run_id: str) -> None:
    await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    topic = f"{run_id}.profiles.v1"
    blanks = b'{"x": "' + b" " * 8_000_000 + b'"}'
    async with producing(servers.bootstrap, compression_type="gzip", max_request_size=10_000_000) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(topic, blanks, key=b"k")
    await send(servers.bootstrap, topic, [(b"k", b"{}", [])])
