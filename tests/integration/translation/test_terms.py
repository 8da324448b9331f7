"""Organisers add to the glossary; every replica renders with what they have added."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from services.translation.app import build
from services.translation.engines.glossary import read_glossary
from services.translation.settings import TranslationSettings
from services.translation.usecases.glossary import GlossaryCache
from tests.support.contract import korean_profile, publish
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

TERM = {"id": "reference-design", "ko": "기준 설계", "zh": "参考设计", "en": "reference design", "topic": "automotive"}


@pytest.fixture
async def translation(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(build(chassis_settings(servers, run_id, tmp_path), TranslationSettings())) as service:
        yield service


async def items(translation: Running, topic: str = "automotive") -> dict[str, Any]:
    reader = translation.client("reader", role="reader")
    found = (await reader.get("/v1/glossary", params={"topic": topic})).json()["items"]
    return {term["id"]: term for term in found}


async def test_a_term_is_added_replaced_and_seen_by_every_replica(translation: Running) -> None:
    organiser = translation.client("kic", role="organiser")
    other_replica = GlossaryCache(translation.service.database, read_glossary())
    assert TERM["id"] not in {term.id for term in (await other_replica.current()).terms}
    added = await organiser.put("/v1/glossary", json=TERM)
    assert (added.status_code, added.json(), added.headers["ETag"]) == (201, {**TERM, "locked": False}, '"1"')
    again = await organiser.put("/v1/glossary", json=TERM)
    assert (again.status_code, again.headers["ETag"]) == (200, '"1"')
    locked = await organiser.put("/v1/glossary", json={**TERM, "locked": True}, headers={"If-Match": '"1"'})
    assert (locked.status_code, locked.headers["ETag"]) == (200, '"2"')
    stale = await organiser.put("/v1/glossary", json=TERM, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await items(translation))[TERM["id"]]["locked"] is True
    seen = {term.id: term for term in (await other_replica.current()).terms}
    assert seen[TERM["id"]].locked and len(seen) == len(read_glossary().terms) + 1


async def test_a_shipped_term_gives_way_to_the_organisers(translation: Running) -> None:
    organiser = translation.client("kic", role="organiser")
    shipped = (await items(translation, "sensor"))["lidar"]
    answer = await organiser.put("/v1/glossary", json={**shipped, "zh": "光达"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    settings = translation.service.settings
    profile = korean_profile("p-kr", needs=[])
    await publish(settings.kafka_bootstrap, settings.topic_prefix, profile, key="p-kr", sequence=1)

    async def rendered() -> Any:
        found = await translation.service.database.db.translations.find_one({"lang": "zh"})
        return found and found["text"]

    assert await eventually(rendered, "a gloss") == "[术语对照] 自动驾驶 · 光达 · 传感器 · 信号处理"


async def test_only_organisers_write(translation: Running) -> None:
    assert (await translation.client("hanbit").put("/v1/glossary", json=TERM)).status_code == 403
    assert (await translation.client("reader", role="reader").put("/v1/glossary", json=TERM)).status_code == 403
    assert (await translation.client(None).put("/v1/glossary", json=TERM)).status_code == 401
    assert TERM["id"] not in await items(translation)


async def test_a_word_stands_for_one_term(translation: Running) -> None:
    """Of the shipped ones and of the organisers' own; the answer names the fields and whose words they are."""
    organiser = translation.client("kic", role="organiser")
    assert (await organiser.put("/v1/glossary", json=TERM)).status_code == 201
    other = {**TERM, "id": "other", "zh": "激光雷达", "en": "Reference Design"}
    refused = await organiser.put("/v1/glossary", json={**other, "ko": "다른 말"})
    assert refused.status_code == 409 and refused.json()["type"].endswith("/word-taken")
    assert [(e["pointer"], e["detail"].split()[-2]) for e in refused.json()["errors"]] == [
        ("/zh", "lidar"),
        ("/en", "reference-design"),
    ]
    freed = {**TERM, "ko": "참조 설계", "zh": "基准设计", "en": "base design"}
    assert (await organiser.put("/v1/glossary", json=freed)).status_code == 200
    assert (await organiser.put("/v1/glossary", json={**TERM, "id": "other"})).status_code == 201


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "No Slug"}, "/id"),
    ({"id": "010-1234-5678"}, "/id"),
    ({"topic": "900101-1234567"}, "/topic"),
    ({"ko": "参考设计"}, "/ko"),
    ({"zh": "기준 설계"}, "/zh"),
    ({"en": "参考 design"}, "/en"),
    ({"en": "…"}, "/en"),
    ({"ko": "연락처 010-1234-5678"}, "/ko"),
    ({"topic": ""}, "/topic"),
    ({"note": "x"}, "/note"),
]


async def test_what_is_no_term_is_refused_with_its_field(translation: Running) -> None:
    organiser = translation.client("kic", role="organiser")
    for change, pointer in WRONG:
        answer = await organiser.put("/v1/glossary", json={**TERM, **change})
        assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (422, [pointer])
