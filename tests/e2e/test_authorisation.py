"""Who may call what: every route of every service, by every kind of caller, about things that exist.

The table (`routes.py`) has a line for each operation of the OpenAPI documents; a route without a line is red."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.services import PORTS, free_base
from deploy.local.system import Servers
from schemas.common import Text, text_id
from services.chassis.tokens import mint
from tests.e2e.routes import CALLERS, TABLE
from tests.support.days import FIRST_DAY
from tests.support.forums import forum_body
from tests.support.profiles import chinese, korean
from tests.support.two_sides import HALL, Forum, a_recipient, ok
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole

DELEGATES = {"delegates": [{"member_id": "kim-1"}]}
HOOK = {"url": "https://hooks.hanbit.example/magpie"}
DENIED = {401, 403, 404}


@dataclass(frozen=True)
class World:
    """What the routes are called about."""

    system: Whole
    ids: Mapping[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    def body(self, operation: str) -> Any:
        """A right body, so that a refusal is one of the caller."""
        ids = self.ids
        start = {"start": f"{FIRST_DAY}T01:00:00Z", "venue": HALL}
        return {
            "profiles POST /v1/profiles": korean(),
            "profiles PUT /v1/profiles/{profile_id}": korean(),
            "profiles PUT /v1/profiles/{profile_id}/members/{member_id}": {
                "name": {"full_native": "김하나", "script": "Hang"},
                "email": "kim@hanbit.example",
                "languages": ["ko"],
            },
            "matching POST /v1/matches": {"profile_id": ids["published"], "partner_id": ids["partner"]},
            "matching POST /v1/matches/{match_id}/decline": {"reason": "other"},
            "matching POST /v1/meetings": {"match_id": ids["match_id"], **start},
            "matching POST /v1/meetings/{meeting_id}/reschedule": start,
            "matching PUT /v1/profiles/{profile_id}/exclusions": {"groups": ["some-group"]},
            "matching PUT /v1/members/{member_id}/busy": {"busy": []},
            "matching PUT /v1/members/{member_id}/linked-calendar": {"url": "https://calendar.hanbit.example/busy.ics"},
            "matching POST /v1/meetings/{meeting_id}/no-show": {"absent": [ids["partner"]]},
            "matching PUT /v1/meetings/{meeting_id}/debrief": {"rating": 4},
            "matching POST /v1/check-ins": {"code": "2" * 16},
            "matching PUT /v1/matches/{match_id}/outcome": {"steps": []},
            "matching PUT /v1/holidays": {"version": "test"},
            "matching POST /v1/forums/{forum_id}/plans/{number}/locks": {"match_id": ids["match_id"]},
            "matching POST /v1/rounds": {"profiles": [ids["published"], ids["partner"]]},
            "matching POST /v1/forums": forum_body(),
            "matching PUT /v1/forums/{forum_id}": forum_body(),
            "matching PUT /v1/forums/{forum_id}/registrations/{profile_id}": DELEGATES,
            "matching PUT /v1/forums/{forum_id}/registrations/{profile_id}/wishes": {"minimum": 1},
            "matching POST /v1/forums/{forum_id}/registrations/{profile_id}/passes": {"member_id": "kim-1"},
            "matching PUT /v1/policies/{name}": {"minimum_score": 0.4, "proposals": 3, "max_open": 10},
            "notifications PUT /v1/recipients/{member_id}": a_recipient(ids["published"]),
            "notifications PUT /v1/recipients/{member_id}/preferences": {"digest": True},
            "notifications POST /v1/webhooks": HOOK,
            "notifications PATCH /v1/webhooks/{webhook_id}": {"state": "enabled"},
            "notifications POST /v1/webhooks/{webhook_id}/replay": {"from": ids["event_id"]},
            "translation PUT /v1/glossary": {"id": "word", "ko": "낱말", "zh": "词", "en": "word", "topic": "test"},
            "translation PUT /v1/texts/{text_id}/{lang}": {"text": "转让车载激光雷达的信号处理技术"},
        }.get(operation)

    def query(self, operation: str) -> dict[str, str]:
        return {
            "matching GET /v1/matches": {"profile_id": self.ids["published"]},
            "matching GET /v1/meetings": {"profile_id": self.ids["published"]},
            "matching GET /v1/forums/{forum_id}/plans/{number}/changes": {"since": "6"},
            "matching GET /v1/slots": {"match_id": self.ids["match_id"]},
            "matching GET /v1/table-schedule.html": {"place": "A-12"},
            "matching GET /v1/table-schedule.pdf": {"place": "A-12"},
            "matching GET /v1/interpreter-schedule.html": {"forum_id": "f", "interpreter": "lee-1"},
            "matching GET /v1/interpreter-schedule.pdf": {"forum_id": "f", "interpreter": "lee-1"},
            "matching GET /v1/table-code": {"place": "A-12"},
            "matching GET /v1/table-code.svg": {"place": "A-12"},
        }.get(operation, {})

    def path(self, operation: str) -> str:
        service, _, template = operation.split()
        profile_id = self.ids[{"profiles": "draft", "notifications": "second"}.get(service, "published")]
        names = {"token": "x", "lang": "zh", "kind": "full", "what": "table", "thing_id": "A-1"}
        return template.format(**{**names, **self.ids, "profile_id": profile_id})

    async def status(self, client: httpx2.AsyncClient, operation: str, caller: str) -> int:
        service, method, _ = operation.split()
        headers = {}
        if method in ("POST", "PUT", "PATCH", "DELETE") and not operation.endswith("{member_id}"):
            headers["If-Match"] = '"999"'  # the one who may is told so, and nothing is changed
        if (who := CALLERS[caller]) is not None:
            token = self.tokens.get(caller) or self.tokens.setdefault(caller, self.token(*who))
            headers["Authorization"] = f"Bearer {token}"
            if " /board/" in operation:  # pages take the cookie alone, from a form of their own site
                del headers["Authorization"]
                headers |= {"Cookie": f"magpie_token={token}", "Origin": self.system.system.urls(service)[0]}
        url = self.system.system.urls(service)[0] + self.path(operation)
        client.cookies.clear()
        body, query = self.body(operation), self.query(operation)
        request = client.build_request(method, url, headers=headers, json=body, params=query)
        answer = await client.send(request, stream=True)
        await answer.aclose()
        return int(answer.status_code)

    def token(self, org: str, role: str, sub: str) -> str:
        return mint(org=org, role=role, sub=sub, state_dir=self.system.system.directory)


async def operations(system: Whole) -> list[str]:
    """`service METHOD path` of every operation that the services document."""
    found = []
    for service in PORTS:
        async with httpx2.AsyncClient() as client:
            document = (await client.get(f"{system.system.urls(service)[0]}/openapi.json")).json()
        found += [f"{service} {method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    return found


@pytest.fixture
async def world(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[World]:
    async with whole(a_system(tmp_path, servers, run_id, free_base()), run_id) as system:
        forum = Forum(system)
        published = await forum.publish(forum.kr, korean())
        partner = await forum.publish(forum.cn, chinese())
        draft = (await ok(forum.kr["profiles"].post("/v1/profiles", json=korean()), 201))["profile_id"]
        second = await forum.publish(forum.kr, korean())
        for profile_id in (published, second):
            await forum.registered(profile_id, forum.kr["notifications"], "kim-1")
        match_id = await forum.agreed(published)
        meeting_id = await forum.requested(match_id)
        text = text_id(Text(**korean()["offers"][0]["text"]))
        reader = system.client("translation", "other-firm", role="reader")

        async def translated() -> bool:
            return (await reader.get(f"/v1/texts/{text}")).status_code == 200

        await eventually(translated, "its text is known")
        kic = system.client("matching", "kic-office", role="organiser")
        opened = await kic.post("/v1/rounds", json={})
        forum_id = (await ok(kic.post("/v1/forums", json=forum_body()), 201))["forum_id"]
        await ok(kic.post(f"/v1/forums/{forum_id}/open"), 200)
        await ok(forum.kr["matching"].put(f"/v1/forums/{forum_id}/registrations/{published}", json=DELEGATES), 200)
        ids = {"published": published, "partner": partner, "draft": draft, "second": second, "match_id": match_id}
        ids |= {"round_id": opened.json()["round_id"], "name": "live", "forum_id": forum_id}
        ids["number"] = "7"
        office = system.client("notifications", "kic-office", role="organiser")
        ids["webhook_id"] = (await ok(office.post("/v1/webhooks", json=HOOK), 201))["webhook_id"]
        ids["event_id"] = (await ok(office.post(f"/v1/webhooks/{ids['webhook_id']}/test"), 202))["event_id"]
        yield World(system, {**ids, "meeting_id": meeting_id, "member_id": "kim-1", "text_id": text})


@pytest.mark.long
@pytest.mark.timeout(480)
async def test_every_route_is_open_to_whom_the_table_says(world: World) -> None:
    documented = await operations(world.system)
    table = {f"{service} {operation}": who for service, lines in TABLE.items() for operation, who in lines.items()}
    assert set(documented) == set(table), "each route has a line, and no line is of a route that has gone"
    wrong = []
    # What deletes comes last, and a part before its whole.
    async with httpx2.AsyncClient(timeout=20) as client:
        for operation in sorted(documented, key=lambda named: (" DELETE " in named, -len(named))):
            found = {caller: await world.status(client, operation, caller) for caller in CALLERS}
            assert max(found.values()) < 500, (operation, found)
            if {caller for caller, status in found.items() if status not in DENIED} != table[operation]:
                wrong.append((operation, found))
    assert wrong == []
