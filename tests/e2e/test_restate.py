"""A forged record that passes every check is undone by its owner, who says once more what there is."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.services import free_base
from deploy.local.system import Servers
from schemas.matches import MatchWithdrawn
from schemas.profiles import ProfileErased
from schemas.registry import registry
from tests.support.contract import korean_profile, publish
from tests.support.kafka import ce_headers, read_all, send
from tests.support.profiles import chinese, korean
from tests.support.two_sides import Forum
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole


@pytest.fixture
async def system(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole(a_system(tmp_path, servers, run_id, free_base()), run_id) as found:
        yield found


async def restated(system: Whole, service: str, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"services.{service}", "restate", *arguments),
        env={**os.environ, **system.system.environment()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, why = await process.communicate()
    return process.returncode or 0, (said if process.returncode == 0 else why).decode()


def stored(system: Whole, service: str, collection: str, id: str) -> dict[str, Any]:
    with MongoClient[Any](system.system.servers.uri) as client:
        return client[f"{system.prefix}_{service}"][collection].find_one({"_id": id}) or {}


async def forge(system: Whole, topic: str, key: str, sequence: int) -> None:
    """As the owner would send it, if the state were another one."""
    name = f"{system.prefix}.{topic}.v1"
    records = [r for r in await read_all(system.bootstrap, name) if r.key == key.encode() and r.value]
    value = (
        (records[-1].value or b"").replace(b'"agreed"', b'"withdrawn"').replace(b"\xed\x95\x9c\xeb\xb9\x9b", b"EVIL")
    )
    event_type = MatchWithdrawn.event_type if topic == "matches" else dict(records[-1].headers)["ce_type"].decode()
    producer = next(t.producer for t in registry() if t.name == topic)
    headers = ce_headers(f"forged-{key}", event_type, sequence, ce_source=f"/magpie/{producer}")
    await send(system.bootstrap, name, [(key.encode(), value, headers)])


async def sequence_of(system: Whole, collection: str, id: str, wanted: int) -> dict[str, Any]:
    async def there() -> Any:
        row = stored(system, "notifications", collection, id)
        return row if row.get("sequence") == wanted else None

    row: dict[str, Any] = await eventually(there, f"notifications has {collection} {id} at {wanted}")
    return row


async def test_the_owner_says_once_more_what_a_forged_record_has_changed(system: Whole) -> None:
    forum = Forum(system)
    profile_id = await forum.publish(forum.kr, korean())
    await forum.publish(forum.cn, chinese())
    match_id = await forum.agreed(profile_id)
    for topic, service, id in (("profiles", "profiles", profile_id), ("matches", "matching", match_id)):
        true = stored(system, service, topic, id)
        before = await sequence_of(system, topic, id, true["revision"])
        forged = true["revision"] + 900
        await forge(system, topic, id, forged)
        misled = await sequence_of(system, topic, id, forged)
        assert _content(misled) != _content(before), "the forgery works, or this test shows nothing"
        assert await restated(system, service, topic, id, "--beyond", str(forged)) == (
            0,
            f"{topic}/{id}: said again with sequence {forged + 1}; the service's relay sends it.\n",
        )
        assert _content(await sequence_of(system, topic, id, forged + 1)) == _content(before)
        assert stored(system, service, topic, id)["revision"] == forged + 1, "and goes on from there"


async def test_what_the_owner_never_had_is_erased(system: Whole) -> None:
    await publish(system.bootstrap, system.prefix, korean_profile("p-none"), key="p-none", sequence=7)
    assert (await sequence_of(system, "profiles", "p-none", 7))["names"]
    code, _ = await restated(system, "profiles", "profiles", "p-none", "--beyond", "7")
    assert code == 0
    assert not (await sequence_of(system, "profiles", "p-none", 8)).get("names")
    records = await read_all(system.bootstrap, f"{system.prefix}.profiles.v1")
    assert dict(records[-1].headers)["ce_type"].decode() == ProfileErased.event_type

    code, said = await restated(system, "matching", "matches", "m-none", "--beyond", "7")
    assert code == 1
    assert said == "Nothing was said: there is no m-none, and the topic matches has no erasures.\n"


def _content(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("sequence", "revision", "at", "guard")}
