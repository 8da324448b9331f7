"""Vectors from an endpoint: a server on loopback that speaks OpenAI's embeddings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from deploy.local.system import Servers
from services.chassis.commit import RetryLater
from services.chassis.http import EndpointAway, EndpointRefused
from services.matching import endpoint_embedder
from services.matching.app import build
from services.matching.embedders import CharacterEncoder
from services.matching.endpoint_embedder import BATCH, EndpointEmbedder
from services.matching.settings import MatchingSettings
from services.matching.store import KEPT_TEXTS
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import matches_of, provider, publish, seeker, settled
from tests.support.completions import Completions, Reply, completions
from tests.support.services import chassis_settings, running
from tests.support.waiting import eventually

KEY, LIDAR = "sk-only-for-tests", ("라이다", "激光雷达")


def vector(text: str) -> list[float]:
    """The characters, and whether it is about lidar."""
    found = CharacterEncoder().embed([text])[0]
    return [*(float(x) for x in found), 2.0 * any(word in text for word in LIDAR)]


def answered(asked: dict[str, Any]) -> Reply:
    """As the API does it, in any order."""
    data = [{"index": at, "embedding": vector(text)} for at, text in enumerate(asked["input"])]
    return Reply(json.dumps({"object": "list", "data": data[::-1]}).encode())


@pytest.fixture
async def server() -> AsyncIterator[Completions]:
    async with completions() as found:
        found.otherwise = answered
        yield found


def settings(url: str, **changes: Any) -> MatchingSettings:
    given: dict[str, Any] = {
        "embeddings_model": "BAAI/tiny-1",
        "embeddings_dimensions": 257,
        "embeddings_timeout": 2.0,
    } | changes
    return MatchingSettings(
        embedder="openai", embeddings_url=url, embeddings_api_key=SecretStr(KEY), minimum_score=0.05, **given
    )


def embedder(url: str, **changes: Any) -> EndpointEmbedder:
    return endpoint_embedder.endpoint_embedder(settings(url, **changes))


async def test_texts_are_asked_for_in_batches_and_come_back_in_order(server: Completions) -> None:
    texts = [f"라이다 {n}" for n in range(BATCH + 3)]
    found = await asyncio.to_thread(embedder(server.url).embed, texts)
    expected = np.array([vector(text) for text in texts], dtype=np.float32)
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-5)
    assert [asked["input"] for asked in server.asked] == [texts[:BATCH], texts[BATCH:]]
    assert {asked["model"] for asked in server.asked} == {"BAAI/tiny-1"}
    assert set(server.keys) == {f"Bearer {KEY}"} and set(server.paths) == {"/v1/embeddings"}
    assert embedder(server.url).name == "endpoint-BAAI_tiny-1-257"


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (Reply(b"{}"), EndpointRefused, "not one of embeddings"),
        (Reply(b'{"data": [{"index": 0, "embedding": [1, 0]}]}'), EndpointRefused, "2 dimensions.*DIMENSIONS"),
        (Reply(b'{"data": [{"index": 0, "embedding": ["NaN"]}]}'), EndpointRefused, "DIMENSIONS"),
        (Reply(b"{}", 401), EndpointRefused, "MAGPIE_MATCHING_EMBEDDINGS_API_KEY"),
        (Reply(b"{}", 404), EndpointRefused, "MAGPIE_MATCHING_EMBEDDINGS_MODEL"),
        (Reply(b"{}", 500), EndpointAway, "broken"),
        (Reply(b"{}", 429, {"Retry-After": "7"}), RetryLater, "7"),
        (Reply(hangs=True), EndpointAway, "does not answer"),
    ],
)
async def test_what_is_no_answer(server: Completions, reply: Reply, error: type[Exception], says: str) -> None:
    server.replies = [reply]
    with pytest.raises(error, match=says) as raised:
        await asyncio.to_thread(embedder(server.url, embeddings_timeout=0.3).embed, ["라이다"])
    assert KEY not in str(raised.value) and "라이다" not in str(raised.value)


def test_it_is_not_chosen_without_what_it_needs() -> None:
    with pytest.raises(ValueError, match=r"EMBEDDINGS_MODEL.*EMBEDDINGS_API_KEY.*EMBEDDINGS_DIMENSIONS"):
        MatchingSettings(embedder="openai", embeddings_url="http://127.0.0.1/v1")


@pytest.mark.parametrize("kept", [True, False])
async def test_profiles_meet_by_its_vectors_and_no_text_is_paid_for_twice(
    servers: Servers, run_id: str, tmp_path: Path, server: Completions, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    monkeypatch.setattr(EndpointEmbedder, "is_metered", kept)
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings(server.url))) as matching:
        bridge = Bridge(matching)
        await publish(bridge, seeker("me"), provider("a"))
        assert set(await matches_of(bridge, "me")) == {"a"}
        asked = len(server.asked)
        await publish(bridge, provider("b"))
        assert (len(server.asked) == asked) is kept
        assert await matching.service.database.db[KEPT_TEXTS.name].count_documents({}) == (2 if kept else 0)
        assert set(await matches_of(bridge, "me")) == {"a", "b"}


async def test_without_its_endpoint_matching_runs_and_goes_on_when_it_is_back(
    servers: Servers, run_id: str, tmp_path: Path, server: Completions
) -> None:
    server.otherwise = lambda asked: Reply(b"{}", 429, {"Retry-After": "1"})
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings(server.url))) as matching:
        bridge = Bridge(matching)
        for one in (seeker("me"), provider("a")):
            await bridge.publish(one, key=one.profile_id)
        await eventually(lambda: len(server.asked) >= 2, "it is asked in vain")
        mine = await matching.client("org-me", sub="me-1").get("/v1/matches", params={"profile_id": "me"})
        assert mine.status_code == 200
        server.otherwise = answered
        await settled(matching)
        assert set(await matches_of(bridge, "me")) == {"a"}
