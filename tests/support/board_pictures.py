"""Draws the board for docs/images: `python -m tests.support.board_pictures` (needs Chromium and CJK fonts)."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, Route

from services.matching.api.board_answers import HEADERS
from services.matching.board import STYLE
from services.matching.domain.schedule import Lang
from tests.support.board_example import LANGS, example_pages
from tests.support.browsers import a_browser

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SITE = "http://board.test/"
PHONE, WIDE = (390, 844), (1440, 1000)


async def show(browser: Browser, page_of: str, lang: Lang, size: tuple[int, int]) -> Page:
    """A page of the example, with the headers that it is sent with, without a server."""
    pages = example_pages(lang)

    async def answer(route: Route) -> None:
        name = route.request.url.removeprefix(SITE)
        if name == "board.css":
            await route.fulfill(body=STYLE, content_type="text/css")
        else:
            await route.fulfill(body=pages[name], content_type="text/html; charset=utf-8", headers=HEADERS)

    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.route("**/*", answer)
    await page.goto(f"{SITE}{page_of}")
    return page


async def draw() -> None:
    """The two boards and the page of a plan in three languages, each as on a phone and on a wide screen."""
    async with a_browser() as browser:
        for lang in LANGS:
            for name in ("forum", "day", "plan"):
                for width, size in (("phone", PHONE), ("wide", WIDE)):
                    page = await show(browser, name, lang, size)
                    picture = Image.open(BytesIO(await page.screenshot()))
                    few_colours = picture.convert("RGB").quantize(32, dither=Image.Dither.NONE)
                    few_colours.save(IMAGES / f"board-{name}-{lang}-{width}.png", optimize=True)
                    await page.close()


if __name__ == "__main__":
    asyncio.run(draw())
