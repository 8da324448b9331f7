"""One-time links to the board: who may make one, what it opens, and what ends it."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import time
from typing import Any

import httpx2
import pytest

from services.chassis.commit import UnitOfWork
from services.chassis.http import TokenBuckets, browser
from services.matching.api import board_passes
from services.matching.domain import board_pass
from services.matching.domain.forums.registration import registration_id
from services.matching.pass_store import PASS_BOOKS
from services.matching.store import REGISTRATIONS
from services.matching.usecases import board_passes as acts
from services.matching.usecases.registrations import end_registration
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_board import SAME, forum_with, revision
from tests.support.contract import ERASED
from tests.support.services import Running
from tests.support.waiting import eventually

PASSES = "/v1/forums/forum-1/registrations/p-kr/passes"
NO_REFERRER = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
KIM = {"member_id": "kim-1"}


async def at_the_forum(matching: Running) -> Bridge:
    """Two sides that were proposed to each other, both at a forum, kim-1 as delegate."""
    bridge = Bridge(matching)
    await bridge.proposed()
    await forum_with(matching, "p-kr", "p-cn")

    async def owned(uow: UnitOfWork) -> None:
        for profile_id, owner in (("p-kr", "hanbit"), ("p-cn", "huaqiao")):
            found = await uow.get(REGISTRATIONS, registration_id("forum-1", profile_id))
            assert found is not None
            uow.put(REGISTRATIONS, found.model_copy(update={"owner": owner}))

    await matching.service.commands.run(owned)
    return bridge


def organiser(matching: Running) -> httpx2.AsyncClient:
    return matching.client("kic", role="organiser", sub="kic-1")


async def link_of(client: httpx2.AsyncClient) -> str:
    answer = await client.post(PASSES, json=KIM)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def code_of(url: str) -> str:
    return url.partition("?code=")[2]


async def opened(matching: Running, url: str) -> httpx2.AsyncClient:
    """A phone that has opened a link by its button."""
    phone = matching.client(None)
    answer = await phone.post("/board/enter?lang=en", data={"code": code_of(url)}, headers=NO_REFERRER)
    assert (answer.status_code, answer.headers["location"]) == (303, "./day?lang=en"), answer.text
    said = answer.headers["set-cookie"]
    assert all(flag in said for flag in ("HttpOnly", "SameSite=Strict", "Max-Age=43200"))
    phone.headers.update({"Cookie": said.partition(";")[0], **SAME})
    return phone


async def day(phone: httpx2.AsyncClient) -> int:
    return (await phone.get("/board/day?lang=en")).status_code


async def test_a_link_of_ones_own_organisation_answers_and_is_used_once(matching: Running) -> None:
    bridge = await at_the_forum(matching)
    match_id = (await bridge.hanbit.get("/v1/matches", params={"profile_id": "p-kr"})).json()["items"][0]["match_id"]
    url = await link_of(bridge.hanbit)
    assert url.startswith("http://127.0.0.1:8102/board/enter?code=") and len(code_of(url)) == 43
    for _ in range(3):  # a mail program looks what is behind the link
        for method in ("GET", "HEAD"):
            looked = await matching.client(None).request(method, "/board/enter", params={"code": code_of(url)})
            assert looked.status_code in (200, 405) and "set-cookie" not in looked.headers
    shown = await matching.client(None).get("/board/enter", params={"code": code_of(url), "lang": "ko"})
    assert shown.headers["referrer-policy"] == "no-referrer" and "이 휴대전화에서 열기" in shown.text
    assert shown.headers["cache-control"] == "no-store" and f'href="?lang=zh&amp;code={code_of(url)}"' in shown.text
    phone = await opened(matching, url)
    again = await matching.client(None).post("/board/enter?lang=zh", data={"code": code_of(url)}, headers=SAME)
    assert (again.status_code, "此链接已使用或已失效" in again.text) == (410, True)
    page = (await phone.get("/board/day?lang=en")).text
    assert "Why you meet" in page and "link of the organiser" not in page
    form = {"revision": revision(page, f"matches/{match_id}/accept")}
    assert (await phone.post(f"/board/matches/{match_id}/accept", data=form)).status_code == 303
    assert (await bridge.huaqiao.post(f"/v1/matches/{match_id}/accept")).status_code == 200
    meeting = await bridge.requested(match_id, (await bridge.free(match_id))[0])
    page = (await phone.get("/board/day?lang=en")).text
    form = {"revision": revision(page, f"meetings/{meeting['meeting_id']}/cancel")}
    assert (await phone.post(f"/board/meetings/{meeting['meeting_id']}/cancel", data=form)).status_code == 303
    assert await bridge.state("meetings", meeting["meeting_id"]) == "cancelled"
    assert (await phone.post("/board/sign-out")).status_code == 303 and await day(phone) == 401


async def test_a_link_of_an_organiser_shows_and_checks_in_only(matching: Running) -> None:
    bridge = await at_the_forum(matching)
    match_id = (await bridge.hanbit.get("/v1/matches", params={"profile_id": "p-kr"})).json()["items"][0]["match_id"]
    answer = await organiser(matching).post(PASSES, json=KIM)
    assert answer.status_code == 201 and answer.json()["may_answer"] is False
    phone = await opened(matching, answer.json()["url"])
    page = (await phone.get("/board/day?lang=en")).text
    assert "link of the organiser" in page and "Why you meet" in page and "matches/" not in page
    for act in ("accept", "decline"):
        assert (await phone.post(f"/board/matches/{match_id}/{act}", data={"revision": "1"})).status_code == 403
    for side in (bridge.hanbit, bridge.huaqiao):
        assert (await side.post(f"/v1/matches/{match_id}/accept")).status_code == 200
    meeting = await bridge.booked(match_id, (await bridge.free(match_id))[0])
    here = f"/board/meetings/{meeting['meeting_id']}"
    for act in ("confirm", "accept", "cancel", "move"):
        assert (await phone.post(f"{here}/{act}", data={"revision": "1"})).status_code == 403, act
    assert (await phone.get(f"{here}/move")).status_code == 403
    early = await phone.post(f"{here}/check-in?lang=en")
    assert early.status_code == 409 and "too early" in early.text, "this it may"
    for path in ("/board/forums/forum-1", "/board/forums/forum-1/plans/1"):
        assert (await phone.get(path)).status_code == 403
    assert (await phone.post("/board/forums/forum-1/plans/1/publish")).status_code == 403
    cookie = phone.headers["Cookie"].partition("=")[2]
    assert cookie.startswith("visit.")
    for headers in ({"Authorization": f"Bearer {cookie}"}, {"Cookie": f"magpie_token={cookie}"}):
        assert (await matching.client(None).get("/v1/profiles/p-kr/advice", headers=headers)).status_code == 401


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_may_be_asked_for_is_listed_and_all_else_refused(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_the_forum(matching)
    phone = await opened(matching, await link_of(organiser(matching)))
    if not guarded:
        monkeypatch.setattr(acts, "must_allow", lambda who, method, path: board_pass.Act())
    match_id = (await Bridge(matching).hanbit.get("/v1/matches", params={"profile_id": "p-kr"})).json()["items"][0][
        "match_id"
    ]
    said = await phone.post(f"/board/matches/{match_id}/accept", data={"revision": "1"})
    assert said.status_code == (403 if guarded else 303)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_visit_is_of_one_profile_at_one_forum(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = await at_the_forum(matching)
    match_id = (await bridge.hanbit.get("/v1/matches", params={"profile_id": "p-kr"})).json()["items"][0]["match_id"]
    phone = await opened(matching, await link_of(bridge.hanbit))
    gone = registration_id("forum-1", "p-cn")  # the other side does not take part any more
    await matching.service.database.db.registrations.delete_one({"_id": gone})
    if not guarded:
        monkeypatch.setattr(acts, "registered_among", _all)
    page = (await phone.get("/board/day?lang=en")).text
    assert ("Why you meet" in page) is not guarded
    said = await phone.post(f"/board/matches/{match_id}/accept", data={"revision": "1"})
    assert said.status_code == (404 if guarded else 303)
    assert (await phone.post("/board/meetings/none/check-in")).status_code == 404


async def _all(database: Any, forum_id: str, profiles: list[str]) -> set[str]:
    return set(profiles)


async def test_strangers_make_none_and_a_member_must_be_a_delegate(matching: Running) -> None:
    bridge = await at_the_forum(matching)
    for client in (bridge.huaqiao, matching.client("other", sub="kim-1")):
        assert (await client.post(PASSES, json=KIM)).status_code == 404
        assert (await client.delete(PASSES)).status_code == 404
    assert (await matching.client("media", role="reader", sub="read-1").post(PASSES, json=KIM)).status_code == 403
    for who in (bridge.hanbit, organiser(matching)):
        assert (await who.post(PASSES, json={"member_id": "lee-9"})).status_code == 422
    assert (await bridge.hanbit.post(PASSES.replace("forum-1", "forum-2"), json=KIM)).status_code == 404


@pytest.mark.parametrize("guarded", [True, False])
async def test_all_of_it_ends_with_the_registration(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = await at_the_forum(matching)
    phone, unused = await opened(matching, await link_of(bridge.hanbit)), await link_of(bridge.hanbit)
    assert await day(phone) == 200

    async def ended(uow: UnitOfWork) -> None:
        if guarded:
            await end_registration(uow, "forum-1", "p-kr")

    await matching.service.commands.run(ended)
    assert await day(phone) == (401 if guarded else 200)
    late = await matching.client(None).post("/board/enter", data={"code": code_of(unused)}, headers=SAME)
    assert late.status_code == (410 if guarded else 303)


async def test_it_ends_with_the_profile_the_delegate_and_by_hand(matching: Running) -> None:
    bridge = await at_the_forum(matching)
    lost = await opened(matching, await link_of(bridge.hanbit))
    assert (await organiser(matching).delete(PASSES)).status_code == 204 and await day(lost) == 401
    phone, db = await opened(matching, await link_of(bridge.hanbit)), matching.service.database.db
    mine = {"_id": registration_id("forum-1", "p-kr")}
    kept: Any = await db.registrations.find_one(mine)
    other = [kept["delegates"][0] | {"member_id": "lee-1"}]
    await db.registrations.update_one(mine, {"$set": {"delegates": other}})
    assert await day(phone) == 401, "kim-1 is no delegate any more"
    await db.registrations.update_one(mine, {"$set": {"delegates": kept["delegates"]}})
    assert await day(phone) == 200
    await db.desks.update_one({"_id": "p-kr"}, {"$set": {"forums": ["forum-1"]}})
    await bridge.publish(ERASED, key="p-kr", sequence=2)

    async def erased() -> bool:
        return await matching.service.database.one(PASS_BOOKS, mine["_id"]) is None

    await eventually(erased, "the links of an erased profile gone")
    assert await day(phone) == 401


@pytest.mark.parametrize("guarded", [True, False])
async def test_links_and_visits_last_so_long(matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = await at_the_forum(matching)
    phone, unused = await opened(matching, await link_of(bridge.hanbit)), await link_of(bridge.hanbit)
    over = matching.service.database.now() - dt.timedelta(seconds=1)
    ended = {"$set": {"passes.$[].until": over, "visits.$[].until": over}}
    await matching.service.database.db.pass_books.update_one({"_id": registration_id("forum-1", "p-kr")}, ended)
    if not guarded:
        monkeypatch.setattr(board_pass, "_open", lambda found, hash, now: next(o for o in found if o.hash == hash))
    assert await day(phone) == (401 if guarded else 200)
    late = await matching.client(None).post("/board/enter", data={"code": code_of(unused)}, headers=SAME)
    assert late.status_code == (410 if guarded else 303)


async def test_of_two_at_once_one_opens_it(matching: Running) -> None:
    code = code_of(await link_of((await at_the_forum(matching)).hanbit))

    async def enter() -> int:
        answer = await matching.client(None).post("/board/enter", data={"code": code}, headers=SAME)
        return int(answer.status_code)

    assert sorted(await asyncio.gather(*(enter() for _ in range(8)))) == [303, *[410] * 7]


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_form_of_another_site_opens_none(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = await at_the_forum(matching)
    if not guarded:
        monkeypatch.setattr(board_passes, "must_be_of_this_site", lambda headers: None)
        monkeypatch.setattr(browser, "must_be_same_origin", lambda headers: None)
    strange: tuple[dict[str, str], ...] = (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    )
    for headers in strange:
        code = code_of(await link_of(bridge.hanbit))
        said = await matching.client(None).post("/board/enter", data={"code": code}, headers=headers)
        assert said.status_code == (403 if guarded else 303), headers


@pytest.mark.parametrize("guarded", [True, False])
async def test_wrong_links_wait_where_there_are_too_many_and_a_right_one_does_not(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = await at_the_forum(matching)
    monkeypatch.setattr(board_passes, "HELD_SECONDS", 8.0)
    deps = matching.service.app.state.dependencies
    if guarded:
        object.__setattr__(deps, "wrong_links", TokenBuckets(per_second=0.001, burst=1))
    anyone, began = matching.client(None), time.monotonic()
    for _ in range(2):
        assert (await anyone.post("/board/enter", data={"code": "x" * 43}, headers=SAME)).status_code == 410
    assert (time.monotonic() - began > 3.9) is guarded
    url, began = await link_of(bridge.hanbit), time.monotonic()
    await opened(matching, url)
    assert time.monotonic() - began < 3.9


async def test_no_more_than_a_few_are_open_and_the_secret_stands_nowhere(
    matching: Running, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bridge = await at_the_forum(matching)
    key = {"Idempotency-Key": "once"}
    first = (await bridge.hanbit.post(PASSES, json=KIM, headers=key)).json()["url"]
    assert (await bridge.hanbit.post(PASSES, json=KIM, headers=key)).status_code == 404, "it is not said again"
    urls = [first, *[await link_of(bridge.hanbit) for _ in range(board_pass.MAX_OPEN)]]
    await link_of(organiser(matching))
    old = await matching.client(None).post("/board/enter", data={"code": code_of(first)}, headers=SAME)
    assert old.status_code == 410, "a new link ends the oldest"
    phone = await opened(matching, urls[1])
    visit = phone.headers["Cookie"].partition("visit.")[2]
    assert await day(phone) == 200 and re.fullmatch(board_pass.SECRET, visit)
    db, said = matching.service.database.db, capsys.readouterr()
    kept = str([await db[name].find({}).to_list(None) for name in await db.list_collection_names()])
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]  # the client's own
    logged = "\n".join(ours) + said.out + said.err
    assert all(secret not in text for secret in (*map(code_of, urls), visit) for text in (kept, logged))
