"""Texts in the manner of real brochures go through the API to the topic as they are: lists, prices, awards, hashtags,
emoji, mixed script, 2,000 characters. They are matched and translated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from bench.evaluation.lines import lines
from deploy.local.services import free_base
from deploy.local.system import Servers
from schemas.common import Text, text_id
from tests.support.kafka import read_all
from tests.support.two_sides import ok
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole

SOME_TIME = 90.0


@pytest.fixture
async def system(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole(a_system(tmp_path, servers, run_id, free_base()), run_id) as found:
        yield found


def plain(text: str) -> str:
    """What becomes of what word processors paste; all else stays, code point by code point."""
    unpasted = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    return "".join("•" if "\uf020" <= c <= "\uf0ff" else c for c in unpasted)


def a_body(line: dict[str, Any]) -> dict[str, Any]:
    said = {"kind": line["kind"], "text": {"lang": line["lang"], "text": line["text"]}}
    organisation = line["organisation"]
    lang = "ko" if organisation["country"] == "KR" else "zh"
    return {
        "organisation": {
            "type": "company",
            "country": organisation["country"],
            "names": {lang: organisation["name"]},
            "legal_name": organisation["name"],
        },
        "languages": [lang],
        f"{line['side']}s": [said],
    }


async def published(system: Whole, n: int, line: dict[str, Any]) -> str:
    client = system.client("profiles", f"real-{n}")
    created = await ok(client.post("/v1/profiles", json=a_body(line)), 201)
    await ok(client.post(f"/v1/profiles/{created['profile_id']}/publish"), 200)
    return str(created["profile_id"])


async def test_real_texts_are_taken_as_they_are_matched_and_translated(system: Whole) -> None:
    real = lines("real")
    assert len(real) >= 60 and max(len(line["text"]) for line in real) > 1600
    ids = [await published(system, n, line) for n, line in enumerate(real)]

    async def on_topic() -> Any:
        records = await read_all(system.bootstrap, f"{system.prefix}.profiles.v1")
        found = {(r.key or b"").decode(): json.loads(r.value) for r in records if r.value}
        return found if all(found.get(id, {}).get("state") == "published" for id in ids) else None

    states = await eventually(on_topic, "all profiles stand published on the topic", SOME_TIME)
    for id, line in zip(ids, real, strict=True):
        assert states[id][f"{line['side']}s"][0]["text"]["text"] == plain(line["text"])

    await eventually(lambda: _all_matched(system, ids), "all are embedded and judged", SOME_TIME)
    translated = await asyncio.gather(*(_translated(system, line) for line in real[:10]))
    assert [one["original"]["text"] for one in translated] == [plain(line["text"]) for line in real[:10]]


async def _all_matched(system: Whole, ids: list[str]) -> bool:
    """Some have partners among the others, and each of them was judged: none is left to be encoded."""

    def count() -> tuple[int, int, int]:
        with MongoClient[Any](system.system.servers.uri) as client:
            database = client[f"{system.prefix}_matching"]
            judged = database.indexed.count_documents({"_id": {"$in": ids}, "unproposed": []})
            return judged, database.matches.count_documents({}), database.jobs.count_documents({"dead": True})

    judged, matches, dead = await asyncio.to_thread(count)
    assert dead == 0
    return judged == len(ids) and matches > 0


async def _translated(system: Whole, line: dict[str, Any]) -> dict[str, Any]:
    text = Text(lang=line["lang"], text=plain(line["text"]))
    organiser = system.client("translation", "kic-office", role="organiser", sub="kic-1")

    async def there() -> Any:
        answer = await organiser.get(f"/v1/texts/{text_id(text)}")
        return answer.json() if answer.status_code == 200 and answer.json()["translations"] else None

    found: dict[str, Any] = await eventually(there, "a translation", SOME_TIME)
    return found
