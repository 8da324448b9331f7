"""Logins and access control of Kafka (`compose.secure.yaml`), tried by those who have none, inside and outside."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.local.services import OPERATIONS_STEP, PORTS
from schemas.registry import registry
from services.chassis.ops import KafkaConnection
from services.chassis.ops.kafka_connection import Login
from tests.support.waiting import eventually

from .stack import Stack, service_of

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]
CALLS = """
import asyncio, sys
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from services.chassis.ops.settings import ChassisSettings

options = ChassisSettings().kafka.options()
if sys.argv[1] == "nameless":
    options = {"bootstrap_servers": "kafka:9092"}

async def reads(topic):
    consumer = AIOKafkaConsumer(**options)
    try:
        await consumer.start()
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.beginning_offsets([TopicPartition(topic, 0)])
        await consumer.getmany(timeout_ms=2000)
    finally:
        await consumer.stop()

async def writes(topic):
    producer = AIOKafkaProducer(**options, request_timeout_ms=5000)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"forged", key=b"k")
    finally:
        await producer.stop()

async def all_calls():
    for topic in sys.argv[2:]:
        for call in (reads, writes):
            try:
                async with asyncio.timeout(4):
                    await call(topic)
                print(topic, call.__name__, "yes")
            except Exception as error:
                print(topic, call.__name__, type(error).__name__)

