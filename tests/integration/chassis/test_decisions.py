"""Promises 1, 2, 3 and 8: no lost update, no write skew; a refusal leaves nothing; nothing goes back in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import AsyncMock

import pytest

from schemas.envelope import Event
from services.chassis.commit.commands import Commands, NotDone
from services.chassis.commit.committer import bulk
from services.chassis.commit.draft import Draft
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.documents import Ref
from services.chassis.model.failures import Rejected
from services.chassis.model.refusals import InvalidState, Refused
from services.chassis.mongo.database import Database
from tests.integration.chassis.rig import ALL, NOTES, OTHERS, TALLIES, Decide, Note, Noted, NoteErased, Rig, Tally, add
from tests.support.moments import many_moments


async def test_decisions_of_one_batch_see_each_other(rig: Rig, lane: Commands) -> None:
    """Twenty commands on one aggregate at once share transactions and still count."""
    assert await asyncio.gather(*(lane.run(add("one")) for _ in range(20))) == list(range(1, 21))
    stored = await rig.database.one(NOTES, "one")
    assert stored and (stored.revision, stored.total, await rig.count_rows()) == (20, 20, 20)


async def test_two_replicas_on_one_aggregate_lose_no_update(rig: Rig) -> None:
    async with rig.commands() as one, rig.commands() as other:
        calls = [lane.run(add("hot"), patient=True) for lane in (one, other) for _ in range(40)]
        assert sorted(await asyncio.gather(*calls)) == list(range(1, 81))
    rows = await rig.database.db.outbox.find().sort("_id", 1).to_list(None)
    assert [int(row["headers"]["ce_sequence"]) for row in rows] == list(range(1, 81))


def interrupted(once: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """Somebody else's whole command, in the middle of the first try of ours: after it has read, before it commits."""
    happened = False

    async def interrupt() -> None:
        nonlocal happened
        if not happened:
            happened = True
            await once()

    return interrupt


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_update_between_read_and_commit_is_not_lost(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the revision as the condition of the write, the other one's is overwritten."""
    if not guarded:
        monkeypatch.setattr("services.chassis.commit.unit_of_work.as_read", lambda before: {"_id": before["_id"]})
    async with rig.commands() as one, rig.commands() as other:
        interrupt = interrupted(lambda: other.run(add("hot")))

        async def slow_add(uow: UnitOfWork) -> None:
            note = await uow.get(NOTES, "hot")
            assert note
            await interrupt()
            uow.put(NOTES, note.model_copy(update={"total": note.total + 1}), Noted(n=1))

        await one.run(add("hot"))
        await one.run(slow_add)
    stored = await rig.database.one(NOTES, "hot")
    assert stored and stored.total == (3 if guarded else 2)


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_expects_a_document_is_seen_by_who_writes_it(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One looks for what depends on a document, finds nothing, and ends it. Another one adds it meanwhile, and expects
    the document, which stands until the first one commits: it would be left behind."""
    if not guarded:
        by_revision = {"_id": "hot"}
        monkeypatch.setattr(
            "services.chassis.commit.unit_of_work.as_read",
            lambda before: by_revision | {"revision": before["revision"]},
        )

    async def depend(uow: UnitOfWork) -> None:
        await uow.get(NOTES, "hot")
        uow.expect(NOTES, "hot")
        await uow.create(NOTES, Note(id="dependent", total=1), Noted(n=1))

    async with rig.commands() as one, rig.commands() as other:
        interrupt, found = interrupted(lambda: other.run(depend)), list[bool]()

        async def end(uow: UnitOfWork) -> None:
            note = await uow.get(NOTES, "hot")
            assert note
            found.append(await uow.get(NOTES, "dependent") is not None)
            await interrupt()
            uow.put(NOTES, note.model_copy(update={"total": 0}), Noted(n=0))

        await one.run(add("hot"))
        await one.run(end)
    assert found == ([False, True] if guarded else [False])


@pytest.mark.parametrize("guarded", [True, False])
async def test_all_that_is_read_stood_there_at_one_moment(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten are on two lists. Some go from one to the other while a decision has read the first and not yet the second:
    it writes neither, so nothing but what it reads can tell it that they are ten."""
    if not guarded:
        monkeypatch.setattr(Database, "one_moment", many_moments)

    async def go(uow: UnitOfWork) -> None:
        for id, more in (("here", -3), ("there", 3)):
            note = await uow.get(OTHERS, id)
            assert note is not None
            uow.put(OTHERS, note.model_copy(update={"total": note.total + more}))

    await rig.database.db.others.insert_many(
        [{"_id": id, "revision": 1, "at": 1, "on": True, "total": 5} for id in ("here", "there")]
    )
    async with rig.commands() as one, rig.commands() as other:
        interrupt = interrupted(lambda: other.run(go))

        async def add_up(uow: UnitOfWork) -> None:
            here = await uow.get(OTHERS, "here")
            await interrupt()
            there = await uow.get(OTHERS, "there")
            assert here and there
            await uow.create(OTHERS, Note(id="both", total=here.total + there.total))

        await one.run(add_up)
    both = await rig.database.one(OTHERS, "both")
    assert both and both.total == (10 if guarded else 13)


@pytest.mark.parametrize("guarded", [True, False])
async def test_documents_that_never_stood_beside_each_other_are_no_failure(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One command makes two documents; the other reads the first before and the second after. It must not fail at the
    second one's being there: it is decided again, and finds both."""
    if not guarded:
        monkeypatch.setattr(Database, "one_moment", many_moments)

    def both(between: Callable[[], Awaitable[None]]) -> Decide:
        async def decide(uow: UnitOfWork) -> None:
            if await uow.get(OTHERS, "first") is not None:
                raise InvalidState("made-before", "Both are there.")
            await between()
            await uow.create(OTHERS, Note(id="second"))
            uow.put(OTHERS, Note(id="first"))

        return decide

    async with rig.commands() as one, rig.commands() as other:
        interrupt = interrupted(lambda: other.run(both(AsyncMock())))
        with pytest.raises(InvalidState if guarded else LookupError):
            await one.run(both(interrupt))


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_found_as_it_is_wanted_must_still_be_so(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both say how two documents must be. Each finds one of them as it wants it, and would write the other one only:
    the two would not be as either of them has said."""
    if not guarded:
        monkeypatch.setattr(Draft, "must_stand", property(lambda draft: draft.expected))

    def say(on: bool, between: Callable[[], Awaitable[None]]) -> Decide:
        async def decide(uow: UnitOfWork) -> None:
            found = [await uow.get(OTHERS, id) for id in ("first", "second")]
            await between()
            for note in found:
                assert note is not None
                uow.put(OTHERS, note.model_copy(update={"on": on}))

        return decide

    await rig.database.db.others.insert_many(
        [{"_id": id, "revision": 1, "at": 1, "on": id == "first", "total": 0} for id in ("first", "second")]
    )
    async with rig.commands() as one, rig.commands() as other:
        await one.run(say(True, interrupted(lambda: other.run(say(False, AsyncMock())))))
    found = {note.id: note.on for note in await rig.database.find(OTHERS, {})}
    assert found == {"first": guarded, "second": True}


@pytest.mark.parametrize("guarded", [True, False])
async def test_write_skew_is_caught_by_expect(guarded: bool, rig: Rig) -> None:
    """At least one doctor stays on call. Two replicas decide at once; without `expect` both leave."""

    def leave(me: str, other: str, interrupt: Callable[[], Awaitable[None]]) -> Decide:
        async def decide(uow: UnitOfWork) -> None:
            mine, theirs = await uow.get(OTHERS, me), await uow.get(OTHERS, other)
            await interrupt()
            if not theirs or not theirs.on:
                return
            if guarded:
                uow.expect(OTHERS, other)
            uow.put(OTHERS, (mine or Note(id=me)).model_copy(update={"on": False}))

        return decide

    async def nobody() -> None:
        """Nothing comes between."""

    await rig.database.db.others.insert_many(
        [{"_id": x, "revision": 1, "at": 1, "on": True, "total": 0} for x in ("a", "b")]
    )
    async with rig.commands() as one, rig.commands() as another:
        interrupt = interrupted(lambda: another.run(leave("b", "a", nobody)))
        await one.run(leave("a", "b", interrupt))
    on_call = await rig.database.db.others.count_documents({"on": True})
    assert on_call == (1 if guarded else 0)


async def test_an_absent_document_can_be_expected(rig: Rig) -> None:
    """Each comes only if the other is not there: the second to commit must decide again."""

    def come(me: str, other: str, interrupt: Callable[[], Awaitable[object]]) -> Decide:
        async def decide(uow: UnitOfWork) -> bool:
            theirs = await uow.get(OTHERS, other)
            await uow.get(OTHERS, me)
            await interrupt()
            if theirs:
                return False
            uow.expect(OTHERS, other)
            uow.put(OTHERS, Note(id=me))
            return True

        return decide

    async def nobody() -> None:
        """Nothing comes between."""

    came: list[bool] = []
    async with rig.commands() as one, rig.commands() as another:

        async def other_comes() -> None:
            came.append(await another.run(come("b", "a", nobody)))

        came.append(await one.run(come("a", "b", interrupted(other_comes))))
    assert came == [True, False]


async def test_an_equal_write_writes_and_tells_nothing(rig: Rig, lane: Commands) -> None:
    await lane.run(add("x"))
    assert await lane.run(add("x", 0)) == 1
    stored = await rig.database.one(NOTES, "x")
    assert stored and (stored.revision, await rig.count_rows()) == (1, 1)


async def test_what_was_deleted_and_made_anew_goes_on_counting(rig: Rig, lane: Commands) -> None:
    """Else its new events would carry sequences that every reader has seen."""
    await lane.run(add("x"))

    async def erase(uow: UnitOfWork) -> None:
        note = await uow.get(NOTES, "x")
        assert note
        uow.delete(NOTES, note, NoteErased())

    await lane.run(erase)
    assert await rig.database.one(NOTES, "x") is None
    assert await lane.run(add("x")) == 1
    rows = await rig.database.db.outbox.find().sort("_id", 1).to_list(None)
    assert [int(row["headers"]["ce_sequence"]) for row in rows] == [1, 2, 3]
    assert [row["value"] is None for row in rows] == [False, True, False]
    assert len({row["headers"]["ce_id"] for row in rows}) == 3


async def test_a_refused_command_leaves_nothing_and_disturbs_nobody(rig: Rig, lane: Commands) -> None:
    async def refuse(uow: UnitOfWork) -> None:
        await add("shared", 1000)(uow)
        raise InvalidState("closed", "not today")

    calls = [lane.run(refuse if i % 5 == 2 else add("shared")) for i in range(20)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(a, Refused) for a in answers].count(True) == 4
    assert [a for a in answers if not isinstance(a, Refused)] == list(range(1, 17))
    stored = await rig.database.one(NOTES, "shared")
    assert stored and (stored.revision, await rig.count_rows()) == (16, 16)


async def test_a_write_that_mongod_rejects_is_answered_alone(rig: Rig, lane: Commands) -> None:
    def take(id: str, n: int) -> Decide:
        async def decide(uow: UnitOfWork) -> str:
            await uow.get(TALLIES, id)
            return uow.put(TALLIES, Tally(id=id, unique_n=n)).id

        return decide

    calls = [lane.run(take(f"m{i}", i % 9 + 1)) for i in range(10)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert answers[:9] == [f"m{i}" for i in range(9)]
    assert isinstance(answers[9], Rejected)


async def test_an_event_that_no_broker_would_take_is_refused_when_decided(rig: Rig, lane: Commands) -> None:
    async def shout(uow: UnitOfWork) -> None:
        await uow.get(NOTES, "loud")
        uow.put(NOTES, Note(id="loud"), Noted(n=1, text="소" * 310_000))

    with pytest.raises(Refused, match="larger"):
        await lane.run(shout)
    assert (await rig.database.one(NOTES, "loud"), await rig.count_rows()) == (None, 0)


async def test_misuse_of_the_unit_of_work_is_told_at_once(rig: Rig, lane: Commands) -> None:
    async def unread(uow: UnitOfWork) -> None:
        uow.put(NOTES, Note(id="x"), Noted(n=1))

    async def silent(uow: UnitOfWork) -> None:
        await uow.get(NOTES, "x")
        uow.put(NOTES, Note(id="x"))

    async def stale(uow: UnitOfWork) -> None:
        note = await uow.get(OTHERS, "y") or Note(id="y")
        uow.put(OTHERS, note)
        uow.put(OTHERS, note.model_copy(update={"total": 5}))

    for misuse, error in ((unread, LookupError), (silent, TypeError), (stale, LookupError)):
        with pytest.raises(error):
            await lane.run(misuse)


async def test_a_command_that_cannot_be_done_in_time_is_surely_not_done(rig: Rig) -> None:
    """MongoDB is away: 503 after the wait, and the command does not come to life when MongoDB does."""
    away = Database("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", rig.database.db.name, source="/away")
    async with Rig(rig.bootstrap, away, rig.prefix, "").commands(wait_seconds=0.6) as lane:
        with pytest.raises(NotDone):
            await lane.run(add("x"))
        assert not lane._waiting or all(d.withdrawn for d in lane._waiting)
    away.close()


async def test_a_withdrawn_command_does_not_commit(rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caller gave up while its writes were on their way: the batch is decided again without it."""
    original = bulk

    async def slow_bulk(*args: Any) -> None:
        await original(*args)
        await asyncio.sleep(0.4)

    monkeypatch.setattr("services.chassis.commit.committer.bulk", slow_bulk)
    lane._wait_seconds = 0.2
    done = await asyncio.gather(lane.run(add("x", 1)), lane.run(add("x", 10), patient=True), return_exceptions=True)
    assert isinstance(done[0], NotDone)
    stored = await rig.database.one(NOTES, "x")
    assert stored and stored.total == 10


def test_every_event_of_a_test_is_an_event() -> None:
    assert issubclass(Noted, Event) and {c.name for c in ALL} == {"notes", "tallies", "others"}
    ref: Ref = NOTES.ref("x")
    assert ref == ("notes", "x")
