"""Texts come with profiles, are rendered once whoever says them, and go when nobody says them any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.common import Text, text_id
from services.translation.app import build
from services.translation.settings import TranslationSettings
from tests.support.contract import ERASED, chinese_profile, korean_profile, publish, withdrawn
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
async def translation(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(build(chassis_settings(servers, run_id, tmp_path), TranslationSettings())) as service:
        yield service


async def say(translation: Running, event: Any, key: str, sequence: int = 1) -> None:
    settings = translation.service.settings
    await publish(settings.kafka_bootstrap, settings.topic_prefix, event, key=key, sequence=sequence)


def ids(profile: Any) -> list[str]:
    return [text_id(entry.text) for entry in (*profile.offers, *profile.needs)]


async def found(translation: Running, id: str, translations: int = 2) -> dict[str, Any]:
    reader = translation.client("reader", role="reader")

    async def there() -> Any:
        answer = await reader.get(f"/v1/texts/{id}")
        return answer.status_code == 200 and len(answer.json()["translations"]) == translations and answer.json()

    body: dict[str, Any] = await eventually(there, "text with its translations")
    return body


async def test_a_profiles_texts_are_glossed_in_both_other_languages(translation: Running) -> None:
    profile = korean_profile("p-kr")
    await say(translation, profile, "p-kr")
    text = await found(translation, ids(profile)[0])
    assert text["original"]["lang"] == "ko"
    shown = {t["translation"]["lang"]: t for t in text["translations"]}
    assert shown["zh"]["translation"]["text"] == "[术语对照] 自动驾驶 · 激光雷达 · 传感器 · 信号处理"
    assert {t["made_by"] for t in shown.values()} == {"gloss"} and set(shown) == {"zh", "en"}
    told = await translation.events("translations")
    assert len(told) == 4 and {e.engine for e in told} == {"glossary-1"}
    keys = {(r.key or b"").decode() for r in await translation.records("translations")}
    assert keys == {f"{id}:{lang}" for id in ids(profile) for lang in ("zh", "en")}


async def test_the_same_text_of_two_profiles_is_translated_once_and_goes_with_the_last(translation: Running) -> None:
    """Withdrawn: kept for a day. Erased: gone at once, with tombstones."""
    first, second = korean_profile("p-1"), korean_profile("p-2", owner="other")
    await say(translation, first, "p-1")
    await found(translation, ids(first)[0])
    await say(translation, second, "p-2")
    await say(translation, ERASED, "p-1", sequence=2)
    db = translation.service.database.db

    async def used_by_second() -> bool:
        return await db.texts.count_documents({"used_by": ["p-2"]}) == 2

    await eventually(used_by_second, "only the second says it")
    assert len(await translation.events("translations")) == 4
    await say(translation, withdrawn(second), "p-2", sequence=2)
    await eventually(lambda: _count(db.jobs, {"kind": "sweep"}, 2), "sweeps planned")
    path = f"/v1/texts/{ids(first)[0]}"
    assert (await translation.client("reader", role="reader").get(path)).status_code == 404, "nobody says it in public"
    assert (await translation.client("other").get(path)).status_code == 200, "its own organisation still reads it"
    await say(translation, second, "p-2", sequence=3)
    await say(translation, ERASED, "p-2", sequence=4)

    async def erased() -> bool:
        return await _count(db.texts, {"gone": {"$ne": True}}, 0)

    await eventually(erased, "texts gone")
    gone = [(r.key or b"").decode() for r in await translation.records("translations") if r.value is None]
    assert sorted(gone) == sorted(f"{id}:{lang}" for id in ids(first) for lang in ("zh", "en"))
    assert await _count(db.translations, {"gone": {"$ne": True}}, 0)
    assert (await translation.client("reader", role="reader").get(f"/v1/texts/{ids(first)[0]}")).status_code == 404


async def test_an_erasure_spares_a_text_that_somebody_else_says_and_takes_the_rest(translation: Running) -> None:
    """Two profiles say one text, the first one another of its own: erasing the first takes only its own."""
    first, second = korean_profile("p-1"), korean_profile("p-2", owner="other", needs=[])
    shared, own = ids(first)
    for profile, key in ((first, "p-1"), (second, "p-2")):
        await say(translation, profile, key)
    db = translation.service.database.db
    await eventually(lambda: _count(db.texts, {"used_by": ["p-1", "p-2"]}, 1), "said by both")
    for id in (shared, own):
        await found(translation, id)
    await say(translation, ERASED, "p-1", sequence=2)
    await eventually(lambda: _count(db.texts, {"_id": own, "gone": True}, 1), "the first's own text gone")
    assert await _count(db.texts, {"_id": shared, "used_by": ["p-2"]}, 1)
    assert len((await found(translation, shared))["translations"]) == 2
    await say(translation, ERASED, "p-2", sequence=2)
    await eventually(lambda: _count(db.texts, {"_id": shared, "gone": True}, 1), "the shared text gone")
    gone = [(r.key or b"").decode() for r in await translation.records("translations") if r.value is None]
    assert sorted(gone) == sorted(f"{id}:{lang}" for id in (shared, own) for lang in ("zh", "en"))


async def _count(collection: Any, query: dict[str, Any], n: int) -> bool:
    return bool(await collection.count_documents(query) == n)


async def test_a_sweep_spares_a_text_that_is_used_again(translation: Running) -> None:
    profile = korean_profile("p-kr")
    await say(translation, profile, "p-kr")
    await found(translation, ids(profile)[0])
    await say(translation, withdrawn(profile), "p-kr", sequence=2)
    db = translation.service.database.db
    await eventually(lambda: _count(db.jobs, {"kind": "sweep"}, 2), "sweeps planned")
    await say(translation, korean_profile("p-kr", needs=[]), "p-kr", sequence=3)
    await eventually(lambda: _count(db.profiles, {"sequence": 3}, 1), "published again")
    await db.texts.update_many({}, {"$set": {"unused_since": LONG_AGO}})
    await db.jobs.update_many({"kind": "sweep"}, [{"$set": {"run_at": "$$NOW"}}])
    await eventually(lambda: _count(db.jobs, {}, 0), "sweeps done")
    assert await _count(db.texts, {"gone": {"$ne": True}}, 1)


async def test_a_sweep_leaves_a_text_that_was_used_until_lately(translation: Running) -> None:
    """Withdrawn, published and withdrawn again: the first sweep comes a day after the first withdrawal."""
    profile = korean_profile("p-kr")
    await say(translation, profile, "p-kr")
    await found(translation, ids(profile)[0])
    db = translation.service.database.db
    for sequence, state in ((2, withdrawn(profile)), (3, profile), (4, withdrawn(profile))):
        await say(translation, state, "p-kr", sequence=sequence)
    await eventually(lambda: _count(db.jobs, {"kind": "sweep"}, 4), "sweeps planned")
    await db.jobs.update_many({"kind": "sweep"}, [{"$set": {"run_at": "$$NOW"}}])
    await eventually(lambda: _count(db.jobs, {"kind": "sweep"}, 0), "sweeps done")
    assert await _count(db.texts, {"gone": {"$ne": True}}, 2)


async def test_an_erasure_reaches_texts_of_earlier_revisions(translation: Running) -> None:
    """A revision has replaced them, so they would stay for a day, and any reader would get them."""
    before, after = korean_profile("p-1"), korean_profile("p-1", needs=[], offers=[])
    await say(translation, before, "p-1")
    await found(translation, ids(before)[0])
    await say(translation, after, "p-1", sequence=2)
    db = translation.service.database.db
    await eventually(lambda: _count(db.jobs, {"kind": "sweep"}, 2), "replaced")
    reader = translation.client("reader", role="reader")
    assert (await reader.get(f"/v1/texts/{ids(before)[0]}")).status_code == 404
    await say(translation, ERASED, "p-1", sequence=3)
    await eventually(lambda: _count(db.texts, {"gone": {"$ne": True}}, 0), "erased at once")
    assert await _count(db.translations, {"gone": {"$ne": True}}, 0)


async def test_an_organisers_correction_outranks_machines(translation: Running) -> None:
    profile = chinese_profile("p-cn")
    await say(translation, profile, "p-cn")
    id = ids(profile)[0]
    await found(translation, id)
    organiser = translation.client("kic", role="organiser")
    participant = translation.client("huaqiao")
    body = {"text": "해외 센서 업체를 중국 완성차 업체와 연결하고 라이다 유통 경로를 제공합니다."}
    assert (await participant.put(f"/v1/texts/{id}/ko", json=body)).status_code == 403
    assert (await organiser.put(f"/v1/texts/{id}/zh", json=body)).status_code == 404
    for _ in range(2):
        assert (await organiser.put(f"/v1/texts/{id}/ko", json=body)).json()["made_by"] == "human"
    told = [(e.made_by, e.replaces) for e in await translation.events("translations", f"{id}:ko")]
    assert told == [("gloss", None), ("human", "gloss")], "what says the same again replaces nothing"
    await say(translation, withdrawn(profile), "p-cn", sequence=2)
    await say(translation, chinese_profile("p-cn", languages=["zh"]), "p-cn", sequence=3)
    text = await found(translation, id)
    assert {t["translation"]["lang"]: t["made_by"] for t in text["translations"]} == {"ko": "human", "en": "gloss"}


async def test_an_unknown_text_may_be_on_its_way_and_the_glossary_is_open(translation: Running) -> None:
    reader = translation.client("reader", role="reader")
    unknown = await reader.get("/v1/texts/nothing")
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (404, "1")
    terms = (await reader.get("/v1/glossary", params={"topic": "sensor"})).json()["items"]
    assert {t["ko"] for t in terms} >= {"센서", "라이다"}
    assert (await translation.client(None).get("/v1/glossary")).status_code == 401


def test_a_text_is_its_content() -> None:
    assert text_id(Text(lang="ko", text="반도체")) == text_id(
        Text(lang="ko", text="\u1107\u1161\u11ab\u1103\u1169\u110e\u1166")
    )
    assert text_id(Text(lang="ko", text="반도체")) != text_id(Text(lang="zh", text="반도체"))
