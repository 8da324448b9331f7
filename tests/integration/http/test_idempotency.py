"""An Idempotency-Key makes a repeat safe: whoever repeats, how often, at once, through a cut line, after a kill."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.ports import HOST
from deploy.local.system import Servers
from services.chassis.http import requests
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.integration.http.fuzz import listening
from tests.integration.http.process import Place, ids, profiles_process
from tests.support.profiles import korean
from tests.support.proxy import Proxy, proxied
from tests.support.services import Running, chassis_settings, running

KEY = {"Idempotency-Key": "a-key"}
MOST = 40
Post = Callable[..., Awaitable[Any]]


@pytest.fixture
async def replicas(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[list[Running]]:
    """Two of one service, on one database."""
    async with AsyncExitStack() as both:
        yield [
            await both.enter_async_context(
                running(
                    build(
                        chassis_settings(servers, run_id, tmp_path),
                        ProfilesSettings(max_per_owner=MOST, max_created_per_day=10 * MOST),
                    )
                )
            )
            for _ in range(2)
        ]


async def count(running: Running) -> int:
    return int(await running.service.database.db.profiles.count_documents({}))


@pytest.mark.parametrize("guarded", [True, False])
async def test_twenty_at_once_have_one_effect_and_one_answer(
    guarded: bool, replicas: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of them at one replica, half at the other. Without the answer that is kept beside its effect, each acts."""
    if not guarded:
        monkeypatch.setattr(requests, "_decide_once", lambda blank, decide, again, uow: decide(uow))
    clients = [replica.client("hanbit") for replica in replicas] * 10
    answers = await asyncio.gather(*(c.post("/v1/profiles", json=korean(), headers=KEY) for c in clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == (1 if guarded else 20)
    assert await count(replicas[0]) == (1 if guarded else 20)
    assert len(await replicas[0].events("profiles")) == (1 if guarded else 20)


async def test_keys_are_an_orgs_a_members_and_a_routes_own(replicas: list[Running]) -> None:
    one, other = replicas[0].client("hanbit"), replicas[1].client("huaqiao")
    colleague = replicas[1].client("hanbit", sub="a-colleague")
    answers = [await c.post("/v1/profiles", json=korean(), headers=KEY) for c in (one, other, colleague)]
    assert [a.status_code for a in answers] == [201, 201, 201] and len(ids(answers)) == 3
    url = f"/v1/profiles/{answers[0].json()['profile_id']}"
    published = await one.post(f"{url}/publish", headers=KEY)
    withdrawn = await one.post(f"{url}/withdraw", headers=KEY)
    assert [a.json()["state"] for a in (published, withdrawn)] == ["published", "withdrawn"]
    again = await one.post(f"{url}/publish", headers=KEY)
    assert again.content == published.content, "the answer of then, not a second act"
    assert (await one.get(url)).json()["state"] == "withdrawn"


async def test_another_body_is_refused_also_at_once(replicas: list[Running]) -> None:
    clients = [replica.client("hanbit") for replica in replicas] * 5
    bodies = [korean(), korean(languages=["ko"])] * 5
    answers = await asyncio.gather(
        *(c.post("/v1/profiles", json=body, headers=KEY) for c, body in zip(clients, bodies, strict=True))
    )
    taken = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 422]
    assert (len(taken), len(refused), len(ids(taken))) == (5, 5, 1)
    assert all(answer.json()["type"].endswith("/idempotency-key-reused") for answer in refused)
    assert await count(replicas[0]) == 1


async def test_a_refusal_is_not_kept(replicas: list[Running]) -> None:
    """After a 422, 404 or 409 the same key acts, as soon as it can."""
    client = replicas[0].client("hanbit")
    wrong = await client.post("/v1/profiles", json=korean(languages=[]), headers=KEY)
    right = await client.post("/v1/profiles", json=korean(), headers=KEY)
    assert (wrong.status_code, right.status_code) == (422, 201)
    url = f"/v1/profiles/{right.json()['profile_id']}"
    more = [await client.post("/v1/profiles", json=korean()) for _ in range(MOST - 1)]
    assert {answer.status_code for answer in more} == {201}
    last = {"Idempotency-Key": "the-last"}
    full = await client.post("/v1/profiles", json=korean(), headers=last)
    assert full.status_code == 409
    assert (await client.delete(url)).status_code == 204
    after = await replicas[1].client("hanbit").post("/v1/profiles", json=korean(), headers=last)
    assert after.status_code == 201


async def test_a_key_of_no_or_too_many_characters_is_refused(replicas: list[Running]) -> None:
    client = replicas[0].client("hanbit")
    for key in ("", "k" * 201):
        answer = await client.post("/v1/profiles", json=korean(), headers={"Idempotency-Key": key})
        assert answer.status_code == 422 and "/header/Idempotency-Key" in answer.text
    assert await count(replicas[0]) == 0


# -- through a cut line


CUTS: tuple[dict[str, int], ...] = (
    *({"cut_after_back": n} for n in (0, 1, 17, 60, 200)),
    *({"cut_after_forth": n} for n in (0, 10, 300, 700, 900)),
)


async def persistent(post: Post, proxy: Proxy, faults: list[dict[str, int]]) -> Any:
    """A client that repeats until it has its answer, on a line that has a fault each time but the last."""
    for fault in [*faults, {}]:
        proxy.heal()
        for switch, value in fault.items():
            setattr(proxy, switch, value)
        try:
            return await post()
        except httpx2.TransportError:
            assert fault, "the healthy line has failed"
    raise AssertionError("no answer")


@pytest.mark.parametrize("keyed", [True, False])
async def test_repeats_through_a_cut_line_create_nothing_twice(keyed: bool, replicas: list[Running]) -> None:
    """The line is cut within the request, and within the answer. Without keys the repeats create again."""
    first = replicas[0]
    headers = dict(first.client("hanbit").headers)
    async with listening(first) as port, proxied(port) as proxy:
        answers = []
        for n, fault in enumerate(CUTS):

            async def post(n: int = n) -> Any:
                keys = {"Idempotency-Key": f"act-{n}"} if keyed else {}
                async with httpx2.AsyncClient(base_url=f"http://{HOST}:{proxy.port}", headers=headers) as client:
                    return await client.post("/v1/profiles", json=korean(), headers=keys)

            answers.append(await persistent(post, proxy, [fault, CUTS[-n]]))
        assert proxy.cuts == 2 * len(CUTS), "each fault has taken place"
    assert {answer.status_code for answer in answers} == {201} and len(ids(answers)) == len(CUTS)
    assert (await count(first) == len(CUTS)) is keyed


# -- through a kill


async def answered(client: Any) -> Any:
    """What the killed process held in its transaction blocks others for some seconds: until then it is 503, again."""
    while (answer := await client.post("/v1/profiles", json=korean(), headers=KEY)).status_code == 503:
        assert "Retry-After" in answer.headers
    return answer


@pytest.mark.parametrize("step", ["before", "after"])
async def test_a_kill_around_the_commit_and_the_repeat_create_one(
    step: str, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    """Killed after the commit, the process has answered nobody: the repeat hears the first answer from the next."""
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    async with profiles_process(place, step) as first, place.client(first, "hanbit") as client:
        with pytest.raises(httpx2.TransportError):
            await client.post("/v1/profiles", json=korean(), headers=KEY)
        assert await first.process.wait() == -signal.SIGKILL
    async with profiles_process(place) as second, place.client(second, "hanbit") as client:
        answers = [await answered(client), await answered(client)]
        assert [answer.status_code for answer in answers] == [201, 201] and len(ids(answers)) == 1
        other = await client.post("/v1/profiles", json=korean(languages=["ko"]), headers=KEY)
        assert other.status_code == 422
        shown = (await client.get(f"/v1/profiles/{ids(answers).pop()}")).json()
        assert shown | {"warnings": []} == answers[0].json()
    assert await place.drop() == 1
