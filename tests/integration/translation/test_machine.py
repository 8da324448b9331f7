"""The service with the openai engine: a slow, a busy and a refusing endpoint, and what reaches the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from deploy.local.system import Servers
from schemas.common import text_id
from services.chassis.commit import workers
from services.translation.app import build
from services.translation.domain.quality import CHECKS
from services.translation.settings import TranslationSettings
from tests.support.completions import Completions, Reply, completions, said
from tests.support.contract import korean_profile, publish
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

KEY = "sk-only-for-tests"
PROFILE = korean_profile("p-kr", needs=[])
CHINESE = "转让用于自动驾驶车辆的激光雷达传感器信号处理技术。"
ENGLISH = "We transfer signal processing technology for the lidar sensors of autonomous vehicles."


@pytest.fixture
async def server() -> AsyncIterator[Completions]:
    async with completions() as running_server:
        running_server.otherwise = translated
        yield running_server


def translated(asked: dict[str, Any]) -> Reply:
    return Reply(said(CHINESE if "into simplified Chinese" in asked["messages"][0]["content"] else f'"{ENGLISH}"'))


@pytest.fixture
def settings(server: Completions, monkeypatch: pytest.MonkeyPatch) -> TranslationSettings:
    """As an operator gives them: by the environment."""
    values = {"ENGINE": "openai", "OPENAI_BASE_URL": server.url, "OPENAI_MODEL": "tiny-1", "OPENAI_KEY": KEY}
    for name, value in (values | {"OPENAI_TIMEOUT": "0.5", "TRIES": "3"}).items():
        monkeypatch.setenv(f"MAGPIE_TRANSLATION_{name}", value)
    return TranslationSettings()


@pytest.fixture
async def translation(
    servers: Servers, run_id: str, tmp_path: Path, settings: TranslationSettings
) -> AsyncIterator[Running]:
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings)) as service:
        yield service


async def say(translation: Running) -> None:
    settings = translation.service.settings
    await publish(settings.kafka_bootstrap, settings.topic_prefix, PROFILE, key="p-kr", sequence=1)


async def done(translation: Running) -> list[Any]:
    """What stands on the topic once no job is left."""
    db = translation.service.database.db

    async def settled() -> bool:
        return await db.texts.find_one({}) is not None and await db.jobs.find_one({"dead": {"$ne": True}}) is None

    await eventually(settled, "no job left to do")
    return await translation.events("translations")


def failed(check: str) -> float:
    value = REGISTRY.get_sample_value("magpie_translation_checks_failed_total", {"check": check})
    assert value is not None, "it exists from the start"
    return value


async def test_a_machines_translation_reaches_the_topic_although_the_endpoint_stumbles(
    translation: Running, server: Completions
) -> None:
    """The first answer never comes, the second is `busy`, the third is none: the texts are asked for again."""
    server.replies = [Reply(hangs=True), Reply(status=503, headers={"Retry-After": "1"}), Reply(b"<html>")]
    await say(translation)
    told = {event.translation.lang: event for event in await done(translation)}
    assert {lang: event.translation.text for lang, event in told.items()} == {"zh": CHINESE, "en": ENGLISH}
    assert {(e.made_by, e.engine, tuple(e.flags)) for e in told.values()} == {("machine", "openai/tiny-1", ())}
    assert len(server.asked) == 5 and set(server.keys) == {f"Bearer {KEY}"}


async def test_a_translation_that_fails_its_checks_is_kept_with_their_names(
    translation: Running, server: Completions
) -> None:
    server.otherwise = lambda asked: Reply(said("자율주행 차량 12대의 라이다 센서 신호 처리 기술"))
    before = {check: failed(check) for check in CHECKS}
    await say(translation)
    told = {event.translation.lang: event for event in await done(translation)}
    assert told["zh"].flags == ["numbers", "hangul_left", "not_chinese"]
    assert told["en"].flags == ["numbers", "cjk_left"]
    counted = {check: failed(check) - before[check] for check in CHECKS if failed(check) != before[check]}
    assert counted == {"numbers": 2, "hangul_left": 1, "not_chinese": 1, "cjk_left": 1}
    assert PROFILE.offers
    id = text_id(PROFILE.offers[0].text)
    shown = (await translation.client("reader", role="reader").get(f"/v1/texts/{id}")).json()["translations"]
    assert {t["translation"]["lang"]: t["flags"] for t in shown} == {lang: e.flags for lang, e in told.items()}
    organiser = translation.client("kic", role="organiser")
    corrected = (await organiser.put(f"/v1/texts/{id}/zh", json={"text": CHINESE})).json()
    assert (corrected["made_by"], corrected["flags"]) == ("human", [])


async def test_a_refused_key_ends_in_a_dead_job_that_names_the_setting(
    translation: Running, server: Completions
) -> None:
    server.otherwise = lambda asked: Reply(f"Incorrect API key provided: {KEY}".encode(), 401)
    await say(translation)
    assert await done(translation) == []
    dead = await translation.service.database.db.jobs.find({"dead": True}).to_list(None)
    assert [job["kind"] for job in dead] == ["translate", "translate"] and len(server.asked) == 6
    assert all("MAGPIE_TRANSLATION_OPENAI_KEY" in job["reason"] and KEY not in str(job) for job in dead)


@pytest.mark.parametrize("guarded", [True, False])
async def test_texts_outlive_an_endpoint_that_is_away_for_longer_than_their_tries(
    translation: Running, server: Completions, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Each of two texts fails seven times, and has three tries."""
    if not guarded:
        monkeypatch.setattr(workers, "is_outside", lambda error: False)
    server.replies = [Reply(status=503) for _ in range(14)]
    await say(translation)
    told = await done(translation)
    dead = await translation.service.database.db.jobs.count_documents({"dead": True})
    assert (len(told), len(server.asked), dead) == ((2, 16, 0) if guarded else (0, 6, 2))


async def test_what_may_not_be_public_is_no_translation(translation: Running, server: Completions) -> None:
    server.otherwise = lambda asked: Reply(said("请致电 138 0013 8000"))
    await say(translation)
    assert await done(translation) == []
    text = await translation.service.database.db.texts.find_one({})
    assert text is not None and text["unknown"] == ["en", "zh"]


async def test_the_client_is_closed_with_the_service(
    servers: Servers, run_id: str, tmp_path: Path, settings: TranslationSettings, server: Completions
) -> None:
    service = build(chassis_settings(servers, run_id, tmp_path), settings)
    async with running(service) as translation:
        await say(translation)
        assert len(await done(translation)) == 2
    engine = service.workers._jobs["translate"].work.__self__.engine  # type: ignore[attr-defined]
    assert engine._client.is_closed
