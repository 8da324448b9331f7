"""The board in a real Chromium: clean by axe-core at two widths in three languages, and used without scripts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.async_api import Browser, Page

from services.chassis.tokens import mint
from services.matching.domain.schedule import Lang
from tests.integration.http.fuzz import listening
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_board import forum_with
from tests.integration.matching.test_board_passes import at_the_forum, code_of, link_of
from tests.support.board_example import LANGS, example_pages
from tests.support.board_pictures import PHONE, WIDE, show
from tests.support.browsers import a_browser, violations
from tests.support.services import Running

NAMES = tuple(example_pages("en"))
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
async def test_every_page_is_clean_at_every_width(lang: Lang) -> None:
    assert await faults(lang, NAMES, (PHONE, WIDE)) == []


async def test_axe_finds_nothing_and_nothing_runs_over_the_edge() -> None:
    """The short form of the test above."""
    assert await faults("ko", ("forum", "day"), (PHONE,)) == []


async def faults(lang: Lang, names: Sequence[str], sizes: Sequence[tuple[int, int]]) -> list[tuple[object, ...]]:
    wrong: list[tuple[object, ...]] = []
    async with a_browser() as browser:
        for name in names:
            for size in sizes:
                page = await show(browser, name, lang, size)
                wrong += [(name, size, fault) for fault in await violations(page)]
                if (over := await page.evaluate(WIDTH)) > 0:
                    wrong.append((name, size, f"{over} pixels too wide"))
                await page.close()
    return wrong


async def test_axe_sees_what_is_wrong() -> None:
    async with a_browser() as browser:
        page = await show(browser, "day", "en", PHONE)
        await page.evaluate("document.documentElement.removeAttribute('lang')")
        await page.evaluate("document.querySelectorAll('h1').forEach(one => one.remove())")
        found = " ".join(await violations(page))
        assert "html-has-lang" in found and "page-has-heading-one" in found


async def signed_in(browser: Browser, matching: Running, url: str, org: str, sub: str, role: str) -> Page:
    """A browser without scripts, in which somebody has pasted a token."""
    context = await browser.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{url}/board/")
    token = mint(org=org, role=role, sub=sub, state_dir=matching.service.settings.state_dir)
    await page.get_by_label("Access token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    return page


async def test_two_sides_accept_confirm_move_and_cancel_and_the_organiser_watches(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = (await bridge.proposed())["match_id"]
    await forum_with(matching, "p-kr", "p-cn")
    async with listening(matching) as port, a_browser() as browser:
        url = f"http://127.0.0.1:{port}"
        kim = await signed_in(browser, matching, url, "hanbit", "kim-1", "participant")
        wang = await signed_in(browser, matching, url, "huaqiao", "wang-1", "participant")
        kic = await signed_in(browser, matching, url, "kic", "kic-1", "organiser")
        for page in (kim, wang):
            await page.get_by_text("Why you meet").first.wait_for()
            await page.get_by_role("button", name="Accept").click()
            await page.get_by_text("There is nothing for you to answer.").wait_for()
        await bridge.requested(match_id, (await bridge.free(match_id))[0])
        await kic.get_by_role("link", name="Korea-China Forum").click()
        await kic.get_by_text("1 to answer").wait_for()
        await wang.get_by_role("link", name="My day").click()
        await wang.get_by_role("button", name="Confirm this time").click()
        await wang.get_by_role("link", name="Move").wait_for()
        await kim.reload()
        await kim.get_by_role("link", name="Move").click()
        await kim.get_by_label("New time").select_option(index=5)
        await kim.get_by_role("button", name="Ask for this time").click()
        await kim.get_by_text("You asked for another time").wait_for()
        await wang.reload()
        await wang.get_by_role("button", name="Confirm this time").click()
        await wang.get_by_text("There is nothing for you to answer.").wait_for()
        await kim.get_by_role("link", name="中文").click()
        await kim.get_by_role("button", name="取消会谈").click()
        await kim.get_by_text("暂无已确认的会谈。").wait_for()
        await kim.get_by_role("button", name="退出").click()
        assert await kim.context.cookies() == []


async def test_a_phone_opens_its_day_by_a_link_once_and_without_a_token(matching: Running) -> None:
    """Also shows that a browser's form passes although its page tells no referrer."""
    bridge = await at_the_forum(matching)
    async with listening(matching) as port, a_browser() as browser:
        address = f"http://127.0.0.1:{port}/board/enter?code={code_of(await link_of(bridge.hanbit))}"
        context = await browser.new_context(
            java_script_enabled=False, locale="zh-CN", viewport={"width": PHONE[0], "height": PHONE[1]}
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        for _ in range(2):  # to look at it uses nothing up
            await page.goto(address)
        await page.get_by_role("link", name="한국어").click()
        await page.get_by_role("button", name="이 휴대전화에서 열기").click()
        await page.get_by_role("heading", name="내 일정").wait_for()
        await page.get_by_role("button", name="수락").first.click()
        await page.get_by_text("답변할 항목이 없습니다").wait_for()
        assert [cookie["name"] for cookie in await context.cookies()] == ["magpie_token"]
        other = await (await browser.new_context(java_script_enabled=False, locale="en-GB")).new_page()
        await other.goto(address)
        await other.get_by_role("button", name="Open on this phone").click()
        await other.get_by_text("This link was used or has expired").wait_for()
        await page.get_by_role("button", name="로그아웃").click()
        assert await context.cookies() == []
