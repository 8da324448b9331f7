"""Breaking on purpose, with a made-up topic: `notes.v2` beside `notes`, both written in one transaction; old readers
are not disturbed, and the end of the old topic is announced in the registry before it may go."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest
import yaml
from aiokafka import ConsumerRecord

from schemas import compatibility, generate, headers
from schemas.envelope import Event, Tombstone
from schemas.registry import PAGES, Topic
from services.chassis.commit.decision import Decide
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in.decoding import attributes, decode
from tests.integration.chassis.rig import NOTES, Note, Noted, NoteErased, Rig, in_order, sequences
from tests.support.kafka import read_all

END = {"what": "topic", "instead": "notes.v2", "announced": dt.date(2027, 1, 1), "ends": dt.date(2027, 7, 1)}


class Counted(Event):
    """`n` has become `count`, and the total is there as well: no reader of `Noted` would find its field."""

    event_type: ClassVar[str] = "magpie.note.noted.v2"
    topic: ClassVar[str] = "notes.v2"
    count: int
    total: int


class CountErased(Tombstone):
    event_type: ClassVar[str] = "magpie.note.erased.v2"
    topic: ClassVar[str] = "notes.v2"


def counted(note: Note | None, event: Event | Tombstone) -> Event | Tombstone:
    if note is None or not isinstance(event, Noted):
        return CountErased()
    return Counted(count=event.n, total=note.total)


BOTH = replace(NOTES, successor=counted)


def add(id: str, n: int, collection: Any = BOTH, *, fails: bool = False) -> Decide:
    async def decide(uow: UnitOfWork) -> None:
        note = await uow.get_or(collection, Note(id=id))
        uow.put(collection, note.model_copy(update={"total": note.total + n}), Noted(n=n))
        if fails:
            raise ValueError("after both were said")

    return decide


def erase(id: str) -> Decide:
    async def decide(uow: UnitOfWork) -> None:
        note = await uow.get(BOTH, id)
        assert note is not None
        uow.delete(BOTH, note, NoteErased())

    return decide


def said(records: list[ConsumerRecord[Any, Any]]) -> list[tuple[str, str, int]]:
    """Key, time and sequence of each record."""
    found = [((r.key or b"").decode(), dict(r.headers)) for r in records]
    return sorted((key, h["ce_time"].decode(), int(h["ce_sequence"])) for key, h in found)


async def test_both_versions_are_written_in_one_transaction_and_old_readers_are_not_disturbed(rig: Rig) -> None:
    later = rig.topics.topic("notes.v2")
    assert later == f"{rig.prefix}.notes.v2"
    await rig.make_topics(rig.notes, later)
    async with rig.commands() as lane:
        await lane.run(add("a", 3, NOTES))  # before there was a second version
        await lane.run(add("a", 4))
        await lane.run(add("b", 5))
        with pytest.raises(ValueError, match="both were said"):
            await lane.run(add("b", 6, fails=True))
        await lane.run(erase("b"))
    waiting = [row["topic"] async for row in rig.database.db.outbox.find()]
    assert sorted(waiting) == [rig.notes] * 4 + [later] * 3
    await rig.drain()
    old, new = await read_all(rig.bootstrap, rig.notes), await read_all(rig.bootstrap, later)
    assert set(said(new)) == set(said(old)) - {said(old)[0]}, "the same places and times, from the change on"
    assert sequences(old) == {"a": [1, 2], "b": [1, 2]} and all(map(in_order, sequences(new).values()))
    read_by_old = [decode(r, attributes(r), Noted if r.value else NoteErased).data for r in old]
    assert sorted(event.n for event in read_by_old if isinstance(event, Noted)) == [3, 4, 5]
    read_by_new = [decode(r, attributes(r), Counted if r.value else CountErased).data for r in new]
    totals = sorted((event.count, event.total) for event in read_by_new if isinstance(event, Counted))
    assert totals == [(4, 7), (5, 5)] and read_by_new.count(None) == 1
    assert {dict(r.headers)["ce_type"] for r in old} == {b"magpie.note.noted", b"magpie.note.erased"}
    assert all(dict(r.headers)["ce_type"].endswith(b".v2") for r in new)
    ids = [dict(r.headers)["ce_id"] for r in (*old, *new)]
    assert len(set(ids)) == len(ids), "two events, although of one thing"
    named = {dict(r.headers)["ce_dataschema"].decode() for r in new if r.value}
    assert named == {"https://magpie.example/schemas/v2/reader/magpie.note.noted.v2.json"}


def page(version: int, events: list[str], *ends: dict[str, Any]) -> str:
    """The page of a topic, as it would be in the registry."""
    like = yaml.safe_load((PAGES / "matches.yaml").read_text())
    made = {**like, "name": "notes", "version": version, "events": events, "deprecations": list(ends)}
    Topic.model_validate(made)
    return yaml.safe_dump(made)


def contract(pages: dict[str, str], *events: type[Event]) -> compatibility.Contract:
    texts = {
        f"v1/{side}/{event.event_type}.json": json.dumps(generate.schema_of(event, side))
        for event in events
        for side in generate.PURPOSE
    }
    return compatibility.Contract.of(texts, pages, headers.SETS)


def test_the_registry_announces_the_end_and_the_old_topic_may_go_on_its_day() -> None:
    old, new = ["magpie.note.noted"], ["magpie.note.noted.v2"]
    released = contract({"notes": page(1, old)}, Noted)
    announced = contract({"notes": page(1, old, END), "notes.v2": page(2, new)}, Noted, Counted)
    gone = contract({"notes.v2": page(2, new)}, Counted)
    assert list(compatibility.compared(released, announced, on=dt.date(2027, 1, 1))) == []
    (too_early,) = compatibility.compared(announced, gone, on=dt.date(2027, 6, 30))
    assert (too_early.where, too_early.what) == ("topic notes", "is gone")
    assert list(compatibility.compared(announced, gone, on=dt.date(2027, 7, 1))) == []


def test_the_same_change_in_place_is_refused_and_the_way_out_is_named() -> None:
    class Renamed(Event):
        event_type: ClassVar[str] = Noted.event_type
        topic: ClassVar[str] = "notes"
        count: int
        text: str = ""

    released = contract({"notes": page(1, [Noted.event_type])}, Noted)
    in_place = contract({"notes": page(1, [Noted.event_type])}, Renamed)
    found = list(compatibility.compared(released, in_place, on=dt.date(2027, 1, 1)))
    assert "write notes.v2 beside notes and announce the end of notes" in found[0].instead
