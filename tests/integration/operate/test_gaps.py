"""Records that were removed before they were read: an operator sees them, and says that they are known."""

from __future__ import annotations

import json

import pytest
from aiokafka import TopicPartition

from services.chassis.kafka_in.gaps import note_gap, open_gaps
from services.chassis.mongo import OPERATOR_ACTS
from services.operate.commands import Failed
from tests.integration.operate.conftest import Place


async def test_a_gap_is_listed_until_it_is_acknowledged_once(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    database, group = place.rig.database, place.rig.topics.group("matching")
    for partition in (3, 4):
        tp = TopicPartition(place.profiles, partition)
        assert await note_gap(database, tp, f"{group}/{tp.topic}/{partition}", first=50, begin=170) == 120
        assert await note_gap(database, tp, f"{group}/{tp.topic}/{partition}", first=50, begin=170) == 0, (
            "known already"
        )
    capsys.readouterr()
    await place.run("gaps", "list", "--json")
    [first, second] = json.loads(capsys.readouterr().out)["gaps"]
    assert (first["partition"], first["first"], first["last"], first["acknowledged"]) == (3, 50, 169, None)
    await place.run("gaps", "acknowledge", first["id"], "--yes")
    assert [gap["partition"] for gap in await open_gaps(database)] == [4]
    await place.run("gaps", "acknowledge", "--all", "--yes")
    assert await open_gaps(database) == [] and await database.db[OPERATOR_ACTS].count_documents({}) == 2
    with pytest.raises(Failed, match="no such gap"):
        await place.run("gaps", "acknowledge", second["id"], "--yes")
    capsys.readouterr()
    await place.run("gaps", "list", "--all")
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 3 and "50 to 169" in shown[1] and "retention" in shown[1]
    await place.run("gaps", "list")
    assert capsys.readouterr().out == "No gaps.\n"
