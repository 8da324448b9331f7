"""What is public is found, a page at a time, by its words, its place and its kind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.profiles import created, entry
from tests.support.services import Running


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("12306", True),
        ("acme", True),
        ("장비", True),
        ("렌즈", True),
        ("单", True),
        ("반도체　장비", True),
        ("\u1107\u1161\u11ab\u1103\u1169\u110e\u1166", True),  # decomposed
        (".*", False),
        ("$ne", False),
        ("없는말", False),
    ],
)
async def test_words_are_found_in_every_script(q: str, found: bool, profiles: Running) -> None:
    texts = ["铁路12306售票", "ＡＣＭＥ 로봇", "반도체장비개발", "렌즈", "A单B"]
    draft = await created(profiles, offers=[entry("product", text) for text in texts])
    await profiles.client("hanbit").post(f"/v1/profiles/{draft['profile_id']}/publish")
    answer = await profiles.client("reader", role="reader").get("/v1/profiles", params={"q": q})
    assert (answer.status_code, len(answer.json()["items"])) == (200, int(found))


async def test_pages_hold_every_row_once_and_cursors_are_their_owners(profiles: Running) -> None:
    ids = set()
    for n in range(9):
        draft = await created(profiles, org=f"org-{n // 3}")
        ids.add(draft["profile_id"])
        await profiles.client(f"org-{n // 3}").post(f"/v1/profiles/{draft['profile_id']}/publish")
    reader, seen, cursor = profiles.client("reader", role="reader"), [], None
    while True:
        params: dict[str, Any] = {"limit": 4, **({"cursor": cursor} if cursor else {})}
        page = (await reader.get("/v1/profiles", params=params)).json()
        seen += [item["profile_id"] for item in page["items"]]
        if (cursor := page.get("next")) is None:
            break
        foreign = await profiles.client("other").get("/v1/profiles", params={"cursor": cursor})
        filtered = await reader.get("/v1/profiles", params={"cursor": cursor, "country": "KR"})
        garbled = await reader.get("/v1/profiles", params={"cursor": cursor[:-3]})
        assert [a.status_code for a in (foreign, filtered, garbled)] == [422] * 3
    assert len(seen) == 9 and set(seen) == ids


async def test_a_page_is_full_though_bigrams_find_more_than_words(profiles: Running) -> None:
    """abxbc has the bigrams of abc and not the word: it takes no place on the page."""
    reader = profiles.client("reader", role="reader")
    for org, text in (("org-1", "abxbc"), ("org-2", "abxbc"), ("org-3", "abc 로봇"), ("org-4", "abc 렌즈")):
        draft = await created(profiles, org=org, offers=[entry("product", text)])
        await profiles.client(org).post(f"/v1/profiles/{draft['profile_id']}/publish")
    first = (await reader.get("/v1/profiles", params={"q": "abc", "limit": 1})).json()
    last = (await reader.get("/v1/profiles", params={"q": "abc", "limit": 1, "cursor": first["next"]})).json()
    assert [len(page["items"]) for page in (first, last)] == [1, 1] and "next" not in last
    assert {page["items"][0]["owner"] for page in (first, last)} == {"org-3", "org-4"}


async def test_filters_meet_and_a_misspelt_one_is_named(profiles: Running) -> None:
    draft = await created(profiles)
    await profiles.client("hanbit").post(f"/v1/profiles/{draft['profile_id']}/publish")
    reader = profiles.client("reader", role="reader")
    for params, found in (
        ({"country": "KR", "kind": "technology", "topic": "lidar", "q": "라이다"}, 1),
        ({"country": "CN"}, 0),
        ({"kind": "talent"}, 0),
        ({"topic": "$ne"}, 0),
    ):
        assert len((await reader.get("/v1/profiles", params=params)).json()["items"]) == found, params
    refused = await reader.get("/v1/profiles", params={"kind": "tecnology"})
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/query/kind"]
    for wrong in ("county", "query", "kinds"):
        refused = await reader.get("/v1/profiles", params={wrong: "CN", "limit": "5"})
        assert refused.status_code == 422, wrong
        assert [e["pointer"] for e in refused.json()["errors"]] == [f"/query/{wrong}"]
        assert "country" in refused.json()["errors"][0]["detail"]
    one = await reader.get(f"/v1/profiles/{draft['profile_id']}", params={"lang": "ko"})
    assert (one.status_code, "has none" in one.text) == (422, True)
