"""What profiles has said a moment ago is waited for, and a read that waits takes no turn from the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.system import Servers
from schemas.profiles import ProfileState
from services.chassis.http.arrivals import Arrivals
from services.chassis.http.read_turns import Turn
from services.chassis.model.ids import fresh_id
from services.matching.app import build
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from tests.support.contract import chinese_profile, korean_profile, publish
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually


@pytest.fixture
async def one_turn(servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder) -> AsyncIterator[Running]:
    """One read of an organisation at a time."""
    chassis = chassis_settings(servers, run_id, tmp_path, reads_at_once=1)
    async with running(build(chassis, MatchingSettings(), encoder=encoder)) as service:
        yield service


async def tell(service: Running, event: ProfileState, id: str) -> None:
    settings = service.service.settings
    await publish(settings.kafka_bootstrap, settings.topic_prefix, event, key=id, sequence=1)


def waits_of(service: Running) -> Arrivals:
    found: Arrivals = service.service.app.state.arrivals
    found._seconds = 60.0  # this machine may be slow
    return found


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/matches?profile_id={id}", None),
        ("GET", "/v1/meetings?profile_id={id}", None),
        ("GET", "/v1/profiles/{id}/exclusions", None),
        ("PUT", "/v1/profiles/{id}/exclusions", {"profiles": []}),
        ("POST", "/v1/matches", {"profile_id": "", "partner_id": ""}),
    ],
)
async def test_a_question_about_a_profile_may_come_before_it(
    matching: Running, method: str, path: str, body: dict[str, object] | None
) -> None:
    waits, id, partner = waits_of(matching), fresh_id(), fresh_id()
    ids = {"profile_id": id, "partner_id": partner}
    sent = {name: ids.get(name, value) for name, value in (body or {}).items()}
    client = matching.client("hanbit")
    asked = asyncio.create_task(client.request(method, path.format(id=id), json=sent or None))
    await eventually(lambda: waits._waiting.total() == 1 or asked.done(), "it waits")
    await tell(matching, korean_profile(id), id)
    if method == "POST":
        await tell(matching, chinese_profile(partner), partner)
    assert (await asked).status_code in (200, 201), (await asked).text


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_read_that_waits_leaves_its_turn(
    one_turn: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(Turn, "leave", lambda self: None)
    waits, known = waits_of(one_turn), fresh_id()
    await tell(one_turn, korean_profile(known), known)
    client = one_turn.client("hanbit")
    asked = asyncio.create_task(client.get(f"/v1/matches?profile_id={fresh_id()}"))
    await eventually(lambda: waits._waiting.total() == 1, "it waits")
    other = asyncio.create_task(client.get(f"/v1/matches?profile_id={known}"))
    done, _ = await asyncio.wait([other], timeout=30 if guarded else 1)
    assert bool(done) is guarded
    asked.cancel()
    other.cancel()
    await asyncio.gather(asked, other, return_exceptions=True)
