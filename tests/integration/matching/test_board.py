"""The board over HTTP: a cookie signs in, forms act, strangers and forms of other sites are refused."""

from __future__ import annotations

import datetime as dt
import logging
import re
from typing import Any

import httpx2
import pytest

from services.chassis.commit import UnitOfWork
from services.chassis.http import browser
from services.chassis.tokens import mint
from services.matching import store
from services.matching.domain.forums import forum as forums
from services.matching.domain.forums.forum import Forum
from services.matching.domain.forums.registration import Delegate, Registration, registration_id
from services.matching.domain.forums.setup import ForumSetup
from tests.integration.matching.a_forum import FORUM, Shape, made, planned
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_offers import act as answered
from tests.integration.matching.test_offers import forum as free_slot
from tests.integration.matching.test_offers import opening_in, taken_by
from tests.support.days import FIRST_DAY
from tests.support.forums import forum_body
from tests.support.services import Running

SITE = "http://magpie.test"
SAME = {"Origin": SITE}


async def visitor(matching: Running, org: str, sub: str, role: str = "participant") -> httpx2.AsyncClient:
    """A browser that has signed in by the form."""
    token = mint(org=org, role=role, sub=sub, state_dir=matching.service.settings.state_dir)
    client = matching.client(None)
    answer = await client.post("/board/sign-in", data={"token": f" {token[:40]}\n{token[40:]} "}, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "./?lang=en")
    said = answer.headers["set-cookie"]
    assert all(flag in said for flag in ("HttpOnly", "SameSite=Strict", "Max-Age=")) and "Secure" not in said
    client.headers.update({"Cookie": said.partition(";")[0], **SAME})
    return client


def revision(page: str, path: str) -> str:
    """The revision in the form that posts to this path."""
    found = re.search(rf'action="[^"]*{path}\?lang=\w\w">\s*<input type="hidden" name="revision" value="(\d+)"', page)
    assert found is not None, page
    return found[1]


async def forum_with(matching: Running, *participants: str) -> str:
    """A forum on the days of which the two sides may meet."""

    async def seed(uow: UnitOfWork) -> None:
        today = uow.now.date()
        days = [{"date": f"{today + dt.timedelta(days=n)}", "opens": "09:00", "closes": "18:00"} for n in range(40)]
        setup = ForumSetup.model_validate(forum_body(days=days, talks=[], interpreters=[]))
        forum = Forum(id="forum-1", owner="kic", setup=setup, state="ready", announced_at=uow.now)
        await uow.load([store.FORUMS.ref(forum.id)])
        uow.put(store.FORUMS, forum, forums.state_event(forum))
        for profile_id in participants:
            id = registration_id(forum.id, profile_id)
            await uow.load([store.REGISTRATIONS.ref(id)])
            fields: dict[str, Any] = {
                "profile_id": profile_id,
                "owner": "x",
                "delegates": [Delegate(member_id="kim-1")],
            }
            uow.put(store.REGISTRATIONS, Registration(id=id, forum_id=forum.id, **fields))

    await matching.service.commands.run(seed)
    return "/board/forums/forum-1"


