"""What an API answers it takes when it is sent back: the parts of an answer that a body has, as they stand there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pydantic import BaseModel

from deploy.local.system import Servers
from services.matching.api.bodies import ConfirmIn, ExclusionsIn, MeetingIn, MoveIn
from services.matching.api.day_bodies import ChangeIn
from services.matching.api.debriefs import DebriefIn
from services.matching.api.forum_bodies import ForumIn, RegistrationIn, WishesIn
from services.matching.api.plan_bodies import LockIn, ScheduleIn
from services.matching.api.policies import PolicyIn
from services.matching.api.time_bodies import BusyTimesIn, HolidayTableIn
from services.notifications.api.bodies import PreferencesIn, RecipientIn
from services.notifications.app import build as build_notifications
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.api.bodies import WebhookChangesIn
from services.profiles.api.bodies import ProfileIn
from services.profiles.app import build as build_profiles
from services.profiles.domain.members import MemberRecord
from services.profiles.settings import ProfilesSettings
from services.translation.api.bodies import CorrectionIn, TermIn
from services.translation.app import build as build_translation
from services.translation.settings import TranslationSettings
from tests.integration.http.test_fuzz import HOOK, MEMBER, QUIET, RECIPIENT, TERM
from tests.integration.matching.a_forum import ADDRESS, Shape, made, organiser, planned, published
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.conftest import matching
from tests.integration.matching.test_after import travel
from tests.support.contract import korean_profile, publish
from tests.support.days import EVE, FIRST_DAY, day
from tests.support.forums import forum_body
from tests.support.profiles import created, entry, korean
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

__all__ = ["matching"]
ORGANISATION = korean()["organisation"] | {
    "group": "hanbit-group",
    "website": "https://hanbit.example",
    "business_id": {"scheme": "kr-brn", "value": "124-81-00998"},
    "certifications": [
        {"scheme": "벤처기업 확인", "valid_until": "2020-01-01", "evidence_url": "https://venture.example/1"},
        {"scheme": "이노비즈", "tier": "A", "authority": "중소벤처기업부", "region": "경기", "issued": "2024-02-03"},
    ],
}
ENDS = {"expires_at": f"{FIRST_DAY}T10:00:00+09:00", "export_controlled": True}
OFFER = entry("technology", "라이다 센서의 신호 처리 기술.", "ko", "lidar", **ENDS)
NOTE = {"rating": 4, "note": "첫 줄\n둘째 줄", "follow_ups": [{"text": "견적", "due": day(28)}]}
LONG_DAY = [{"date": FIRST_DAY, "opens": "09:00", "closes": "12:00", "breaks": [{"start": "10:00", "end": "10:10"}]}]
HOUR = {"start": f"{FIRST_DAY}T11:00:00+09:00", "end": f"{FIRST_DAY}T12:00:00+09:00"}
POLICY = {"minimum_score": 0.4, "proposals": 3, "max_open": 10, "complementary_places": 1, "beta": 0.1}
TABLE = {
    "version": "a-1",
    "days": [{"country": "CN", "date": FIRST_DAY, "works": True}],
    "announced": {"CN": [int(FIRST_DAY[:4])]},
}
# Any capitals, and no path: it is kept as an address is written.
LINK = {"link": "https://Meet.Example?room={id}"}


@dataclass(frozen=True)
class Trip:
    """Where something is read, where which part of the answer is sent, and as which body."""

    read: str
    way: str
    body: type[BaseModel]
    part: Callable[[Any], Mapping[str, Any]] = dict


def there(url: str, body: type[BaseModel]) -> Trip:
    """Put where it was read."""
    return Trip(url, f"PUT {url}", body)


async def come_back(client: httpx2.AsyncClient, *trips: Trip) -> None:
    """Raises AssertionError with all that is refused."""
    refused = [why for trip in trips if (why := await _refusal(client, trip))]
    assert not refused, "\n".join(refused)


async def _refusal(client: httpx2.AsyncClient, trip: Trip) -> str | None:
    answer = await client.get(trip.read)
    assert answer.status_code == 200, (trip.read, answer.text)
    sent = {name: value for name, value in trip.part(answer.json()).items() if name in trip.body.model_fields}
    assert sent, f"nothing of {trip.read} is in the body"
    method, url = trip.way.split()
    again = await client.request(method, url, json=sent, headers={"If-Match": answer.headers.get("etag", "*")})
    return None if again.status_code < 300 else f"{trip.way}\n  {sent}\n  {again.text}"


async def test_profiles(servers: Servers, run_id: str, tmp_path: Path) -> None:
    async with running(build_profiles(chassis_settings(servers, run_id, tmp_path), ProfilesSettings())) as profiles:
        mine = await created(profiles, organisation=ORGANISATION, offers=[OFFER])
        url, client = f"/v1/profiles/{mine['profile_id']}", profiles.client("hanbit", sub="kim-1")
        assert (await client.put(f"{url}/members/kim-1", json=MEMBER)).status_code == 201
        await come_back(client, there(url, ProfileIn), there(f"{url}/members/kim-1", MemberRecord))
        again = (await client.get(url)).json()
        assert all(again[part] == mine[part] for part in ("organisation", "languages", "offers", "needs"))


async def test_notifications(servers: Servers, run_id: str, tmp_path: Path) -> None:
    settings = chassis_settings(servers, run_id, tmp_path)
    async with running(build_notifications(settings, NotificationsSettings())) as notifications:
        await publish(settings.kafka_bootstrap, settings.topic_prefix, korean_profile("p-kr"), key="p-kr", sequence=1)
        client, url = notifications.client("hanbit", sub="kim-1"), "/v1/recipients/kim-1"

        async def registered() -> bool:
            return bool((await client.put(url, json=RECIPIENT)).status_code < 300)

        await eventually(registered, "the profile is known")
        await come_back(client, there(url, RecipientIn))
        assert (await client.put(f"{url}/preferences", json=QUIET)).status_code == 200
        await come_back(client, Trip(url, f"PUT {url}/preferences", PreferencesIn), there(url, RecipientIn))
        reader = notifications.client("hanbit", role="reader", sub="lee-1")
        hook = f"/v1/webhooks/{(await reader.post('/v1/webhooks', json=HOOK)).json()['webhook_id']}"
        await come_back(reader, Trip(hook, f"PATCH {hook}", WebhookChangesIn))


async def test_translation(servers: Servers, run_id: str, tmp_path: Path) -> None:
    settings = chassis_settings(servers, run_id, tmp_path)
    async with running(build_translation(settings, TranslationSettings())) as translation:
        await publish(settings.kafka_bootstrap, settings.topic_prefix, korean_profile("p-kr"), key="p-kr", sequence=1)
        texts = translation.service.database.db.texts
        text = await eventually(lambda: texts.find_one({"lang": "ko"}), "a text to correct")
        client, url = translation.client("kic", role="organiser"), f"/v1/texts/{text['_id']}"
        assert (await client.put(f"{url}/zh", json={"text": "参考设计\n第二行"})).status_code == 200
        assert (await client.put("/v1/glossary", json=TERM)).status_code == 201
        terms = (await client.get("/v1/glossary")).json()["items"]
        assert [TermIn.model_validate(term).term().id for term in terms] == [term["id"] for term in terms]
        await come_back(
            client,
            Trip(url, f"PUT {url}/zh", CorrectionIn, lambda found: found["translations"][0]["translation"]),
            Trip("/v1/glossary", "PUT /v1/glossary", TermIn, lambda found: found["items"][-1]),
        )


async def test_matches_and_meetings(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    one, other, third = (await bridge.free(match_id))[:3]
    url = f"/v1/meetings/{(await bridge.requested(match_id, one))['meeting_id']}"
    confirm, move = Trip(url, f"POST {url}/confirm", ConfirmIn), f"POST {url}/reschedule"
    await come_back(bridge.hanbit, Trip(url, "POST /v1/meetings", MeetingIn))
    await come_back(bridge.huaqiao, confirm)
    assert (await bridge.hanbit.post(f"{url}/reschedule", json={"start": other})).status_code == 200
    asked = Trip(url, move, MoveIn, lambda found: found["move"])
    await come_back(bridge.hanbit, asked)
    await come_back(bridge.huaqiao, Trip(url, confirm.way, ConfirmIn, asked.part), confirm)
    assert (await bridge.hanbit.get(url)).json()["start"] == other
    busy, excluded = "/v1/members/kim-1/busy", "/v1/profiles/p-kr/exclusions"
    assert (await bridge.hanbit.put(busy, json={"busy": [{"start": third}, {"start": EVE}]})).is_success
    assert (await bridge.hanbit.put(excluded, json={"profiles": ["p-x"], "groups": ["g"]})).is_success
    await come_back(bridge.hanbit, there(busy, BusyTimesIn), there(excluded, ExclusionsIn))
    await travel(matching, dt.datetime.fromisoformat(other))
    assert (await bridge.hanbit.put(f"{url}/debrief", json=NOTE)).is_success
    await come_back(bridge.hanbit, there(f"{url}/debrief", DebriefIn))


async def test_tables_and_policies_of_organisers(matching: Running) -> None:
    kic = organiser(matching)
    empty = there("/v1/holidays", HolidayTableIn)
    await come_back(kic, empty, there("/v1/policies/live", PolicyIn))
    assert (await kic.put("/v1/holidays", json=TABLE)).is_success
    assert (await kic.put("/v1/policies/forum", json=POLICY)).is_success
    await come_back(kic, empty, there("/v1/policies/forum", PolicyIn))


async def test_a_forum_with_its_registrations(matching: Running) -> None:
    await made(matching, Shape(side=1))
    kic, owner = organiser(matching), matching.client("org-kr-0", sub="rep-kr-0")
    forum = (await kic.post("/v1/forums", json=forum_body())).json()["forum_id"]
    url = f"/v1/forums/{forum}"
    await come_back(kic, there(url, ForumIn))
    assert (await kic.post(f"{url}/open")).is_success
    mine = f"{url}/registrations/kr-0"
    there_for_a_day = {"arrives_at": HOUR["start"], "leaves_at": HOUR["end"], "languages": ["ko", "en"]}
    delegates = [{"member_id": "rep-kr-0"}, {"member_id": "lee-2", "attendance": "remote"} | there_for_a_day]
    assert (await owner.put(mine, json={"delegates": delegates})).is_success
    await come_back(owner, there(mine, RegistrationIn))
    await come_back(kic, Trip(mine, f"PUT {mine}/wishes", WishesIn))


async def test_plans_and_the_day_of_a_hybrid_forum(matching: Running) -> None:
    talk = {
        "id": "T-1",
        "start": HOUR["start"],
        "end": HOUR["end"],
        "room": "R-1",
        "speakers": [{"profile_id": "kr-0"}],
    }
    at_any_hour = {"quiet_from": "00:00", "quiet_until": "00:00"}
    await made(matching, Shape(side=2, remote=frozenset({"cn-0"})), days=LONG_DAY, offers=at_any_hour, talks=[talk])
    plan, kic = await planned(matching), organiser(matching)
    meetings = f"{ADDRESS}/plans/1/meetings"
    await come_back(
        kic,
        Trip(f"{ADDRESS}/plans/{plan['number']}", f"POST {ADDRESS}/schedule", ScheduleIn),
        Trip(meetings, f"POST {ADDRESS}/plans/1/locks", LockIn, lambda found: found["items"][0]),
    )
    await published(matching, 1, **LINK)
    (hybrid,) = await matching.service.database.db.meetings.find(
        {"parties": ["cn-0", "kr-0"], "state": "booked"}
    ).to_list(None)
    url, client = f"/v1/meetings/{hybrid['_id']}", matching.client("org-kr-0", sub="rep-kr-0")
    venue = (await client.get(url)).json()["venue"]
    assert (venue["kind"], venue["url"].partition("?")[0]) == ("onsite", "https://meet.example/")
    at = {"start": f"{FIRST_DAY}T11:40:00+09:00"}
    moved = Trip(url, f"POST {url}/reschedule", MoveIn, lambda found: found | at)
    await come_back(client, Trip(url, f"POST {url}/confirm", ConfirmIn), moved)
    assert (await client.get(url)).json()["move"]["venue"] == venue, "it is the same place"
    await come_back(client, Trip(url, "POST /v1/meetings", MeetingIn, lambda found: found | at))


async def test_what_is_away(matching: Running) -> None:
    talk = {
        "id": "T-1",
        "start": HOUR["start"],
        "end": HOUR["end"],
        "room": "R-1",
        "speakers": [{"profile_id": "kr-0"}],
    }
    await made(matching, Shape(side=2), talks=[talk])
    kic = organiser(matching)
    for change in (
        {"kind": "table", "id": "A-1"} | HOUR,
        {"kind": "interpreter", "id": "kim-1"} | HOUR,
        {"kind": "delegate", "id": "rep-kr-0", "profile_id": "kr-0"} | HOUR,
        {"kind": "talk", "id": "T-1", "minutes": 25},
    ):
        seen = (await kic.post(f"{ADDRESS}/changes", json=change)).json()
        assert (await kic.post(f"{ADDRESS}/changes", json=change | {"confirm": seen["confirm"]})).json()["done"]
    away = (await kic.get(f"{ADDRESS}/away")).json()["items"]
    assert len(away) == 4
    parts = [lambda found, n=n: found["items"][n] for n in range(4)]
    await come_back(kic, *(Trip(f"{ADDRESS}/away", f"POST {ADDRESS}/changes", ChangeIn, part) for part in parts))
