"""What a caller writes never harms another caller: not by its patterns, its doubled names, its headers or cursors."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.ports import HOST
from deploy.local.system import Servers
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.integration.http.fuzz import listening
from tests.support.profiles import entry, korean
from tests.support.services import Running, chassis_settings, running

WRITE_SECONDS = 1.0
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MARKS = "a" + "\u0301" * 64_000


@pytest.fixture
async def profiles(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    chassis = chassis_settings(servers, run_id, tmp_path, write_timeout_seconds=WRITE_SECONDS)
    async with running(build(chassis, ProfilesSettings())) as service:
        yield service


def offer(text: str) -> dict[str, Any]:
    return korean(offers=[entry("technology", text)])


FITS = 2000
"""Characters of a text. What is longer is refused before any pattern sees it."""
EXPLODING = {
    "blanks before a mark": offer("QQ" + " " * 1500 + "!"),
    "as many blanks as fit": offer("QQ" + " " * (FITS - 3) + "!"),
    "more blanks": offer("QQ" + " " * 4 * FITS + "!"),
    "combining marks": offer(MARKS[:FITS]),
    "more combining marks": offer(MARKS[: 4 * FITS]),
    "a name of combining marks": korean() | {"organisation": korean()["organisation"] | {"names": {"en": MARKS}}},
    "digits and dashes": offer("0-" * (FITS // 2)),
    "dots and at signs": offer("a." * (FITS // 2 - 1) + "@"),
    "brackets": offer("(" * FITS),
}
PLAIN = offer("A press for battery housings, checked by hand. " * 40)


LOOKS = 4
"""The first also warms up what is compiled at first use, and a busy machine spoils one of them."""


async def quickest(send: Callable[[], Awaitable[httpx2.Response]], *statuses: int) -> float:
    """Seconds of the quickest of some answers, which have one of these statuses."""
    took = list[float]()
    for _ in range(LOOKS):
        began = time.monotonic()
        answer = await send()
        took.append(time.monotonic() - began)
        assert answer.status_code in statuses, answer.text
    return min(took)


@pytest.mark.parametrize("what", EXPLODING)
async def test_no_text_holds_the_loop(what: str, profiles: Running) -> None:
    client = profiles.client("hanbit")
    plain = await quickest(lambda: client.post("/v1/profiles", json=PLAIN), 201)
    took = await quickest(lambda: client.post("/v1/profiles", json=EXPLODING[what]), 201, 422)
    print(f"{took:.3f} s, a plain text {plain:.3f} s")
    assert took < 8 * plain


async def test_a_members_address_of_combining_marks_is_refused_at_once(profiles: Running) -> None:
    client = profiles.client("hanbit")
    id = (await client.post("/v1/profiles", json=korean())).json()["profile_id"]
    member = {
        "name": {"full_native": "김하나", "script": "Hang"},
        "email": MARKS + "@hanbit.example",
        "languages": ["ko"],
    }
    kim = profiles.client("hanbit", sub="kim")
    address = f"/v1/profiles/{id}/members/kim"
    plain = await quickest(lambda: kim.put(address, json=member | {"email": "kim@hanbit.example"}), 200, 201)
    assert await quickest(lambda: kim.put(address, json=member), 422) < 8 * plain
    assert "/email" in (await kim.put(address, json=member)).text


async def test_a_name_that_comes_twice_is_refused(profiles: Running) -> None:
    body = json.dumps(korean())
    doubled = body[:-1] + ', "languages": ["en"]}'
    nested = body.replace('"type": "company"', '"type": "company", "type": "agency"')
    client = profiles.client("hanbit")
    for twice in (doubled, nested):
        answer = await client.post("/v1/profiles", content=twice, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
        assert "twice" in answer.text


async def test_only_a_trace_in_its_form_goes_on_to_the_topics(profiles: Running) -> None:
    client = profiles.client("hanbit")
    private = "kim@people.example 010-1234-5678"
    for sent in (private, TRACE + private, TRACE):
        created = await client.post("/v1/profiles", json=korean(), headers={"traceparent": sent})
        published = f"/v1/profiles/{created.json()['profile_id']}/publish"
        assert (await client.post(published, headers={"traceparent": sent})).status_code == 200
    found = [dict(record.headers).get("traceparent", b"") for record in await profiles.records("profiles")]
    assert TRACE.encode() in found
    assert not any(b"kim" in one or b"010-1234" in one for one in found)


async def test_no_answer_leads_to_the_host_that_a_caller_names(profiles: Running) -> None:
    client = profiles.client("hanbit")
    for path in ("/v1/profiles/", "//v1/profiles", "/livez/", "/docs/"):
        answer = await client.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 404
        assert "evil" not in answer.text and "location" not in answer.headers


CURSORS = [
    "9" * 30,
    '["\\ud800", "seal"]',
    "W10",
    "null",
    "%00",
    "e30",
    "WyJcdWQ4MDAiLCAic2VhbCJd",
    "-" * 2000,
    "[[[[[[",
]


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_cursor_that_we_did_not_write_is_refused(cursor: str, profiles: Running) -> None:
    answer = await profiles.client("hanbit").get("/v1/profiles", params={"cursor": cursor})
    assert 400 <= answer.status_code < 500


async def test_who_may_not_is_told_so_before_a_body_is_looked_at(profiles: Running) -> None:
    answer = await profiles.client("hanbit", role="reader").post("/v1/profiles", content=b"{" * 100_000)
    assert answer.status_code == 403


async def test_who_asks_and_does_not_read_is_closed(profiles: Running) -> None:
    """Each answer would wait in our memory."""
    client = profiles.client("hanbit")
    long = korean(offers=[entry("technology", f"{n} " + "가나다라마바사 " * 240) for n in range(12)])
    created = await client.post("/v1/profiles", json=long)
    assert created.status_code == 201, created.text
    path = created.headers["location"]
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {client.headers['authorization']}\r\n\r\n"
    async with listening(profiles) as port:
        reader, writer = await asyncio.open_connection(HOST, port, limit=1024)
        writer.write((request * 200).encode())
        await asyncio.sleep(3 * WRITE_SECONDS)
        received = 0
        try:
            async with asyncio.timeout(20):
                while block := await reader.read(1 << 20):
                    received += len(block)
        except ConnectionError:
            """Aborted: what waited was thrown away."""
        writer.close()
    assert received < 200 * len(created.content)
