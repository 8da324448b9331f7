"""The advice to an owner, and what a match says about its statements, as they are answered."""

from __future__ import annotations

from typing import Any

import pytest

from services.matching.domain import advice
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import OFFERS, matches_of, provider, publish, seeker
from tests.support.contract import an_entry, korean_profile
from tests.support.services import Running


async def advice_of(service: Running, profile_id: str, org: str, **query: str) -> Any:
    return await service.client(org, sub="me-1").get(f"/v1/profiles/{profile_id}/advice", params=query)


def found_codes(answer: Any) -> set[tuple[str, str | None]]:
    return {(finding["code"], finding.get("reason")) for finding in answer.json()["findings"]}


async def test_an_owner_is_told_what_keeps_a_profile_from_being_found(matching: Running) -> None:
    bridge = Bridge(matching)
    text = "2005년에 설립되어 직원 120명이 일하고 있습니다.\n차량용 라이다 신호 처리 기술을 이전합니다."
    offer = an_entry("me", "offer", "technology", "ko", text)
    marked = an_entry("me-2", "offer", "pilot", "ko", "드론 실증 부지를 제공합니다", export_controlled=True)
    await publish(bridge, korean_profile("me", "org-me", languages=["ko"], offers=[offer, marked], needs=[]))
    answer = await advice_of(matching, "me", "org-me")
    assert answer.status_code == 200 and answer.json()["lang"] == "ko"
    assert {("silent_statement", "introduction"), ("export_controlled", None), ("no_counterpart", None)} <= found_codes(
        answer
    )
    silent = next(one for one in answer.json()["findings"] if one.get("reason") == "introduction")
    said = silent["statement"]
    assert text[said["start"] : said["end"]] == said["text"] and "설립" in said["text"]
    assert answer.json()["near"] == {"at_least": 0, "text": "최소 점수에 조금 못 미치는 상대는 5곳 미만입니다."}
    english = (await advice_of(matching, "me", "org-me", lang="en")).json()
    assert english["lang"] == "en" and "Fewer than 5" in english["fitting"]["text"]


async def test_a_counterpart_without_a_common_language_is_told(matching: Running) -> None:
    bridge = Bridge(matching)
    await publish(bridge, provider("other", languages=["zh"]), seeker("me", languages=["ko"]))
    answer = await advice_of(matching, "me", "org-me")
    assert ("no_common_language", None) in found_codes(answer) and ("no_counterpart", None) not in found_codes(answer)


async def test_one_more_firm_or_an_exclusion_changes_no_count(
    matching: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the first step all counts are one; without the steps the answer would tell of each single firm."""
    bridge = Bridge(matching)
    await publish(bridge, seeker("me"))
    alone = (await advice_of(matching, "me", "org-me")).json()
    await publish(bridge, provider("other"))
    with_one = (await advice_of(matching, "me", "org-me")).json()
    assert with_one["fitting"] == alone["fitting"] and with_one["near"] == alone["near"]
    client = matching.client("org-other", sub="me-1")
    excluded = await client.put("/v1/profiles/other/exclusions", json={"profiles": ["me"]})
    assert excluded.status_code == 200
    assert (await advice_of(matching, "me", "org-me")).json() == with_one
    monkeypatch.setattr(advice, "STEP", 1)
    assert (await advice_of(matching, "me", "org-me")).json()["fitting"]["at_least"] == 1


async def test_others_hear_what_they_hear_of_a_profile_that_does_not_exist(matching: Running) -> None:
    bridge = Bridge(matching)
    await publish(bridge, seeker("me"))
    nothing = await advice_of(matching, "no-such-profile", "org-other")
    for org, role in (("org-other", "participant"), ("kic-office", "organiser"), ("org-me", "reader")):
        refused = await matching.client(org, role=role, sub="me-1").get("/v1/profiles/me/advice")
        assert refused.status_code == nothing.status_code == 404
        assert refused.json()["detail"] == nothing.json()["detail"]


async def test_a_match_names_what_its_statements_are_about(matching: Running) -> None:
    bridge = Bridge(matching)
    await publish(bridge, provider("other", OFFERS["nearer"]), seeker("me"))
    match_id = (await matches_of(bridge, "me"))["other"]["match_id"]
    client = matching.client("org-me", sub="me-1")
    shown = (await client.get(f"/v1/matches/{match_id}", params={"lang": "zh"})).json()["evidence"][0]
    for side in ("need", "offer"):
        nodes = {node["id"]: node["label"] for node in shown[side]["nodes"]}
        assert nodes["lidar"] == "激光雷达与毫米波雷达"
    assert shown["parts"]["nodes"] > 0.3 and shown["parts"]["concepts"] > 0
    assert "激光雷达" in shown["shared"]
    own = (await client.get(f"/v1/matches/{match_id}")).json()["evidence"][0]
    assert own["need"]["nodes"][0]["label"] == "라이다·레이더" and "라이다" in own["shared"]
