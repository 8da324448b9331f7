"""No request, whether the four OpenAPI documents allow it or forbid it, is answered with a 500."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.system import Servers
from services.matching.app import build as build_matching
from services.matching.settings import MatchingSettings
from services.notifications.app import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.profiles.app import build as build_profiles
from services.profiles.settings import ProfilesSettings
from services.translation.app import build as build_translation
from services.translation.domain.glossary import Glossary
from services.translation.settings import TranslationSettings
from services.translation.usecases.glossary import GlossaryCache
from tests.integration.http.fuzz import Fuzz
from tests.integration.http.twist import Good, withstands
from tests.integration.matching.bridge import Bridge
from tests.support.contract import korean_profile, publish
from tests.support.days import FIRST_DAY
from tests.support.forums import forum_body
from tests.support.profiles import created, korean
from tests.support.services import chassis_settings, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # schemathesis does
EXAMPLES, MANY = 4, 20
NAME = {"family": "김", "given": "하나", "full_native": "김하나", "script": "Hang", "latin": "Kim Hana"}
MEMBER = {
    "name": NAME,
    "email": "kim@hanbit.example",
    "languages": ["ko"],
    "title": "연구소장",
    "phone": "+82212345678",
}
RECIPIENT = {"profile_id": "p-kr", "lang": "ko", "zone": "Asia/Seoul", "email": "kim@hanbit.example"}
QUIET = {"quiet_hours": {"start": "22:00", "end": "08:00"}, "channels": ["inbox"], "digest": True}
WEEKLY = [{"days": ["mon"], "start": "09:00", "end": "18:00"}]
TERM = {"id": "reference-design", "ko": "기준 설계", "zh": "参考设计", "en": "reference design", "topic": "automotive"}
HOOK = {"url": "https://hooks.hanbit.example/magpie", "types": ["magpie.profile.published"]}
Chassis = Any


@pytest.fixture
def chassis(servers: Servers, run_id: str, tmp_path: Path) -> Chassis:
    return chassis_settings(servers, run_id, tmp_path)


async def withstood(client: httpx2.AsyncClient, *goods: Good) -> None:
    """Each of them refuses something, so the twists have come to the rules."""
    for good in goods:
        assert 422 in await withstands(client, good), good


async def test_profiles(chassis: Chassis) -> None:
    async with running(build_profiles(chassis, ProfilesSettings(max_per_owner=10_000))) as profiles:
        mine = await created(profiles)
        url, client = f"/v1/profiles/{mine['profile_id']}", profiles.client("hanbit", sub="kim-1")
        client.headers["If-Match"] = "*"
        await withstood(
            client,
            Good("PUT", url, korean()),
            Good("PUT", f"{url}/members/kim-1", MEMBER),
            Good("GET", "/v1/profiles", query={"country": "KR", "q": "센서", "topic": "lidar", "limit": "5"}),
        )
        known = {"profile_id": mine["profile_id"], "member_id": "kim-1"}
        said = await Fuzz(profiles, org="hanbit", sub="kim-1", role="participant", known=known).run(EXAMPLES)
        assert len(said) == 12 and 200 in said["GET /v1/profiles/{profile_id}"]


@pytest.mark.long
@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(MANY, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
async def test_matching(chassis: Chassis, encoder: Any, examples: int) -> None:
    """What lets participants through is not asked again as an organiser, but in the long form."""
    async with running(build_matching(chassis, MatchingSettings(), encoder=encoder)) as matching:
        bridge = Bridge(matching)
        match_id = await bridge.agreed()
        one, other = (await bridge.free(match_id))[:2]
        meeting = await bridge.requested(match_id, one)
        venue = {"kind": "online", "url": "https://meet.example/a"}
        await withstood(
            bridge.hanbit,
            Good("POST", "/v1/matches", {"profile_id": "p-kr", "partner_id": "p-cn"}),
            Good("POST", "/v1/meetings", {"match_id": match_id, "start": one, "venue": venue}),
            Good("PUT", "/v1/members/kim-1/busy", {"busy": [{"start": one, "end": other}], "weekly": WEEKLY}),
            Good("PUT", "/v1/profiles/p-kr/exclusions", {"profiles": ["p-x"], "groups": ["g"], "topics": ["drones"]}),
            Good("GET", "/v1/slots", query={"match_id": match_id, "from": one, "to": other, "limit": "5"}),
            Good("GET", "/v1/matches", query={"profile_id": "p-kr", "state": "accepted", "limit": "5"}),
            Good("GET", "/v1/meetings", query={"profile_id": "p-kr", "limit": "5"}),
            Good("PUT", f"/v1/matches/{match_id}/outcome", {"steps": ["met", "nda"]}),
            Good("GET", "/v1/profiles/p-kr/follow-ups", query={"limit": "5"}),
            Good("GET", "/v1/members/kim-1/schedule.pdf", query={"from": one, "to": other, "lang": "ko"}),
            Good("PUT", "/v1/members/kim-1/feeds/full", query={"lang": "ko"}),
            Good(
                "PUT",
                "/v1/members/kim-1/linked-calendar",
                {"url": "https://cal.hanbit.example/x", "zone": "Asia/Seoul"},
            ),
        )
        known = {"profile_id": "p-kr", "match_id": match_id, "meeting_id": meeting["meeting_id"], "member_id": "kim-1"}
        said = await Fuzz(matching, org="hanbit", sub="kim-1", role="participant", known=known).run(examples)
        assert len(said) >= 60 and 200 in said["GET /v1/meetings/{meeting_id}"]
        closed = {label for label, statuses in said.items() if min(statuses, default=400) >= 400}
        kic = matching.client("kic", role="organiser", sub="kic-1")
        kic.headers["If-Match"] = "*"
        policy = {"minimum_score": 0.4, "proposals": 3, "max_open": 10, "complementary_places": 1, "beta": 0.1}
        await withstood(
            kic,
            Good("PUT", "/v1/policies/forum", policy),
            Good("POST", "/v1/rounds", {"profiles": ["p-kr", "p-cn"], "policy": "forum"}),
            Good("GET", "/v1/policies/live", query={"version": "0"}),
            Good("POST", "/v1/forums", forum_body()),
            Good("GET", "/v1/table-schedule.html", query={"place": "전시장 A-12", "from": one, "to": other}),
            Good("GET", "/v1/table-code.svg", query={"place": "전시장 A-12"}),
        )
        forum = (await kic.post("/v1/forums", json=forum_body())).json()["forum_id"]
        away = {
            "kind": "interpreter",
            "id": "kim-1",
            "start": f"{FIRST_DAY}T09:00:00+09:00",
            "end": f"{FIRST_DAY}T10:00:00+09:00",
        }
        await withstood(kic, Good("POST", f"/v1/forums/{forum}/changes", away))
        assert (await kic.post(f"/v1/forums/{forum}/schedule", json={"seed": 3})).status_code == 202
        opened = await kic.post("/v1/rounds", json={"policy": "forum"})
        known = {"number": "1", "round_id": opened.json().get("round_id", "none"), "name": "live", "forum_id": forum}
        organiser = Fuzz(matching, org="kic", sub="kic-1", role="organiser", known=known)
        said = await organiser.run(examples, only=closed if examples == EXAMPLES else None)
        assert 200 in said["GET /v1/policies/{name}"] and 200 in said["GET /v1/forums/{forum_id}/plans"]


@pytest.mark.long
async def test_notifications(chassis: Chassis) -> None:
    async with running(build_notifications(chassis, NotificationsSettings())) as notifications:
        await publish(chassis.kafka_bootstrap, chassis.topic_prefix, korean_profile("p-kr"), key="p-kr", sequence=1)
        client = notifications.client("hanbit", sub="kim-1")

        async def registered() -> bool:
            return bool((await client.put("/v1/recipients/kim-1", json=RECIPIENT)).status_code < 300)

        await eventually(registered, "the profile is known")
        await withstood(
            client,
            Good("PUT", "/v1/recipients/kim-1", RECIPIENT),
            Good("PUT", "/v1/recipients/kim-1/preferences", QUIET),
            Good("GET", "/v1/recipients/kim-1/inbox", query={"limit": "5"}),
        )
        known = {"member_id": "kim-1", "profile_id": "p-kr"}
        said = await Fuzz(notifications, org="hanbit", sub="kim-1", role="participant", known=known).run(EXAMPLES)
        assert len(said) == 22 and 200 in said["GET /v1/recipients/{member_id}/inbox"]
        reader = notifications.client("hanbit", role="reader", sub="lee-1")
        made = (await reader.post("/v1/webhooks", json=HOOK)).json()["webhook_id"]
        event = (await reader.post(f"/v1/webhooks/{made}/test")).json()["event_id"]
        await withstood(
            reader,
            Good("POST", "/v1/webhooks", HOOK),
            Good("PATCH", f"/v1/webhooks/{made}", {**HOOK, "state": "enabled"}),
            Good("POST", f"/v1/webhooks/{made}/replay", {"from": event}),
            Good("GET", f"/v1/webhooks/{made}/deliveries", query={"limit": "5"}),
        )
        said = await Fuzz(notifications, org="hanbit", sub="lee-1", role="reader", known={"webhook_id": made}).run(
            EXAMPLES
        )
        assert 200 in said["GET /v1/webhooks/{webhook_id}/deliveries"]


async def test_translation(chassis: Chassis) -> None:
    async with running(build_translation(chassis, TranslationSettings())) as translation:
        await publish(chassis.kafka_bootstrap, chassis.topic_prefix, korean_profile("p-kr"), key="p-kr", sequence=1)
        texts = translation.service.database.db.texts
        text = await eventually(lambda: texts.find_one({"lang": "ko"}), "a text to correct")
        client = translation.client("kic", role="organiser")
        await withstood(
            client,
            Good("PUT", "/v1/glossary", TERM),
            Good("PUT", f"/v1/texts/{text['_id']}/zh", {"text": "参考设计"}),
        )
        known = {"text_id": text["_id"]}
        said = await Fuzz(translation, org="kic", role="organiser", known=known).run(EXAMPLES)
        assert len(said) == 6 and 200 in said["GET /v1/texts/{text_id}"]


async def test_a_fault_is_found(chassis: Chassis, monkeypatch: pytest.MonkeyPatch) -> None:
    right, calls = GlossaryCache.current, count()

    async def faulty(self: GlossaryCache) -> Glossary:
        if next(calls):
            raise KeyError
        return await right(self)

    monkeypatch.setattr(GlossaryCache, "current", faulty)
    async with running(build_translation(chassis, TranslationSettings())) as translation:
        with pytest.raises(AssertionError, match=r"\?topic .* 500"):
            await withstands(translation.client("kic"), Good("GET", "/v1/glossary", query={"topic": "sensor"}))
        with pytest.raises(AssertionError, match=r"500: curl .*/v1/glossary"):
            await Fuzz(translation, org="kic", role="organiser", known={}).run(EXAMPLES)
