"""Official libraries of CloudEvents in three languages find on the topics of a running system what stands there."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from deploy.local.services import free_base
from deploy.local.system import Servers
from tests.contract.node import modules
from tests.integration.subscribers import programs
from tests.support.kafka import read_all
from tests.support.profiles import chinese, korean
from tests.support.two_sides import Forum, ok
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole

READERS = Path(__file__).parent / "readers"
TOPICS = ("profiles", "matches", "meetings", "calendars", "translations")
ATTRIBUTES = ("type", "id", "subject", "source", "sequence", "correlationid", "dataschema")
Records = list[ConsumerRecord[Any, Any]]
Said = dict[tuple[str, int, int], dict[str, Any]]


@pytest.fixture
async def records(servers: Servers, run_id: str, tmp_path: Path) -> Records:
    """What stands on the topics after two sides have met and one of them was erased."""
    async with whole(a_system(tmp_path, servers, run_id, free_base()), run_id) as system:
        await _meet_and_go(Forum(system))

        async def both_are_there() -> bool:
            kinds = {_headers(record)["ce_type"] for record in await _read(system)}
            return {"magpie.profile.erased", "magpie.meeting.booked"} <= kinds

        await eventually(both_are_there, "a meeting and an erasure are on the topics", 60)
    return await _read(system)  # nobody writes any more


async def _meet_and_go(forum: Forum) -> None:
    profile_id = await forum.publish(forum.kr, korean())
    await forum.publish(forum.cn, chinese())
    meeting_id = await forum.requested(await forum.agreed(profile_id))
    path = f"/v1/meetings/{meeting_id}"
    meeting = await ok(forum.cn["matching"].get(path), 200)
    await ok(forum.cn["matching"].post(f"{path}/confirm", json={"start": meeting["start"]}), 200)
    answer = await forum.kr["profiles"].get(f"/v1/profiles/{profile_id}")
    gone = await forum.kr["profiles"].delete(f"/v1/profiles/{profile_id}", headers={"If-Match": answer.headers["etag"]})
    assert gone.status_code == 204, gone.text


async def _read(system: Whole) -> Records:
    names = [f"{system.prefix}.{topic}.v1" for topic in TOPICS]
    return [record for name in names for record in await read_all(system.bootstrap, name)]


def _headers(record: ConsumerRecord[Any, Any]) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def as_it_stands(records: Records) -> Said:
    """Read without any library of CloudEvents."""
    said = {}
    for record in records:
        headers = _headers(record)
        found = {name: headers.get(f"ce_{name}") for name in ATTRIBUTES}
        found["time"] = _milliseconds(headers["ce_time"])
        found["data"] = None if record.value is None else json.loads(record.value)
        said[(record.topic, record.partition, record.offset)] = found
    return said


def _milliseconds(time: str) -> str:
    """The SDK of JavaScript knows no microseconds."""
    return dt.datetime.fromisoformat(time).astimezone(dt.UTC).isoformat(timespec="milliseconds")


def by_python(records: Records) -> Said:
    said = {}
    for record in records:
        event = from_binary(KafkaMessage(dict(record.headers), record.key, record.value or b""), JSONFormat())
        found: dict[str, Any] = {name: event.get_extension(name) for name in ("sequence", "correlationid")}
        found |= {"type": event.get_type(), "id": event.get_id(), "subject": event.get_subject()}
        found |= {"source": event.get_source(), "dataschema": event.get_dataschema()}
        time = event.get_time()
        assert time is not None
        found |= {"time": _milliseconds(time.isoformat()), "data": event.get_data() or None}
        said[(record.topic, record.partition, record.offset)] = found
    return said


async def asked(*command: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    answer: dict[str, Any] = json.loads(out)
    return answer


def by_place(found: list[dict[str, Any]]) -> Said:
    said = {}
    for row in found:
        topic, partition, offset = row["place"]
        kept = {name: row.get(name) for name in (*ATTRIBUTES, "data")}
        said[(topic, partition, offset)] = kept | {"time": _milliseconds(row["time"])}
    return said


def _what(records: Records) -> tuple[str, ...]:
    return (str(len(records)), *sorted({record.topic for record in records}))


@pytest.mark.long
@pytest.mark.skipif(shutil.which("npm") is None, reason="the SDK runs on Node.js")
async def test_the_sdks_of_python_and_javascript_read_what_stands_there(
    records: Records, servers: Servers, tmp_path: Path
) -> None:
    wanted = as_it_stands(records)
    assert by_python(records) == wanted
    shutil.copy(READERS / "read.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(modules(programs.EXAMPLES / "javascript"))
    count, *topics = _what(records)
    answer = await asked("node", str(tmp_path / "read.mjs"), servers.bootstrap, tmp_path.name, count, *topics)
    assert all(row["isValid"] for row in answer["found"])
    assert by_place(answer["found"]) == wanted
    # When this changes, the guide's section on erasures becomes shorter.
    assert answer["nullIsRefused"] == ["Value is null or undefined"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("mvn") is None, reason="Maven fetches the SDK")
async def test_the_sdk_of_java_reads_what_stands_there(records: Records, servers: Servers, tmp_path: Path) -> None:
    programs.java(tmp_path)
    lib = f"{tmp_path / 'java' / 'target' / 'lib'}/*"
    answer = await asked("java", "-cp", lib, str(READERS / "Read.java"), servers.bootstrap, *_what(records))
    assert by_place(answer["found"]) == as_it_stands(records)
