"""Two sides and the server of a calendar that one of them keeps elsewhere, for tests of linked calendars."""

from __future__ import annotations

from typing import Any

import pytest

from services.matching.settings import MatchingSettings
from tests.integration.matching.bridge import Bridge
from tests.support.completions import Reply
from tests.support.contract import korean_profile
from tests.support.receiver import Receiver
from tests.support.services import Running
from tests.support.waiting import eventually

URL = "/v1/members/kim-1/linked-calendar"
SECRET = "private-3f9ac0c17d5e4b"
QUICK = 0.003
"""Minutes between two readings."""


class Linking(Bridge):
    """Two sides, and the server at which one of them keeps a calendar."""

    def __init__(self, matching: Running, there: Receiver) -> None:
        super().__init__(matching)
        self.there = there
        self.url = there.url.replace("/hook", f"/calendar/{SECRET}/busy.ics")

    @property
    def db(self) -> Any:
        return self.matching.service.database.db

    def says(self, body: bytes, **headers: str) -> None:
        self.there.answer = lambda _: Reply(body, headers={"Content-Type": "text/calendar", **headers})

    async def has_profile(self) -> None:
        await self.publish(korean_profile("p-kr"), key="p-kr")
        await eventually(lambda: self.db.profiles.find_one({"_id": "p-kr", "state": "published"}), "a profile")

    async def link(self, url: str | None = None, **more: Any) -> dict[str, Any]:
        answer = await self.hanbit.put(URL, json={"url": url or self.url}, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def seen(self, **query: str) -> dict[str, Any]:
        return dict((await self.hanbit.get(URL, params=query)).json())

    async def until(self, state: str) -> dict[str, Any]:
        async def reached() -> Any:
            found = await self.seen()
            return found if found["state"] == state else None

        found: dict[str, Any] = await eventually(reached, f"the link is {state}")
        return found

    async def busy(self) -> list[str]:
        shown = (await self.hanbit.get("/v1/members/kim-1/busy")).json()
        return [time["start"] for time in shown["linked"]] if "linked" in shown else []


def settings(**more: Any) -> MatchingSettings:
    quick = {"linked_calendar_open": True, "linked_calendar_minutes": QUICK, "linked_calendar_timeout_seconds": 1.0}
    return MatchingSettings(**(quick | more))


SLOW = pytest.mark.parametrize("linking", [{"linked_calendar_minutes": 30.0}], indirect=True)
"""One reading, and no second one within the test."""


async def nothing(*_: object, **__: object) -> set[str]:
    return set()
