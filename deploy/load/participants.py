"""What participants do, as locust runs it: each has an organisation of its own, of one of the two countries in turn."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import uuid
from typing import Any

from locust import FastHttpUser, between, task
from locust.contrib.fasthttp import FastResponse

from deploy.demo.content import COUNTRY_LANGUAGE, COUNTRY_ZONE, organisations
from deploy.load.targets import from_environment
from services.chassis.tokens import mint

TARGETS = from_environment()
"""Checked here too: this file can be given to locust by hand."""
ORGANISATIONS = organisations()
RUN = uuid.uuid4().hex[:8]
NUMBERS = itertools.count()
LATER_SECONDS = 86_400
"""Slots are asked for from tomorrow on."""
Json = dict[str, Any]


class Participant(FastHttpUser):
    """Registers and publishes a profile, then reads, accepts, meets and looks into the inbox until the end."""

    host = TARGETS.urls["profiles"]
    wait_time = between(0.2, 1.0)

    def on_start(self) -> None:
        """The profile, the recipient and the publication; without them there is nothing to do."""
        number = next(NUMBERS)
        organisation = ORGANISATIONS[number % len(ORGANISATIONS)]
        org = f"load-{RUN}-{number}"
        self.sub, self.country = f"{org}-member", organisation.country
        token = mint(org=org, role="participant", sub=self.sub, state_dir=TARGETS.state_dir)
        self.head = {"Authorization": f"Bearer {token}"}
        created = self._ask("POST", "profiles", "/v1/profiles", json=organisation.profile)
        self.profile_id = str(created["profile_id"])
        lang, zone = COUNTRY_LANGUAGE[self.country], COUNTRY_ZONE[self.country]
        registration = {"profile_id": self.profile_id, "lang": lang, "zone": zone}
        self._ask("PUT", "notifications", "/v1/recipients/{sub}", json=registration)
        self._ask("POST", "profiles", "/v1/profiles/{profile_id}/publish")

    @task(5)
    def reads_matches(self) -> None:
        """All of them, newest first."""
        self._matches(None)

    @task(3)
    def accepts(self) -> None:
        """One that waits for this side; 409: it is gone meanwhile."""
        open_ = [m for state in ("proposed", "accepted") for m in self._matches(state)]
        waiting = [match for match in open_ if self.profile_id not in match["accepted_by"]]
        if waiting:
            self._ask("POST", "matching", "/v1/matches/{match_id}/accept", match_id=random.choice(waiting)["match_id"])

    @task(3)
    def requests_a_meeting(self) -> None:
        """At a time at which both sides can."""
        agreed = self._matches("agreed")
        if not agreed:
            return
        match_id = random.choice(agreed)["match_id"]
        start = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=LATER_SECONDS)).isoformat()
        slots = self._ask("GET", "matching", "/v1/slots", params={"match_id": match_id, "from": start, "limit": 20})
        if slots.get("items"):
            at = random.choice(slots["items"])["start"]
            body = {"match_id": match_id, "start": at, "venue": {"kind": "onsite", "place": "Hall A-12"}}
            self._ask("POST", "matching", "/v1/meetings", json=body)

    @task(3)
    def confirms(self) -> None:
        """What the other side has requested; 409: that time is no longer free."""
        meetings = self._list("/v1/meetings", {"profile_id": self.profile_id, "state": "requested"})
        theirs = [meeting for meeting in meetings if meeting["asked_by"] != self.profile_id]
        if theirs:
            meeting = random.choice(theirs)
            body = {"start": meeting["start"], "venue": meeting["venue"]}
            path = "/v1/meetings/{meeting_id}/confirm"
            self._ask("POST", "matching", path, json=body, meeting_id=meeting["meeting_id"])

    @task(4)
    def reads_the_inbox(self) -> None:
        """The newest notices."""
        self._ask("GET", "notifications", "/v1/recipients/{sub}/inbox")

    @task(2)
    def searches(self) -> None:
        """Profiles of the other country."""
        other = "CN" if self.country == "KR" else "KR"
        self._ask("GET", "profiles", "/v1/profiles", params={"country": other})

    @task(1)
    def publishes_again(self) -> None:
        """What is published already stays so, and its search is asked again."""
        self._ask("POST", "profiles", "/v1/profiles/{profile_id}/publish")

    def _matches(self, state: str | None) -> list[Json]:
        return self._list("/v1/matches", {"profile_id": self.profile_id, **({"state": state} if state else {})})

    def _list(self, path: str, params: dict[str, str]) -> list[Json]:
        items: list[Json] = self._ask("GET", "matching", path, params=params).get("items", [])
        return items

    def _ask(self, method: str, service: str, path: str, **more: Any) -> Json:
        """One request, counted under its route. A refusal by a rule (409) and an event that has not arrived yet (404
        with Retry-After) are answers; anything else that is no success is a failure."""
        ids = {"sub": self.sub, "profile_id": getattr(self, "profile_id", "")}
        ids |= {name: more.pop(name) for name in ("match_id", "meeting_id") if name in more}
        headers = self.head | ({"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {})
        url, name = TARGETS.urls[service] + path.format(**ids), f"{service} {path}"
        with self.client.request(method, url, name=name, headers=headers, catch_response=True, **more) as answer:
            return _judged(answer)


def _judged(answer: FastResponse) -> Json:
    if answer.status_code == 409 or (answer.status_code == 404 and "Retry-After" in (answer.headers or {})):
        answer.success()  # type: ignore[no-untyped-call]
        return {}
    found: Json = answer.json() if answer.status_code in (200, 201) else {}
    return found
