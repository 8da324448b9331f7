"""Texts in the manner of real brochures go through the API to the topic as they are: lists, prices, awards, hashtags,
emoji, mixed script, 2,000 characters. They are matched, translated and mailed."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from bench.evaluation.lines import lines
from deploy.local.services import free_base
from deploy.local.system import Servers
from schemas.common import Text, text_id
from tests.support.kafka import read_all
from tests.support.postbox import Postbox, confirmation_path
from tests.support.two_sides import ok
from tests.support.waiting import eventually
from tests.support.whole import Whole, a_system, whole

SOME_TIME = 180.0


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as box:
        yield box


@pytest.fixture
async def system(servers: Servers, run_id: str, tmp_path: Path, postbox: Postbox) -> AsyncIterator[Whole]:
    mail = {"HOST": postbox.host, "PORT": str(postbox.port), "TLS": "none", "RETRY_SECONDS": "0.5"}
    settings = {f"MAGPIE_NOTIFICATIONS_SMTP_{name}": value for name, value in mail.items()}
    settings["MAGPIE_NOTIFICATIONS_TRANSLATION_WAIT_SECONDS"] = "2"
    async with whole(a_system(tmp_path, servers, run_id, free_base(), **settings), run_id) as found:
        yield found


def plain(text: str) -> str:
    """What becomes of what word processors paste; all else stays, code point by code point."""
    unpasted = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    return "".join("•" if "\uf020" <= c <= "\uf0ff" else c for c in unpasted)


def a_body(line: dict[str, Any]) -> dict[str, Any]:
    said = {"kind": line["kind"], "text": {"lang": line["lang"], "text": line["text"]}}
    organisation = line["organisation"]
    lang = "ko" if organisation["country"] == "KR" else "zh"
    return {
        "organisation": {
            "type": "company",
            "country": organisation["country"],
            "names": {lang: organisation["name"]},
            "legal_name": organisation["name"],
        },
        "languages": [lang],
        f"{line['side']}s": [said],
    }


def address(n: int) -> str:
    return f"person@real-{n}.example"


async def registered(system: Whole, postbox: Postbox, n: int, line: dict[str, Any]) -> str:
    """A draft, and a member who hears of it by mail at an address that it has confirmed."""
    created = await ok(system.client("profiles", f"real-{n}").post("/v1/profiles", json=a_body(line)), 201)
    is_korean = line["organisation"]["country"] == "KR"
    wish = {
        "profile_id": created["profile_id"],
        "lang": "ko" if is_korean else "zh",
        "zone": "Asia/Seoul" if is_korean else "Asia/Shanghai",
        "email": address(n),
        "channels": ["inbox", "email"],
    }
    member = system.client("notifications", f"real-{n}", sub=f"person-{n}")
    await ok(member.put(f"/v1/recipients/person-{n}", json=wish), 201)
    asks = await eventually(lambda: postbox.take_confirmation(address(n)), "a mail to confirm the address", SOME_TIME)
    confirmed = await member.post(confirmation_path(asks))
    assert confirmed.status_code == 200
    return str(created["profile_id"])


@pytest.mark.long
async def test_real_texts_are_taken_as_they_are_matched_translated_and_mailed(system: Whole, postbox: Postbox) -> None:
    real = lines("real")
    assert len(real) >= 60 and max(len(line["text"]) for line in real) > 1600
    ids = await asyncio.gather(*(registered(system, postbox, n, line) for n, line in enumerate(real)))
    clients = [system.client("profiles", f"real-{n}") for n, _ in enumerate(real)]
    await asyncio.gather(*(ok(c.post(f"/v1/profiles/{id}/publish"), 200) for c, id in zip(clients, ids, strict=True)))

    async def on_topic() -> Any:
        records = await read_all(system.bootstrap, f"{system.prefix}.profiles.v1")
        found = {(r.key or b"").decode(): json.loads(r.value) for r in records if r.value}
        return found if all(found.get(id, {}).get("state") == "published" for id in ids) else None

    states = await eventually(on_topic, "all profiles stand published on the topic", SOME_TIME)
    for id, line in zip(ids, real, strict=True):
        assert states[id][f"{line['side']}s"][0]["text"]["text"] == plain(line["text"])

    await eventually(lambda: _all_matched(system, ids), "all are embedded and judged", SOME_TIME)
    translated = await asyncio.gather(*(_translated(system, line) for line in real[:10]))
    assert [one["original"]["text"] for one in translated] == [plain(line["text"]) for line in real[:10]]

    told = await eventually(lambda: _told(system, postbox, ids), "who was matched has mail", SOME_TIME)
    assert {real[n]["organisation"]["country"] for n, _ in told} == {"KR", "CN"}
    for n, other in told:
        _shown(postbox, n, real[other])


async def _all_matched(system: Whole, ids: list[str]) -> bool:
    """Some have partners among the others, and each of them was judged: none is left to be encoded."""

    def count() -> tuple[int, int, int]:
        with MongoClient[Any](system.system.servers.uri) as client:
            database = client[f"{system.prefix}_matching"]
            judged = database.indexed.count_documents({"_id": {"$in": ids}, "unproposed": []})
            return judged, database.matches.count_documents({}), database.jobs.count_documents({"dead": True})

    judged, matches, dead = await asyncio.to_thread(count)
    assert dead == 0
    return judged == len(ids) and matches > 0


async def _translated(system: Whole, line: dict[str, Any]) -> dict[str, Any]:
    text = Text(lang=line["lang"], text=plain(line["text"]))
    organiser = system.client("translation", "kic-office", role="organiser", sub="kic-1")

    async def there() -> Any:
        answer = await organiser.get(f"/v1/texts/{text_id(text)}")
        return answer.json() if answer.status_code == 200 and answer.json()["translations"] else None

    found: dict[str, Any] = await eventually(there, "a translation", SOME_TIME)
    return found


async def _told(system: Whole, postbox: Postbox, ids: list[str]) -> list[tuple[int, int]]:
    """(who was told, of whom) for all open proposals, once each of them has left with a digest. The digests of the next
    morning leave now: their jobs are due at once, and decide for the morning."""

    def proposals() -> list[tuple[int, int]]:
        with MongoClient[Any](system.system.servers.uri) as client:
            soon = [{"$set": {"run_at": {"$min": ["$run_at", "$$NOW"]}}}]
            jobs = client[f"{system.prefix}_notifications"].jobs
            jobs.update_many({"kind": "digest", "token": {"$exists": False}}, soon)
            found = client[f"{system.prefix}_matching"].matches.find({"state": "proposed"})
            pairs = [[ids.index(party) for party in match["parties"]] for match in found]
        return [pair for one, other in pairs for pair in ((one, other), (other, one))]

    wanted = await asyncio.to_thread(proposals)
    count = {n: sum(who == n for who, _ in wanted) for n, _ in wanted}
    arrived = {n: sum(_proposals(posted.part("html")) for posted in postbox.to(address(n))) for n in count}
    return wanted if all(arrived[n] >= count[n] for n in count) else []


def _proposals(page: str) -> int:
    return page.count("<h2 ")


def _shown(postbox: Postbox, n: int, other: dict[str, Any]) -> None:
    """One of the mails names the other organisation and shows its text as it went in; read from the raw bytes."""
    mails = [posted.mail for posted in postbox.to(address(n))]
    pages = [html.unescape(mail.parts["text/html"].text).replace("\r\n", "\n") for mail in mails]
    name, text = other["organisation"]["name"], plain(other["text"])
    assert any(name in page and text in page for page in pages), (n, name)
    plains = [mail.parts["text/plain"].text for mail in mails]
    assert any(name in told and all(_quoted(line) in told for line in text.splitlines()) for told in plains), (n, name)
    assert all(mail["To"] == f"<{address(n)}>" and mail["Subject"] for mail in mails)


def _quoted(line: str) -> str:
    """As the text of a mail quotes a line: it shows where each one begins."""
    return f"> {line.strip()}".rstrip()