asyncio.run(all_calls())
"""


@pytest.fixture(scope="module")
def stack(secrets: Path) -> Iterator[Stack]:
    stack = Stack("magpie-secure", secrets, files=("compose.yaml", "compose.secure.yaml"))
    stack.remove()
    yield stack
    stack.remove()


def tried(stack: Stack, service: str, topics: list[str], who: str = "itself") -> dict[tuple[str, str], str]:
    """What a client inside a service's container may do, with that service's own name and password."""
    printed = stack.exec(service, "python", "-c", CALLS, who, *topics)
    return {(topic, call): answer for topic, call, answer in map(str.split, printed.splitlines())}


def outside(stack: Stack, principal: str, password: str | None = None) -> dict[str, Any]:
    """Options of a client of that principal on this machine, outside all containers."""
    found = password or (stack.secrets / f"kafka-password-{principal}").read_text()
    login = Login(mechanism="SCRAM-SHA-512", username=principal, password=found)
    return KafkaConnection(f"localhost:{stack.ports[2]}", "SASL_SSL", login, stack.secrets / "ca.crt").options()


async def read(topic: str, options: dict[str, Any]) -> list[Any]:
    consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest", request_timeout_ms=5000)
    try:
        await consumer.start()
        places = [TopicPartition(topic, n) for n in range(12)]
        consumer.assign(places)
        await consumer.beginning_offsets(places)
        return [r for records in (await consumer.getmany(timeout_ms=2000)).values() for r in records]
    finally:
        await consumer.stop()


def test_it_comes_up_and_a_second_up_grants_nothing_again(stack: Stack) -> None:
    stack.up()
    assert "lines of grants" in stack.compose("logs", "--no-log-prefix", "kafka-access")
    before = {c["Name"]: c["Id"] for c in stack.containers()}
    stack.up()
    assert {c["Name"]: c["Id"] for c in stack.containers()} == before
    assert "as they were" in stack.compose("logs", "--no-log-prefix", "kafka-access")
    states = {service_of(c): c["State"].get("Health", {}).get("Status") for c in stack.containers()}
    assert all(states[name] == "healthy" for name in (*PORTS, "kafka", "mongo", "gateway"))


async def test_what_is_published_reaches_a_subscriber_outside(stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.token('hanbit', 'kim-1')}", "Idempotency-Key": str(uuid.uuid4())}
    profile = {
        "organisation": {
            "type": "company",
            "country": "KR",
            "names": {"ko": "한빛센서"},
            "legal_name": "주식회사 한빛센서",
        },
        "languages": ["ko"],
        "offers": [{"kind": "technology", "text": {"lang": "ko", "text": "라이다 신호 처리 기술을 이전합니다."}}],
    }
    async with httpx2.AsyncClient(verify=stack.system.trust(), base_url=stack.system.gateway) as http:
        made = await http.post("/profiles/v1/profiles", json=profile, headers=headers)
        assert made.status_code == 201, made.text
        assert made.headers["location"].startswith("/profiles/v1/profiles/"), "as callers reach it from outside"
        id = made.json()["profile_id"]
        answer = await http.post(f"{made.headers['location']}/publish", headers=headers | {"Idempotency-Key": "p" * 8})
        assert answer.status_code == 200, answer.text

    async def arrived() -> bool:
        return id in {r.key.decode() for r in await read("magpie.profiles.v1", outside(stack, "reader"))}

    await eventually(arrived, "the profile, outside")


@pytest.mark.parametrize(
    ("principal", "topic", "may"),
    [
        ("reader", "profiles.v1", True),
        ("reader", "matches.v1", False),
        ("reader", "notifications.v1", False),
        ("partner", "matches.v1", True),
        ("partner", "notifications.v1", False),
        ("operator", "notifications.v1", True),
    ],
)
async def test_outside_each_class_has_its_readers(stack: Stack, principal: str, topic: str, may: bool) -> None:
    options = outside(stack, principal)
    if may:
        await read(f"magpie.{topic}", options)
    else:
        with pytest.raises(KafkaError):
            await read(f"magpie.{topic}", options)


@pytest.mark.parametrize("principal", ["reader", "partner", "operator"])
async def test_no_one_outside_writes(stack: Stack, principal: str) -> None:
    producer = AIOKafkaProducer(**outside(stack, principal), request_timeout_ms=5000)
    await producer.start()
    try:
        with pytest.raises(KafkaError):
            async with asyncio.timeout(10):
                await producer.send_and_wait("magpie.profiles.v1", b"forged", key=b"k")
    finally:
        await producer.stop()


async def test_a_wrong_password_and_a_stranger_without_our_authority_get_nothing(stack: Stack) -> None:
    with pytest.raises(KafkaError):
        await read("magpie.profiles.v1", outside(stack, "reader", password="wrong"))
    untrusting = outside(stack, "reader") | {"ssl_context": KafkaConnection("x", "SSL").options()["ssl_context"]}
    with pytest.raises(KafkaError):
        await read("magpie.profiles.v1", untrusting)


@pytest.mark.parametrize("service", PORTS)
def test_inside_only_the_owner_writes_a_topic_and_only_its_readers_read_it(stack: Stack, service: str) -> None:
    topics = {topic.full_name("magpie"): topic for topic in registry()}
    # Its own topics are not written here: what is on them counts.
    foreign = [name for name, topic in topics.items() if topic.producer != service]
    found = tried(stack, service, foreign)
    assert [name for name in foreign if found[name, "writes"] == "yes"] == []
    readable = {name for name in foreign if found[name, "reads"] == "yes"}
    assert readable == {name for name in foreign if service in topics[name].consumers}


LAG = """
import re, urllib.request
text = urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics").read().decode()
print(*sorted(set(re.findall('magpie_consumer_lag_records{group="([^"]+)"', text))))
"""


@pytest.mark.parametrize(("service", "port"), PORTS.items())
async def test_every_service_measures_the_lag_of_every_group(stack: Stack, service: str, port: int) -> None:
    look = LAG.replace("{PORT}", str(port + OPERATIONS_STEP))
    groups = sorted({f"magpie.{consumer}" for topic in registry() for consumer in topic.consumers})
    await eventually(lambda: stack.exec(service, "python", "-c", look).split() == groups, "all groups", 60)


def test_inside_no_one_without_a_name_gets_anything(stack: Stack) -> None:
    assert "yes" not in tried(stack, "matching", ["magpie.profiles.v1"], who="nameless").values()
