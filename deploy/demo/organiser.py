"""What the organiser of the forum does: defines it, ranks its participants, plans, publishes, changes the day."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import venue
from .client import Caller, GaveUp, Refused, expect_body

POLICY = "forum"
RULES = {"minimum_score": 0.05, "proposals": 8, "max_open": 20, "days_open": 45}
"""At a forum people meet more readily than by mail."""
PLAN_SECONDS = 90.0
POLL_SECONDS = 0.2
MAX_TRIES = 5
Body = dict[str, Any]


@dataclass
class Organiser:
    """The forum's office; `matching` carries its token."""

    matching: Caller
    seed: int
    forum_id: str = ""
    number: int = 0
    """Of the plan that is published."""
    codes: dict[str, str] = field(default_factory=dict)
    """What stands at each table, as a QR picture."""

    @property
    def path(self) -> str:
        """Of the forum."""
        return f"/v1/forums/{self.forum_id}"

    @property
    def plan_path(self) -> str:
        """Of its plan."""
        return f"{self.path}/plans/{self.number}"

    # -- before the days

    async def announce(self, days: Sequence[str], speaker: str) -> None:
        """Defines the forum, imports its tables from a file, and opens registration."""
        forum = expect_body(await self.matching.post("/v1/forums", venue.forum_body(days, speaker)), 201)
        self.forum_id = forum["forum_id"]
        csv = "text/csv"
        await self.matching.post_file(f"{self.path}/import?kind=tables&lang=ko", venue.tables_file(), csv)
        expect_body(await self.matching.post(f"{self.path}/open"), 200)

    async def end_registration(self) -> None:
        """From now on the forum is planned."""
        expect_body(await self.matching.post(f"{self.path}/ready"), 200)

    async def rank(self) -> Body:
        """A round of the participants. Returns it when all its proposals are made. Raises Refused, GaveUp."""
        # 428: a repetition of what was carried out; the policy is there now, and a change would need its version.
        expect_body(await self.matching.put(f"/v1/policies/{POLICY}", RULES), 200, 201, 428)
        asked = {"forum": self.forum_id, "policy": POLICY}
        opened = expect_body(await self.matching.post("/v1/rounds", asked), 202)
        return await self._until(f"/v1/rounds/{opened['round_id']}", "done", "ended")

    async def plan(self) -> Body:
        """Has the forum planned. Returns the draft. Raises Refused, GaveUp."""
        begun = expect_body(await self.matching.post(f"{self.path}/schedule", {"seed": self.seed % 2**31}), 202)
        self.number = begun["number"]
        return await self._until(self.plan_path, "draft")

    async def publish(self) -> Body:
        """Books the draft. Returns the plan with what could not be booked any more. Raises Refused, GaveUp."""
        expect_body(await self.matching.post(f"{self.plan_path}/publish", {"link": venue.LINK}), 202)
        return await self._until(self.plan_path, "published")

    async def planned(self) -> list[Body]:
        """The meetings of the plan."""
        return await self.matching.all_pages(f"{self.plan_path}/meetings")

    async def draw_codes(self) -> None:
        """Prints what stands at the tables."""
        forum = expect_body(await self.matching.get(self.path), 200)
        for table in forum["tables"]:
            answer = await self.matching.get("/v1/table-code", place=table["id"])
            self.codes[table["id"]] = expect_body(answer, 200)["code"]

    # -- on the days

    async def change(self, change: Body) -> Body:
        """Says what is away, looks at what follows, and confirms just that. Raises Refused."""
        path, before = f"{self.path}/changes", Body()
        for _ in range(MAX_TRIES):
            foreseen = expect_body(await self.matching.post(path, change), 200)
            if before and not foreseen["moved"] and not foreseen["lost"]:
                return before  # the 409 answered a repetition of what was carried out
            answer = await self.matching.post(path, {**change, "confirm": foreseen["confirm"]})
            if answer.status_code != 409:  # else something else would follow by now
                expect_body(answer, 200)
                return foreseen
            before = foreseen
        raise Refused(f"POST {path}: what follows was another thing each of {MAX_TRIES} times")

    async def report(self) -> Body:
        """What an agency publishes of the forum."""
        return expect_body(await self.matching.get(f"{self.path}/report"), 200)

    async def _until(self, path: str, *states: str) -> Body:
        end = time.monotonic() + PLAN_SECONDS
        while time.monotonic() < end:
            found = expect_body(await self.matching.get(path), 200)
            if found["state"] == "failed":
                raise Refused(f"GET {path}: it failed: {found.get('reason')}")
            if found["state"] in states:
                return found
            await asyncio.sleep(POLL_SECONDS)
        raise GaveUp(f"GET of {path}: not {' or '.join(states)} within {PLAN_SECONDS:.0f} s")
