"""What is public is found, a page at a time, by its words, its place and its kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.profiles.usecases import search
from tests.support.profiles import created, entry, korean
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
    ):
        assert len((await reader.get("/v1/profiles", params=params)).json()["items"]) == found, params
    for topic in ("$ne", "반도체", "R&D", "人工智能"):
        refused = await reader.get("/v1/profiles", params={"topic": topic})
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/query/topic"]
        assert "for example" in refused.text and "pattern" not in refused.text
    refused = await reader.get("/v1/profiles", params={"kind": "tecnology"})
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/query/kind"]
    for wrong in ("county", "query", "kinds"):
        refused = await reader.get("/v1/profiles", params={wrong: "CN", "limit": "5"})
        assert refused.status_code == 422, wrong
        assert [e["pointer"] for e in refused.json()["errors"]] == [f"/query/{wrong}"]
        assert "country" in refused.json()["errors"][0]["detail"]
    one = await reader.get(f"/v1/profiles/{draft['profile_id']}", params={"lang": "ko"})
    assert (one.status_code, "has none" in one.text) == (422, True)


async def test_a_topic_is_found_however_it_is_typed_and_with_its_own_kind(profiles: Running) -> None:
    offers = [
        entry("investment", "투자자를 찾는 회사에 투자합니다.", "ko", "ai", "semi-conductor"),
        entry("product", "로봇 부품을 만듭니다.", "ko", "robot", "smart_factory"),
    ]
    draft = await created(profiles, offers=offers)
    await profiles.client("hanbit").post(f"/v1/profiles/{draft['profile_id']}/publish")
    reader = profiles.client("reader", role="reader")
    for typed in ("ai", "AI", "ＡＩ", " Ai ", "Semi Conductor", "semi_conductor", "smart factory", "SMART-FACTORY"):
        found = (await reader.get("/v1/profiles", params={"topic": typed})).json()["items"]
        assert len(found) == 1, typed
    for kind, topic, many in (("investment", "robot", 0), ("investment", "ai", 1), ("product", "ai", 0)):
        found = (await reader.get("/v1/profiles", params={"kind": kind, "topic": topic})).json()["items"]
        assert len(found) == many, (kind, topic)


async def test_what_is_over_is_said_to_be_and_no_filter_finds_it(profiles: Running) -> None:
    """It may be kept on the page of its firm; it is no offer any more, and its owner is told so."""
    now = dt.datetime.now(dt.UTC)
    past, soon = ((now + dt.timedelta(days=days)).isoformat() for days in (-3, 3))
    offers = [
        entry("product", "끝난 제안입니다.", "ko", "robot", expires_at=past),
        entry("supply", "새 제안입니다.", "ko", "parts", expires_at=soon),
    ]
    answer = await profiles.client("hanbit").post("/v1/profiles", json=korean(offers=offers))
    assert [w["pointer"] for w in answer.json()["warnings"]] == ["/offers/0/expires_at"]
    url = f"/v1/profiles/{answer.json()['profile_id']}"
    await profiles.client("hanbit").post(f"{url}/publish")
    reader = profiles.client("reader", role="reader")
    [listed] = (await reader.get("/v1/profiles")).json()["items"]
    assert [offer["expired"] for offer in listed["offers"]] == [True, False]
    assert listed["offers"][1]["expires_at"] and listed["needs"][0]["expired"] is False
    [by_word] = (await reader.get("/v1/profiles", params={"q": "제안"})).json()["items"]
    assert [offer["expired"] for offer in by_word["offers"]] == [True, False]
    for params, many in (({"kind": "product"}, 0), ({"topic": "robot"}, 0), ({"kind": "supply", "topic": "parts"}, 1)):
        assert len((await reader.get("/v1/profiles", params=params)).json()["items"]) == many, params


async def test_ones_own_are_listed_in_every_state_and_to_no_one_else(profiles: Running) -> None:
    """A page at a time, and a cursor is of this list only."""
    hanbit = profiles.client("hanbit", sub="kim-1")
    ids = [(await created(profiles))["profile_id"] for _ in range(3)]
    await hanbit.post(f"/v1/profiles/{ids[0]}/publish")
    await hanbit.post(f"/v1/profiles/{ids[1]}/withdraw")
    mine: list[tuple[str, str]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"owner": "me", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await profiles.client("hanbit", sub="lee-1").get("/v1/profiles", params=params)).json()
        mine += [(item["profile_id"], item["state"]) for item in page["items"]]
        if (cursor := page.get("next")) is None:
            break
        assert (await hanbit.get("/v1/profiles", params={"cursor": cursor})).status_code == 422
    assert sorted(mine) == sorted(zip(ids, ("published", "withdrawn", "draft"), strict=True))
    for query, found in (({"state": "draft"}, [ids[2]]), ({"state": "withdrawn"}, [ids[1]]), ({"q": "없는말"}, [])):
        page = (await hanbit.get("/v1/profiles", params={"owner": "me", **query})).json()
        assert [item["profile_id"] for item in page["items"]] == found, query
    other, kic = profiles.client("other"), profiles.client("kic", role="organiser")
    for stranger in (other, kic):
        for query in ({}, {"state": "draft"}):
            assert (await stranger.get("/v1/profiles", params={"owner": "me", **query})).json()["items"] == []
    reader = profiles.client("hanbit", role="reader")
    seen = (await reader.get("/v1/profiles", params={"owner": "me"})).json()["items"]
    assert [item["profile_id"] for item in seen] == [ids[0]], "a reader reads what is public, of its organisation too"
    assert (await reader.get("/v1/profiles", params={"owner": "me", "state": "draft"})).json()["items"] == []
    for wrong in ({"owner": "hanbit"}, {"state": "draft"}, {"owner": "me", "state": "erased"}):
        assert (await hanbit.get("/v1/profiles", params=wrong)).status_code == 422, wrong


async def test_what_is_too_long_to_be_found_is_said(profiles: Running) -> None:
    chars = [chr(0x4E00 + n) for n in range(20 * 400)]
    offers = [entry("product", "".join(chars[n * 400 : n * 400 + 400]), "zh") for n in range(20)]
    answer = await profiles.client("hanbit").post("/v1/profiles", json=korean(offers=offers))
    said = answer.json()["warnings"]
    assert [w["pointer"] for w in said if "search" in w["detail"]] == [f"/offers/{n}/text/text" for n in range(20)]
    await profiles.client("hanbit").post(f"/v1/profiles/{answer.json()['profile_id']}/publish")
    reader = profiles.client("reader", role="reader")
    for n in range(20):
        params = {"q": "".join(chars[n * 400 : n * 400 + 9])}
        assert len((await reader.get("/v1/profiles", params=params)).json()["items"]) == 1, n


async def test_the_work_for_a_page_is_bounded_by_characters(profiles: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long profiles that hold the pairs of letters and not the word end a page early; the next one goes on."""
    monkeypatch.setattr(search, "MAX_CHARACTERS_EXAMINED", 6_000)
    reader = profiles.client("reader", role="reader")
    for org in ("org-1", "org-2", "org-3", "org-4"):
        text = "abxbc " + "가" * 1800 + (" abc" if org == "org-4" else "")
        draft = await created(profiles, org=org, offers=[entry("product", text)])
        await profiles.client(org).post(f"/v1/profiles/{draft['profile_id']}/publish")
    found: list[str] = []
    many, cursor = 0, None
    while many == 0 or cursor:
        page = (await reader.get("/v1/profiles", params={"q": "abc", **({"cursor": cursor} if cursor else {})})).json()
        found += [item["owner"] for item in page["items"]]
        many, cursor = many + 1, page.get("next")
        assert many < 9
    assert found == ["org-4"] and many == 2
