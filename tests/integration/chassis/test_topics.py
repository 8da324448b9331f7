"""`topics apply` makes what is missing, keeps what an operator has set, and bounds what a record can grow to; `topics
check` says every difference."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError

from deploy.local.system import Servers
from schemas.registry import DAY_MS, SIZES, registry
from services.chassis import topics
from services.chassis.ops import KafkaConnection
from services.chassis.ops.topic_settings import own_settings, set_settings
from tests.support.kafka import admin, configure, make_topics, producing, send
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
        kept=(f"{topic}: retention.ms is 1234567890, the registry says {30 * DAY_MS}",),
        outside=(f"{topic}: min.insync.replicas is 1, of which the registry says nothing",),
    )
    await shown(servers, topic, OPERATORS | SIZES)


async def test_apply_corrects_only_on_request_and_never_removes_a_foreign_setting(
    servers: Servers, run_id: str
) -> None:
    await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    topic = f"{run_id}.matches.v1"
    await configured(servers, topic, OPERATORS)
    found = await topics.apply(KafkaConnection(servers.bootstrap), run_id, correct=True)
    assert found.outside == (f"{topic}: min.insync.replicas is 1, of which the registry says nothing",)
    await shown(servers, topic, {"min.insync.replicas": "1", "retention.ms": str(30 * DAY_MS)})


async def test_a_batch_that_was_sent_compressed_cannot_grow_in_its_readers(servers: Servers, run_id: str) -> None:
    await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    topic = f"{run_id}.profiles.v1"
    blanks = b'{"x": "' + b" " * 8_000_000 + b'"}'
    async with producing(servers.bootstrap, compression_type="gzip", max_request_size=10_000_000) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(topic, blanks, key=b"k")
    await send(servers.bootstrap, topic, [(b"k", b"{}", [])])


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_an_operator_sets_at_the_same_moment_stays(
    servers: Servers, run_id: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without increments the whole configuration is written, as it was read a moment before."""
    kafka, topic = KafkaConnection(servers.bootstrap), f"{run_id}.matches.v1"
    await topics.apply(kafka, run_id)
    await configured(servers, topic, {"min.insync.replicas": "2"})  # all others are back at the defaults

    async def whole(client: AIOKafkaAdminClient, changes: topics.Settings) -> None:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(v)) for name, v in changes.items()]
        await client.alter_configs(resources)

    operators = [{topic: {"segment.bytes": "7654321"}}]

    async def read_before(client: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
        found = await own_settings(client, names)
        while operators:
            await set_settings(client, operators.pop())
        return found

    monkeypatch.setattr(topics, "own_settings", read_before)
    if not guarded:
        monkeypatch.setattr(topics, "set_settings", whole)
    await topics.apply(kafka, run_id)
    await shown(servers, topic, {"retention.ms": str(30 * DAY_MS)})
    assert ((await settings_of(servers, topic))["segment.bytes"] == "7654321") is guarded


async def test_correct_never_shortens_a_retention(servers: Servers, run_id: str) -> None:
    kafka = KafkaConnection(servers.bootstrap)
    await topics.apply(kafka, run_id)
    matches, profiles = f"{run_id}.matches.v1", f"{run_id}.profiles.v1"
    longer = {"retention.ms": str(31 * DAY_MS), "compression.type": "gzip"}
    await configured(servers, matches, longer)
    await configured(servers, profiles, {"delete.retention.ms": "5"})
    found = await topics.apply(kafka, run_id, correct=True)
    assert found.kept == (f"{matches}: retention.ms is {31 * DAY_MS}, the registry says {30 * DAY_MS}",)
    await shown(servers, matches, longer | SIZES)
    await shown(servers, profiles, {"delete.retention.ms": str(30 * DAY_MS)})


async def test_check_says_every_difference_and_changes_nothing(servers: Servers, run_id: str) -> None:
    kafka = KafkaConnection(servers.bootstrap)
    assert len((await topics.check(kafka, run_id)).missing) == len(registry())
    strange, narrow = f"{run_id}.strange.v1", f"{run_id}.meetings.v1"
    await make_topics(servers.bootstrap, narrow, partitions=3)
    await topics.apply(kafka, run_id)
    await shown(servers, narrow, {"cleanup.policy": "delete", "compression.type": "uncompressed"})
    await make_topics(servers.bootstrap, strange)
    changed = f"{run_id}.matches.v1"
    await configured(servers, changed, OPERATORS | SIZES)
    found = await topics.check(kafka, run_id)
    assert found == await topics.check(kafka, run_id)
    assert set(found.drift) == {
        f"{changed}: cleanup.policy is not set, the registry says delete; `apply` sets it",
        f"{changed}: max.message.bytes is not set, the registry says 1048576; `apply` sets it",
        f"{changed}: retention.ms is 1234567890, the registry says {30 * DAY_MS}",
        f"{narrow}: has 3 partitions, the registry says 12; a topic's partitions never change, make a new version of "
        "it",
    }
    assert set(found.outside) == {
        f"{changed}: min.insync.replicas is 1, of which the registry says nothing",
        f"{strange}: the registry has no such topic",
    }


@pytest.mark.parametrize("guarded", [True, False])
async def test_apply_ends_when_kafka_shows_its_work(
    servers: Servers, run_id: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes next (`check`, a service that starts) finds the topics there, on a slow broker as well."""
    hidden: list[set[str]] = [set(), {f"{run_id}.profiles.v1"}, {f"{run_id}.profiles.v1"}]

    async def at_once(*_: object) -> None:
        pass

    async def late(client: AIOKafkaAdminClient) -> list[str]:
        return list(set(await list_topics(client)) - (hidden.pop(0) if hidden else set()))

    list_topics = AIOKafkaAdminClient.list_topics
    monkeypatch.setattr(AIOKafkaAdminClient, "list_topics", late)
    if not guarded:
        monkeypatch.setattr(topics, "_shown", at_once)
    await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    assert (not hidden) is guarded


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_topic_that_another_makes_at_the_same_moment_gets_its_settings(
    servers: Servers, run_id: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = f"{run_id}.meetings.v1"
    await make_topics(servers.bootstrap, narrow, partitions=3)
    create, hidden = topics._create, [{narrow}]

    async def list_before(client: AIOKafkaAdminClient) -> list[str]:
        return list(set(await list_topics(client)) - (hidden.pop() if hidden else set()))

    async def all_mine(admin: Any, missing: Any, *rest: Any) -> set[str]:
        await create(admin, missing, *rest)
        return set(missing)

    list_topics = AIOKafkaAdminClient.list_topics
    monkeypatch.setattr(AIOKafkaAdminClient, "list_topics", list_before)
    if not guarded:
        monkeypatch.setattr(topics, "_create", all_mine)
    found = await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    assert bool(found.wrong) is guarded, "three partitions"
    assert (SIZES.items() <= (await settings_of(servers, narrow)).items()) is guarded


@pytest.mark.parametrize(("act", "before", "code"), [("check", False, 1), ("apply", False, 0), ("check", True, 0)])
async def test_the_command_is_red_where_the_cluster_drifts(
    servers: Servers, run_id: str, act: str, before: bool, code: int
) -> None:
    if before:
        await topics.apply(KafkaConnection(servers.bootstrap), run_id)
    environment = os.environ | {"MAGPIE_KAFKA_BOOTSTRAP": servers.bootstrap, "MAGPIE_TOPIC_PREFIX": run_id}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.chassis.topics", act, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == code, said
    assert said.count(b"there is no such topic") == (len(registry()) if code else 0)
