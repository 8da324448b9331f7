"""Who publishes much keeps no one else waiting, although jobs are encoded together."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.local.system import Servers
from schemas.common import Text
from services.chassis.mongo import fair_turns
from services.matching.app import build
from services.matching.domain.indexed_profile import EncodedText
from services.matching.embedders import CharacterEncoder
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import seeker, settled
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

FLOOD, AT_ONCE = 100, 32


class Noted(Encoder):
    """Notes the order of texts, and begins when the test says so."""

    def __init__(self) -> None:
        super().__init__(CharacterEncoder())
        self.may_go, self.order = threading.Event(), list[str]()

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        assert self.may_go.wait(60)
        self.order += [text.text for text in texts]
        return super().encode(texts)


async def due(matching: Running, profile_id: str) -> bool:
    job = {"kind": "embed", "payload.profile_id": profile_id, "$expr": {"$lte": ["$run_at", "$$NOW"]}}
    return await matching.service.database.db.jobs.find_one(job) is not None


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_profile_alone_is_encoded_before_most_of_a_flood(
    servers: Servers, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(fair_turns, "SPACING", dt.timedelta(0))
    noted, chassis = Noted(), chassis_settings(servers, run_id, tmp_path)
    async with running(build(chassis, MatchingSettings(), encoder=noted)) as matching:
        bridge = Bridge(matching)

        async def planned(count: int) -> None:
            jobs = matching.service.database.db.jobs

            async def there() -> bool:
                return await jobs.count_documents({"kind": "embed"}) == count

            await eventually(there, f"{count} profiles wait")

        for n in range(FLOOD):
            one = seeker(f"f{n}", f"요구 {n}").model_copy(update={"owner": "flood"})
            await bridge.publish(one, key=one.profile_id)
        await planned(FLOOD)
        await bridge.publish(seeker("alone", "혼자"), key="alone")
        await planned(FLOOD + 1)
        await eventually(lambda: due(matching, "alone"), "by mongod's clock it may run")
        noted.may_go.set()
        await settled(matching)
    place = noted.order.index("혼자")
    assert len(noted.order) == FLOOD + 1 and (place <= 2 * AT_ONCE) is guarded
