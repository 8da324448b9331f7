"""The way from a proposal to a meeting is counted, once for each step, by country pair."""

from __future__ import annotations

import datetime as dt

from prometheus_client import REGISTRY

from services.matching import store
from tests.integration.matching.bridge import Bridge
from tests.support.contract import korean_profile
from tests.support.services import Running
from tests.support.waiting import eventually

STEPS = {
    "magpie_matches_total": ("proposed", "accepted", "agreed", "withdrawn"),
    "magpie_meetings_total": ("requested", "booked", "held", "cancelled"),
}


def funnel() -> dict[str, float]:
    labels = {"countries": "CN-KR"}
    found = {
        stage: REGISTRY.get_sample_value(name, {"stage": stage, **labels}) or 0.0
        for name, stages in STEPS.items()
        for stage in stages
    }
    found["to_proposal"] = REGISTRY.get_sample_value("magpie_first_proposal_seconds_count", {"country": "KR"}) or 0.0
    found["to_booking"] = REGISTRY.get_sample_value("magpie_booking_seconds_count", labels) or 0.0
    return found


async def test_each_step_is_counted_once(matching: Running) -> None:
    before = funnel()

    def since() -> dict[str, float]:
        return {name: value - before[name] for name, value in funnel().items() if value != before[name]}

    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    reached = {"proposed": 1, "accepted": 1, "agreed": 1, "to_proposal": 1}
    assert since() == reached
    first, second, *_ = await bridge.free(match_id)
    held = await bridge.booked(match_id, first)
    assert (await bridge.huaqiao.post(f"/v1/meetings/{held['meeting_id']}/confirm")).status_code == 200, "said again"
    await bridge.publish(korean_profile("p-kr"), key="p-kr")  # the same revision once more
    other = await bridge.requested(match_id, second)
    assert (await bridge.hanbit.post(f"/v1/meetings/{other['meeting_id']}/cancel")).status_code == 200
    reached |= {"requested": 2, "booked": 1, "cancelled": 1, "to_booking": 1}
    assert since() == reached

    past = matching.service.database.now() - dt.timedelta(hours=1)
    jobs = matching.service.database.db.jobs
    assert await jobs.count_documents({"kind": "held"}) == 1
    meetings = matching.service.database.db[store.MEETINGS.name]
    await meetings.update_one({"_id": held["meeting_id"]}, {"$set": {"end": past}})
    await jobs.update_one({"kind": "held"}, {"$set": {"run_at": past, "turn": past, "payload.at": past}})

    async def is_held() -> bool:
        return since() == reached | {"held": 1}

    await eventually(is_held, "held")
