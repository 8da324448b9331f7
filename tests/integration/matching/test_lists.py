"""Long answers: bounded in bytes, and never worked out in the event loop."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest

from schemas.matches import Evidence, EvidenceEntry
from services.chassis.http import MAX_PAGE_BYTES
from services.matching import store
from services.matching.api import matches as matches_api
from services.matching.domain.match import Match
from services.matching.usecases import free_slots
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_fairness import silent
from tests.integration.matching.test_proposing import publish
from tests.support.contract import an_entry, chinese_profile
from tests.support.services import Running

MANY = 40


async def with_long_texts(matching: Running) -> Any:
    """Forty matches, each with four pairs of texts of two thousand characters."""
    bridge = Bridge(matching)
    text = "激" * 2000
    said = [an_entry("p-cn", "offer", "technology", "zh", f"{n}{text[2:]}") for n in range(8)]
    await publish(bridge, silent("me", "org-me", "KR"), chinese_profile("p-cn", "huaqiao", offers=said, needs=[]))
    shown = [EvidenceEntry(profile_id="p-cn", id=entry.id, text_id="x") for entry in said]
    evidence = [Evidence(need=a, offer=b, fit=0.5, parts={}) for a, b in zip(shown[:4], shown[4:], strict=True)]
    rows = [
        Match(
            id=f"m{n:02d}",
            revision=1,
            parties=["me", "p-cn"],
            owners={"me": "org-me", "p-cn": "huaqiao"},
            revisions={"me": 1, "p-cn": 1},
            score=0.5,
            interest={"me": 0.5, "p-cn": 0.5},
            evidence=evidence,
            state="expired",
            expires_at=dt.datetime.now(dt.UTC),
        )
        for n in range(MANY)
    ]
    await matching.service.database.db.matches.insert_many([store.MATCHES.write(row) for row in rows])
    return matching.client("org-me")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_page_ends_when_it_has_become_large(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(matches_api, "bounded", list)
    client = await with_long_texts(matching)
    found: list[str] = []
    sizes: list[int] = []
    cursor: str | None = None
    while cursor is not None or not sizes:
        params = {"profile_id": "me", "limit": "100", **({"cursor": cursor} if cursor else {})}
        answer = await client.get("/v1/matches", params=params)
        found += [item["match_id"] for item in answer.json()["items"]]
        sizes.append(len(answer.content))
        cursor = answer.json().get("next")
    assert found == [f"m{n:02d}" for n in range(MANY)]
    assert (max(sizes) < 2 * MAX_PAGE_BYTES) is guarded and (len(sizes) > 3) is guarded


async def test_slots_are_searched_in_a_thread(matching: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    threads: set[int] = set()
    search = free_slots._free

    def noted(*args: Any, **more: Any) -> Any:
        threads.add(threading.get_ident())
        return search(*args, **more)

    monkeypatch.setattr(free_slots, "_free", noted)
    shown = await bridge.free(match_id)
    assert shown and threads and threading.get_ident() not in threads


async def test_the_slot_that_begins_at_from_is_shown(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = await bridge.free(match_id)
    answer = await bridge.hanbit.get("/v1/slots", params={"match_id": match_id, "from": free[7], "limit": "3"})
    assert [item["start"] for item in answer.json()["items"]] == free[7:10]


async def test_a_booking_that_reaches_into_the_time_asked_for_is_seen(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = await bridge.free(match_id)
    await bridge.booked(match_id, free[6])
    answer = await bridge.hanbit.get("/v1/slots", params={"match_id": match_id, "from": free[7], "limit": "1"})
    assert answer.json()["items"][0]["start"] == free[8]
