"""A real browser: Chromium of the distribution, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python  # type: ignore[import-untyped]
import pytest
from playwright.async_api import Browser, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SANDBOX_OFF = ["--no-sandbox"]
"""Tests run as root, where Chromium's sandbox does not start; the pages are our own."""


def chromium() -> str | None:
    """Where a browser is, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """A browser without a window. Skips the test where there is none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on the PATH; `apt-get install chromium` brings one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=SANDBOX_OFF)
        yield browser
        await browser.close()


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page: the rule, and where."""
    await page.evaluate(AXE)
    found: Any = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]
