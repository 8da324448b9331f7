"""Dead letters by the operator's command: listed, shown, sent again, dropped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.events import Incoming
from services.chassis.model.refusals import Refused
from services.chassis.mongo import OPERATOR_ACTS
from services.operate import letters
from services.operate.acts import NotSure, operator
from services.operate.bus import Bus
from services.operate.commands import Failed
from services.operate.store import Store
from tests.integration.chassis.rig import Noted, count
from tests.integration.operate.conftest import Place
from tests.support.kafka import ce_headers, read_all, send

ROOT = Path(__file__).parents[3]


async def refuses(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    raise Refused("closed", "not taken")


async def listed(place: Place, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    await place.run("deadletters", "list", "--json", *words)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["letters"]
    return found


async def sent_again(place: Place) -> list[Any]:
    await place.rig.drain()
    return await read_all(place.rig.bootstrap, place.retries)


async def test_a_letter_goes_to_its_service_again_and_has_its_effect_once(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    await place.fill(3)
    await place.take(place.profiles, refuses)
    found = await listed(place, capsys)
    assert {letter["event"] for letter in found} == {"e0", "e1", "e2"}
    assert all(letter["reason"] == "Refused: not taken" and letter["handled"] is None for letter in found)
    public = len(await read_all(place.rig.bootstrap, place.profiles))

    await place.run("deadletters", "resend", found[0]["id"], "--yes")
    assert json.loads(capsys.readouterr().err)["by"] == operator()
    await place.run("deadletters", "resend", "--all", "--yes")
    assert await listed(place, capsys) == []
    assert {letter["handled"]["act"] for letter in await listed(place, capsys, "--all")} == {"resend"}

    again = await sent_again(place)
    assert {dict(r.headers)["ce_id"] for r in again} == {b"e0", b"e1", b"e2"} and len(again) == 3
    assert len(await read_all(place.rig.bootstrap, place.profiles)) == public
    await place.take(place.retries, count)
    assert await place.rig.tally() == 3


async def test_a_letter_is_sent_again_once_however_often_it_is_said(place: Place) -> None:
    await place.fill(1)
    await place.take(place.profiles, refuses)
    [id] = await open_ids(place)
    await place.run("deadletters", "resend", id, "--yes")
    with pytest.raises(Failed, match="Not all"):
        await place.run("deadletters", "resend", id, "--yes")
    with pytest.raises(Failed, match="no open dead letters"):
        await place.run("deadletters", "resend", "--all", "--yes")
    with pytest.raises(Failed, match="Not all"):
        await place.run("deadletters", "drop", id, "--yes")
    assert len(await sent_again(place)) == 1


async def open_ids(place: Place) -> list[str]:
    settings = place.installation.settings
    async with Store("matching", settings) as store, Bus(settings.kafka) as bus:
        found = await letters.open_letters(letters.Scan("matching", place.dead_letters), bus, store)
    return [one.id for one in found]


async def test_a_letter_that_is_dropped_is_not_listed_any_more_and_stays_on_its_topic(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    await place.fill(2)
    await place.take(place.profiles, refuses)
    first, second = await open_ids(place)
    await place.run("deadletters", "drop", first, "--yes")
    assert await open_ids(place) == [second]
    assert len(await read_all(place.rig.bootstrap, place.dead_letters)) == 2
    [act] = await place.rig.database.db[OPERATOR_ACTS].find().to_list(None)
    assert (act["act"], act["by"], act["letter"]) == ("drop", operator(), first)
    assert await sent_again(place) == []


async def test_nothing_is_changed_before_it_is_confirmed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.fill(1)
    await place.take(place.profiles, refuses)
    [id] = await open_ids(place)
    for act in ("resend", "drop"):
        with pytest.raises(NotSure, match="--yes"):
            await place.run("deadletters", act, id)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "readline", lambda: "no\n", raising=False)
    with pytest.raises(NotSure):
        await place.run("deadletters", "resend", "--all")
    assert await open_ids(place) == [id] and await place.rig.count_rows() == 0


async def test_what_a_stranger_wrote_is_shown_where_it_is_asked_for_and_escaped(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = [*ce_headers("e", "magpie.note.noted", 1), ("x\x1b[2J", b"\x1b[31mkim@example.org\xff")]
    await send(place.rig.bootstrap, place.profiles, [(b"k", b"{\x1b]0;SECRET", odd)])
    await place.take(place.profiles, count)
    [id] = await open_ids(place)
    await place.run("deadletters", "list")
    await place.run("deadletters", "show", id)
    shown = capsys.readouterr().out
    assert "SECRET" not in shown and "\x1b" not in shown and "kim@" in shown
    await place.run("deadletters", "show", id, "--value", "--json")
    out = capsys.readouterr().out
    assert json.loads(out)["value"] == "{\\x1b]0;SECRET" and "\x1b" not in out


async def test_a_letter_that_a_relay_has_sent_twice_is_one(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    await place.fill(1)
    await place.take(place.profiles, refuses)
    [record] = await read_all(place.rig.bootstrap, place.dead_letters)
    await send(place.rig.bootstrap, place.dead_letters, [(record.key, record.value, record.headers)])
    assert len(await listed(place, capsys)) == 1
    await place.run("deadletters", "resend", "--all", "--yes")
    assert await listed(place, capsys) == [] and len(await sent_again(place)) == 1


@pytest.mark.parametrize(
    ("value", "headers", "why"),
    [
        (b"x", {}, "does not say"),
        (b"x", {"dlq_topic": "{retries}", "dlq_partition": "0", "dlq_offset": "0"}, "does not say"),
        (b"x", {"dlq_topic": "{profiles}", "dlq_partition": "0", "dlq_offset": "0", "dlq_resent": "5"}, "5 times"),
        (
            b"x",
            {"dlq_topic": "{profiles}", "dlq_partition": "0", "dlq_offset": "0", "dlq_value_cut_from": "2000000"},
            "2000000 bytes",
        ),
    ],
)
async def test_what_cannot_be_sent_again_says_why_and_stays_open(
    place: Place, capsys: pytest.CaptureFixture[str], value: bytes, headers: dict[str, str], why: str
) -> None:
    named = {n: t.format(retries=place.retries, profiles=place.profiles) for n, t in headers.items()}
    await send(place.rig.bootstrap, place.dead_letters, [(b"k", value, ce_headers("e", "x", 1, **named))])
    capsys.readouterr()
    with pytest.raises(Failed, match="Not all"):
        await place.run("deadletters", "resend", "--all", "--yes")
    assert why in capsys.readouterr().out
    assert len(await open_ids(place)) == 1 and await place.rig.count_rows() == 0


async def test_one_command_changes_a_bounded_number(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.fill(5)
    await place.take(place.profiles, refuses)
    assert len(await listed(place, capsys, "--limit", "2")) == 2
    monkeypatch.setattr(letters, "MAX_AT_ONCE", 3)
    await place.run("deadletters", "resend", "--all", "--yes")
    assert len(await open_ids(place)) == 2
    monkeypatch.setattr(letters, "MAX_HELD_BYTES", 1)
    await place.run("deadletters", "resend", "--all", "--yes")
    assert len(await open_ids(place)) == 1


async def test_a_command_that_is_killed_is_said_again_and_nothing_is_sent_twice(place: Place) -> None:
    """kill -9 after each act that it reports, until nothing is left."""
    await place.fill(12)
    await place.take(place.profiles, refuses)
    command = [sys.executable, "-m", "services.operate", "deadletters", "resend", "--all", "--yes"]
    kills = 0
    while await open_ids(place):
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=os.environ | place.environment(), stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr
        for _ in range(3):
            if not await process.stderr.readline():
                break
        if process.returncode is None:
            process.kill()
        kills += await process.wait() == -signal.SIGKILL
    assert kills >= 2
    again = await sent_again(place)
    assert sorted(dict(r.headers)["ce_id"] for r in again) == sorted(b"e%d" % n for n in range(12))


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_letter_is_marked_and_sent_in_one_transaction(
    guarded: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a command that ends between the two would lose the letter: marked as handled, and sent nowhere."""

    async def one_by_one(self: Store, change: Callable[[Any], Any]) -> Any:
        return await change(None)

    def ends(at: int) -> dict[str, Any]:
        raise OSError("killed")

    if not guarded:
        monkeypatch.setattr(Store, "_transact", one_by_one)
    async with Store("matching", place.installation.settings) as store:
        with pytest.raises(OSError, match="killed"):
            await store.handle("digest", act="resend", by="ops", place="matching/0/0", row=ends)
        assert (await store.handled(["digest"]) == {}) is guarded


async def test_two_operators_at_once_send_each_letter_once(place: Place) -> None:
    await place.fill(10)
    await place.take(place.profiles, refuses)
    words = ("deadletters", "resend", "--all", "--yes")
    await asyncio.gather(place.run(*words), place.run(*words), place.run(*words), return_exceptions=True)
    assert await open_ids(place) == []
    again = await sent_again(place)
    assert sorted(dict(r.headers)["ce_id"] for r in again) == sorted(b"e%d" % n for n in range(10))
