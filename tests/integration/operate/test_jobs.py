"""Dead jobs by the operator's command: they stay visible with their reason, and run again when it is said."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from services.chassis.commit.job_kind import JobKind, Payload
from services.chassis.commit.jobs import Claimed, Job, RunOptions
from services.chassis.commit.unit_of_work import JOBS, UnitOfWork
from services.chassis.model.refusals import Refused
from services.chassis.mongo import OPERATOR_ACTS
from services.operate import store
from services.operate.acts import NotSure, operator
from services.operate.commands import Failed
from services.operate.store import Dead, Store
from tests.integration.chassis.rig import add, running
from tests.integration.operate.conftest import Place
from tests.support.waiting import eventually


class Member(Payload):
    member: str


KINDS = [JobKind("tell", Member), JobKind("ask", Member)]
Ran = Counter[str]


async def dead(place: Place, names: list[str]) -> None:
    """Jobs of both kinds, each dead after two tries."""
    await work(place, names, fail=True, until={"dead": True}, count=2 * len(names))


async def work(
    place: Place, names: list[str], *, fail: bool, until: dict[str, Any] | None = None, count: int = 0
) -> Ran:
    """Plans jobs and runs the workers until so many jobs are as said."""
    ran = Ran()

    async def doing(job: Claimed[Member]) -> None:
        if fail:
            raise Refused("away", "the server is away")
        assert job.tries == 1, "with fresh tries"
        ran[job.id] += 1

    options = RunOptions(max_tries=2, backoff_seconds=0.01)
    jobs = [Job.working(kind, doing, options) for kind in KINDS]
    async with place.rig.commands() as lane:

        async def plan(uow: UnitOfWork) -> None:
            await add("planned")(uow)
            for name in names:
                for kind in KINDS:
                    uow.enqueue(kind, Member(member=f"SECRET:{name}"), cause=name)

        if names:
            await lane.run(plan)
        async with running(place.rig.workers(lane, *jobs).serve()):
            await eventually(lambda: has(place, until or {}, count), f"{count} jobs as {until}")
    return ran


async def has(place: Place, query: dict[str, Any], count: int) -> bool:
    return bool(await place.rig.database.db[JOBS].count_documents(query) == count)


async def listed(place: Place, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    await place.run("jobs", "list", "--json", *words)
    out = capsys.readouterr().out
    assert "SECRET" not in out
    found: list[dict[str, Any]] = json.loads(out)["jobs"]
    return found


async def test_dead_jobs_say_why_and_run_again_once(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    await dead(place, ["a", "b"])
    found = await listed(place, capsys)
    assert [job["id"] for job in found] == [f"matching/{kind}/{name}" for kind in ("ask", "tell") for name in "ab"]
    assert {(job["reason"], job["state"], job["tries"]) for job in found} == {
        ("Refused: the server is away", "dead", 2)
    }
    assert all(job["died_at"] for job in found)
    await place.run("jobs", "retry", "matching/tell/a", "--yes")
    assert json.loads(capsys.readouterr().err)["jobs"] == {"matching": 1}["matching"]
    assert [job["id"] for job in await listed(place, capsys, "--state", "due")] == ["matching/tell/a"]
    await place.run("jobs", "retry", "--kind", "ask", "--yes")
    await place.run("jobs", "retry", "--all", "--yes")
    with pytest.raises(Failed, match="no such job"):
        await place.run("jobs", "retry", "--all", "--yes")
    assert await work(place, [], fail=False) == {f"{kind}/{name}": 1 for kind in ("ask", "tell") for name in "ab"}
    acts = await place.rig.database.db[OPERATOR_ACTS].find().sort("_id", 1).to_list(None)
    assert [(act["act"], act["by"], len(act["jobs"])) for act in acts] == [
        ("jobs retry", operator(), n) for n in (1, 2, 1)
    ]


async def test_a_job_that_is_not_dead_is_left_alone(place: Place) -> None:
    await dead(place, ["a"])
    jobs = place.rig.database.db[JOBS]
    await place.run("jobs", "retry", "--all", "--yes")
    await jobs.update_many({}, {"$set": {"tries": 1, "token": "held"}})
    before = await jobs.find().sort("_id", 1).to_list(None)
    with pytest.raises(Failed, match="no such job"):
        await place.run("jobs", "retry", "matching/tell/a", "matching/none/x", "--yes")
    async with Store("matching", place.installation.settings) as found:
        assert await found.revive(Dead(ids=["tell/a"]), by="ops") == 0
    assert await jobs.find().sort("_id", 1).to_list(None) == before


async def test_nothing_is_changed_before_it_is_confirmed(place: Place) -> None:
    await dead(place, ["a"])
    with pytest.raises(NotSure, match="--yes"):
        await place.run("jobs", "retry", "--all")
    assert await has(place, {"dead": True}, 2)


async def test_one_command_revives_a_bounded_number_and_says_what_is_left(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await dead(place, ["a", "b"])
    assert len(await listed(place, capsys, "--limit", "3")) == 3
    monkeypatch.setattr(store, "MAX_REVIVED", 3)
    await place.run("jobs", "retry", "--all", "--yes")
    assert "1 are still dead" in capsys.readouterr().out