async def test_participants_answer_by_forms_and_the_organiser_watches(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = (await bridge.proposed())["match_id"]
    kim, wang = await visitor(matching, "hanbit", "kim-1"), await visitor(matching, "huaqiao", "wang-1")
    kic = await visitor(matching, "kic", "kic-1", role="organiser")
    address = await forum_with(matching, "p-kr", "p-cn")
    for browser_of in (kim, wang):
        page = await browser_of.get("/board/day", params={"lang": "ko"})
        assert "만나는 이유" in page.text and "라이다" in page.text
        form = {"revision": revision(page.text, f"matches/{match_id}/accept")}
        answer = await browser_of.post(f"/board/matches/{match_id}/accept?lang=ko", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "../../day?lang=ko")
    assert await bridge.state("matches", match_id) == "agreed"
    stale = await kim.post(f"/board/matches/{match_id}/decline?lang=ko", data={"revision": "1"})
    assert stale.status_code == 412 and "그 사이 내용이 바뀌었습니다" in stale.text
    start = (await bridge.free(match_id))[0]
    meeting_id = (await bridge.requested(match_id, start))["meeting_id"]
    waits = (await kic.get(address, params={"lang": "en"})).text
    assert "Pairs agreed" in waits and "1 to answer" in waits
    day = (await wang.get("/board/day?lang=zh")).text
    form = {"revision": revision(day, f"meetings/{meeting_id}/confirm")}
    assert (await wang.post(f"/board/meetings/{meeting_id}/confirm", data=form)).status_code == 303
    assert await bridge.state("meetings", meeting_id) == "booked"
    early = await kim.post(f"/board/meetings/{meeting_id}/check-in?lang=en")
    assert early.status_code == 409 and "too early to check in" in early.text
    seen = await kic.get(address, params={"lang": "ko", "screen": "1"})
    assert "테이블 현황" in seen.text and seen.headers["refresh"] == "60"
    assert forum_name(await kic.get("/board/")) in seen.text
    choice = (await kim.get(f"/board/meetings/{meeting_id}/move?lang=en")).text
    other = re.findall(r'<option value="([^"]+)"', choice)[-1]
    form = {"revision": revision(choice, f"meetings/{meeting_id}/move"), "start": other}
    assert (await kim.post(f"/board/meetings/{meeting_id}/move", data=form)).status_code == 303
    day = (await wang.get("/board/day?lang=en")).text
    form = {"revision": revision(day, f"meetings/{meeting_id}/confirm")}
    assert (await wang.post(f"/board/meetings/{meeting_id}/confirm", data=form)).status_code == 303
    form = {"revision": revision((await kim.get("/board/day")).text, f"meetings/{meeting_id}/cancel")}
    assert (await kim.post(f"/board/meetings/{meeting_id}/cancel", data=form)).status_code == 303
    assert await bridge.state("meetings", meeting_id) == "cancelled"


def forum_name(page: httpx2.Response) -> str:
    assert page.status_code == 200 and "한중 혁신 포럼" not in page.text, "the browser did not ask for Korean"
    return "한중 혁신 포럼"


async def test_strangers_and_other_roles_are_refused_with_a_page(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = (await bridge.proposed())["match_id"]
    address = await forum_with(matching)
    stranger = await visitor(matching, "other-firm", "other-1")
    kic = await visitor(matching, "kic", "kic-1", role="organiser")
    reader = await visitor(matching, "media", "read-1", role="reader")
    refused = await stranger.get(address, params={"lang": "zh"})
    assert (refused.status_code, "您无权执行此操作" in refused.text) == (403, True)
    assert (await reader.get("/board/")).status_code == (await kic.get("/board/day")).status_code == 403
    assert (await kic.get("/board/forums/none")).status_code == 404
    assert (await stranger.get("/board/")).headers["location"] == "./day?lang=en"
    for act in ("accept", "decline"):
        assert (await stranger.post(f"/board/matches/{match_id}/{act}", data={"revision": "1"})).status_code == 404
        assert (await kic.post(f"/board/matches/{match_id}/{act}", data={"revision": "1"})).status_code == 403
    assert (await stranger.post("/board/meetings/none/move")).status_code == 404
    assert (await stranger.get("/board/day?lang=fr")).status_code == 422
    assert await bridge.state("matches", match_id) == "proposed"


async def test_without_the_cookie_there_is_the_form_to_sign_in(matching: Running) -> None:
    anyone = matching.client(None)
    page = await anyone.get("/board/day", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert page.status_code == 401 and 'name="token"' in page.text and '<html lang="zh">' in page.text
    assert page.headers["cache-control"] == "no-store" and page.headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'; style-src 'self'" in page.headers["content-security-policy"]
    bearer = await matching.client("hanbit").get("/board/day")
    assert bearer.status_code == 401, "a page is opened by the cookie alone"
    assert (await matching.client(None).get("/v1/policies", headers={"Cookie": "magpie_token=x"})).status_code == 401
    style = await anyone.get("/board/board.css")
    assert style.status_code == 200 and style.headers["content-type"].startswith("text/css")
    signed = await visitor(matching, "hanbit", "kim-1")
    out = await signed.post("/board/sign-out")
    assert out.status_code == 303 and "Max-Age=0" in out.headers["set-cookie"]


@pytest.mark.parametrize("is_guarded", [True, False])
async def test_a_form_of_another_site_is_refused(
    matching: Running, is_guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_guarded:
        monkeypatch.setattr(browser, "must_be_same_origin", lambda headers: None)
    signed = await visitor(matching, "hanbit", "kim-1")
    for origin in ("https://evil.example", "null", "http://magpie.test.evil.example", ""):
        said = await signed.post("/board/sign-out", headers={"Origin": origin})
        assert said.status_code == (403 if is_guarded else 303), origin
    token = signed.headers["Cookie"].partition("=")[2]
    login = await matching.client(None).post("/board/sign-in", data={"token": token}, headers={"Origin": "null"})
    assert ("set-cookie" in login.headers) == (not is_guarded)


async def test_a_token_is_not_logged_and_a_wrong_one_opens_nothing(
    matching: Running, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    signed = await visitor(matching, "hanbit", "kim-1")
    token = signed.headers["Cookie"].partition("=")[2]
    assert (await signed.get("/board/day")).status_code == 200
    secure = {"Origin": "https://magpie.test", "Host": "magpie.test"}
    answer = await matching.client(None).post("/board/sign-in", data={"token": token}, headers=secure)
    assert "; Secure" in answer.headers["set-cookie"]
    for wrong in (token[:-8], "x" * 17_000, ""):
        answer = await matching.client(None).post("/board/sign-in", data={"token": wrong}, headers=SAME)
        assert answer.status_code in (401, 422) and "set-cookie" not in answer.headers
        assert wrong[:40] not in answer.text or not wrong
    said = capsys.readouterr()
    assert token not in caplog.text + said.out + said.err


async def test_an_organiser_reads_what_would_help_and_locks_meetings_of_a_draft(matching: Running) -> None:
    one_morning = [{"date": FIRST_DAY, "opens": "09:00", "closes": "11:00"}]
    await made(matching, Shape(side=4), days=one_morning, interpreters=[{"id": "kim-1", "pairs": [["ko", "zh"]]}])
    await planned(matching)
    kic = await visitor(matching, "kic", "kic-1", role="organiser")
    board = (await kic.get(f"/board/forums/{FORUM}?lang=ko")).text
    thursday = dt.date.fromisoformat(FIRST_DAY)
    helps = f"{thursday.month}월 {thursday.day}일 (목)에 한국어·중국어 통역이 한 명 더"
    assert "미팅을 더 편성하려면" in board and helps in board
    address = f"/board/forums/{FORUM}/plans/1"
    page = (await kic.get(f"{address}?lang=en")).text
    chosen = re.findall(r'name="match_id" value="([^"]+)"', page)
    assert len(chosen) == 4 and "0 locked" in page and f'href="../../../forums/{FORUM}?lang=en"' in page
    answer = await kic.post(f"{address}/locks?lang=en", data={"match_id": chosen[1], "locked": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"../../../../forums/{FORUM}/plans/1?lang=en")
    book = await matching.service.database.one(store.PLAN_BOOKS, FORUM)
    assert book is not None and list(book.locks) == [chosen[1]]
    page = (await kic.get(f"{address}?lang=en")).text
    assert "1 locked" in page and page.count(">Unlock<") == 1
    await planned(matching, seed=9)
    second = (await kic.get(f"/board/forums/{FORUM}/plans/2?lang=zh")).text
    assert "已锁定1场" in second and second.count(">取消锁定<") == 1
    assert (await kic.post(f"{address}/locks", data={"match_id": chosen[1], "locked": "0"})).status_code == 303
    assert (await kic.post(f"{address}/locks", data={"match_id": "m-none", "locked": "1"})).status_code == 404
    assert "0 locked" in (await kic.get(f"{address}?lang=en")).text
    firm = await visitor(matching, "org-kr-0", "rep-kr-0")
    assert (await firm.get(address)).status_code == 403
    assert (await firm.post(f"{address}/locks", data={"match_id": chosen[1], "locked": "1"})).status_code == 403
    assert (await kic.get(f"/board/forums/{FORUM}/plans/9")).status_code == 404


async def test_both_sides_accept_what_the_forum_offers_by_forms(matching: Running) -> None:
    """Whoever is second needs no other page than the one it has read."""
    await free_slot(matching)
    gone = await taken_by(matching)
    await answered(matching, gone["parties"][0], gone["_id"], "cancel")
    opening = await opening_in(matching, "offered")
    kic = await visitor(matching, "kic", "kic-1", role="organiser")
    board = (await kic.get(f"/board/forums/{FORUM}?lang=en")).text
    assert "Times that became free" in board and "Offered" in board and "A-" in board
    sides = (await matching.service.database.find(store.MEETINGS, {"_id": opening["meeting_id"]}))[0].parties
    both = [await visitor(matching, f"org-{side}", f"rep-{side}") for side in sides]
    days = [(await one.get("/board/day?lang=ko")).text for one in both]
    assert all("포럼에서 빈 시간을 안내드립니다" in day for day in days)
    for one in both:
        answer = await one.post(f"/board/meetings/{opening['meeting_id']}/accept?lang=ko")
        assert answer.status_code == 303, answer.text
    assert (await opening_in(matching, "filled"))["meeting_id"] == opening["meeting_id"]
    assert "Filled" in (await kic.get(f"/board/forums/{FORUM}?lang=en")).text
