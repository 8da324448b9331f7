"""Two encoders in two stages: the first proposes at once, the second judges again and adds what was missed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.system import Servers
from schemas.common import Text
from services.chassis.commit.workers import Workers
from services.matching.app import build
from services.matching.domain.indexed_profile import EncodedText, IndexedProfile
from services.matching.domain.pair_score import BELOW_MINIMUM
from services.matching.embedders import Embedder, Vectors
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from services.matching.store import INDEXED
from services.matching.trained import load
from services.matching.usecases import sweep as sweeping
from services.matching.usecases.propose_matches import ProposeMatches
from services.matching.usecases.sweep import sweep
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import OFFERS, matches_of, provider, publish, seeker, settled
from tests.integration.matching.test_sweep import failing
from tests.support.services import Running, chassis_settings, drop_database, running
from tests.support.waiting import eventually


class Renamed:
    """The vectors of another embedder under a name of its own."""

    name, is_metered = "later-1", False

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.dimensions, self.parts = inner.dimensions, inner.parts

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._inner.embed(texts)


class Later(Encoder):
    """Encodes when the test lets it, and judges more kindly than the first by `bias`; fails `failures` times before."""

    def __init__(self, first: Encoder, bias: float, failures: int = 0) -> None:
        known = load(first.embedder.name)
        assert known is not None
        super().__init__(Renamed(first.embedder), replace(known, pair=replace(known.pair, bias=known.pair.bias + bias)))
        self.may_go, self.failures, self.asked = threading.Event(), failures, 0

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        assert self.may_go.wait(60)
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not now")
        return super().encode(texts)


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
async def start(servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder) -> AsyncIterator[Start]:
    """Starts matching on the same data, with this second encoder, or none."""
    held = list[Later]()

    @asynccontextmanager
    async def started(second: Later | None, **settings: Any) -> AsyncIterator[Running]:
        held.extend([second] if second else [])
        chassis = chassis_settings(servers, run_id, tmp_path)
        service = build(chassis, MatchingSettings(**settings), encoder=encoder, second=second)
        async with running(service, keep=True) as found:
            try:
                yield found
            finally:
                for one in held:
                    one.may_go.set()

    yield started
    await asyncio.to_thread(drop_database, servers.uri, f"{run_id}_matching")


async def completed(matching: Running, *ids: str, by: str = "later-1/") -> None:
    """Everything is encoded by the second encoder, and searched for again."""

    async def all_of_them() -> bool:
        docs = await matching.service.database.db.indexed.find({"_id": {"$in": list(ids)}}).to_list(None)
        there = [any(entry["encoder"].startswith(by) for entry in doc["entries"]) for doc in docs]
        jobs = await matching.service.database.db.jobs.find_one({"kind": {"$in": ["embed_second", "propose"]}})
        return len(there) == len(ids) and all(there) and jobs is None

    await eventually(all_of_them, "completed")


async def events_of(matching: Running) -> list[str]:
    return [type(event).__name__ for event in await matching.events("matches")]


async def test_the_first_proposes_at_once_and_the_second_judges_the_same_match_again(
    start: Start, encoder: Encoder
) -> None:
    """The second fails twice before: what it does is tried again, and has one effect."""
    second = Later(encoder, bias=1.0, failures=2)
    async with start(second) as matching:
        bridge = Bridge(matching)
        await publish(bridge, seeker("me"), provider("a"))
        before = (await matches_of(bridge, "me"))["a"]
        assert before["state"] == "proposed" and await events_of(matching) == ["MatchProposed"]
        second.may_go.set()
        await completed(matching, "me", "a")
        after = await matches_of(bridge, "me")
        assert list(after) == ["a"] and after["a"]["score"] > before["score"] and second.asked >= 3
        assert (await events_of(matching))[:2] == ["MatchProposed", "MatchUpdated"]
        assert "MatchProposed" not in (await events_of(matching))[1:]


@pytest.mark.parametrize("swept", [True, False])
async def test_what_the_second_never_completed_is_completed_by_the_next_sweep(
    start: Start, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, swept: bool
) -> None:
    """Its job dies, so the profile would be judged by the first encoder alone until its owner changes it."""
    second = Later(encoder, bias=1.0)
    second.may_go.set()
    async with start(second) as matching:
        database, jobs = matching.service.database, matching.service.workers._jobs
        real = jobs["embed_second"]
        jobs["embed_second"] = failing(real)
        await publish(Bridge(matching), seeker("me"))

        async def dead() -> Any:
            return await database.db.jobs.find_one({"kind": "embed_second", "dead": True})

        async def is_complete() -> bool:
            return await database.db.indexed.find_one({"_id": "me", "entries.encoder": second.name}) is not None

        await eventually(dead, "the completion is dead")
        jobs["embed_second"] = real
        monkeypatch.setattr(sweeping, "MAX_SWEEPS", 1 if swept else 0)
        assert await sweep(database, matching.service.commands) == (1 if swept else 0)
        if not swept:
            assert not await is_complete()
            return
        await eventually(is_complete, "it is completed")
        assert await sweep(database, matching.service.commands) == 0, "what is complete is not completed again"


async def test_while_one_side_has_the_first_encoding_alone_the_first_judges(start: Start, encoder: Encoder) -> None:
    second = Later(encoder, bias=9.0)
    second.may_go.set()
    async with start(second) as matching:
        bridge = Bridge(matching)
        await publish(bridge, seeker("me"))
        await completed(matching, "me")
        second.may_go.clear()
        await publish(bridge, provider("a"))
        before = (await matches_of(bridge, "me"))["a"]["score"]
        assert before < 0.9
        second.may_go.set()
        await completed(matching, "me", "a")
        assert (await matches_of(bridge, "me"))["a"]["score"] > before


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_second_adds_what_the_first_missed_within_the_places_of_the_publication(
    start: Start, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        after = IndexedProfile.after_search
        monkeypatch.setattr(IndexedProfile, "after_search", lambda me, searched, proposed: after(me, searched, []))
    second = Later(encoder, bias=9.0)
    async with start(second, proposals=2, minimum_score=0.75) as matching:
        bridge = Bridge(matching)
        far = [provider(f"far{n}", OFFERS["far"].replace("저온", f"저온 {n}형")) for n in range(3)]
        second.may_go.set()
        await publish(bridge, *far, provider("near"))
        await completed(matching, "near", *(f"far{n}" for n in range(3)))
        second.may_go.clear()
        await publish(bridge, seeker("me"))
        assert set(await matches_of(bridge, "me")) == {"near"}
        second.may_go.set()
        await completed(matching, "me")
        found = await matches_of(bridge, "me")
        assert "near" in found and len(found) == (2 if guarded else 3)


@pytest.mark.parametrize("answered", [True, False])
async def test_what_the_second_judges_below_the_minimum_ends_unless_it_was_answered(
    start: Start, encoder: Encoder, answered: bool
) -> None:
    """The rule of every match that is scored again."""
    second = Later(encoder, bias=-30.0)
    async with start(second) as matching:
        bridge = Bridge(matching)
        await publish(bridge, seeker("me"), provider("a"))
        match = (await matches_of(bridge, "me"))["a"]
        if answered:
            accepted = await matching.client("org-a", sub="a-1").post(f"/v1/matches/{match['match_id']}/accept")
            assert accepted.status_code == 200
        second.may_go.set()
        await completed(matching, "me", "a")
        shown = (await matches_of(bridge, "me"))["a"]
        if answered:
            assert (shown["state"], shown["against"]) == ("accepted", [BELOW_MINIMUM])
        else:
            assert (shown["state"], shown["reason"]) == ("withdrawn", "no_longer_fits")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_search_that_ends_after_the_second_came_leaves_it_to_be_searched_for(
    start: Start, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Elsewhere, another replica completes the profile while this one still searches with the first encoding."""

    async def at_once(self: Workers, options: Any) -> bool:
        return False

    monkeypatch.setattr(Workers, "_must_yield", at_once)
    if not guarded:
        cleared: dict[str, list[str]] = {"unproposed": []}
        monkeypatch.setattr(
            IndexedProfile, "after_search", lambda me, searched, proposed: me.model_copy(update=cleared)
        )
    second, free, work = Later(encoder, bias=9.0), ProposeMatches._free, ProposeMatches.work
    searching, came, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(self: ProposeMatches, me: IndexedProfile, *rest: Any) -> Any:
        if me.id == "me" and not came.is_set():
            searching.set()
            await came.wait()
        return await free(self, me, *rest)

    async def one_after_the_other(self: ProposeMatches, job: Any) -> Any:
        if job.payload.profile_id == "me" and searching.is_set():
            await ended.wait()
            stored = await self.database.one(INDEXED, "me")
            await eventually(lambda: (v := self.index.view("me")) and v.me == stored, "the index has seen the first")
        return await work(self, job)

    monkeypatch.setattr(ProposeMatches, "_free", late)
    monkeypatch.setattr(ProposeMatches, "work", one_after_the_other)
    async with start(second, minimum_score=0.75) as matching:
        bridge, database = Bridge(matching), matching.service.database
        second.may_go.set()
        await publish(bridge, provider("far", OFFERS["far"]))
        await completed(matching, "far")
        await bridge.publish(seeker("me"), key="me")
        await eventually(searching.is_set, "the first search is under way")

        async def both() -> bool:
            found = await database.one(INDEXED, "me")
            return found is not None and len(found.entries) == 2

        await eventually(both, "completed meanwhile")
        came.set()

        async def alone() -> bool:
            return await database.db.jobs.count_documents({"kind": "propose"}) == 1

        await eventually(alone, "the first search has ended")
        ended.set()
        await settled(matching)
        assert set(await matches_of(bridge, "me")) == ({"far"} if guarded else set())


async def test_profiles_of_one_encoder_are_completed_when_the_second_is_on_and_stay_when_it_is_off(
    start: Start, encoder: Encoder
) -> None:
    second = Later(encoder, bias=1.0)
    async with start(None) as matching:
        bridge = Bridge(matching)
        await publish(bridge, seeker("me"), provider("a"))
        before = (await matches_of(bridge, "me"))["a"]
    second.may_go.set()
    async with start(second) as matching:
        await completed(matching, "me", "a")
        after = await matches_of(Bridge(matching), "me")
        assert list(after) == ["a"] and after["a"]["match_id"] == before["match_id"]
        assert after["a"]["score"] > before["score"]
    async with start(None) as matching:

        async def first_alone() -> bool:
            docs = await matching.service.database.db.indexed.find({"entries": {"$exists": True}}).to_list(None)
            return all([e["encoder"] for e in doc["entries"]] == [encoder.name] for doc in docs)

        await eventually(first_alone, "what the second made is taken away")
        assert await matching.service.database.db.jobs.find_one({"kind": "embed"}) is None
