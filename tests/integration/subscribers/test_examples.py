"""The examples for subscribers keep their promises against the real Kafka: killed at any time, nothing is lost, nothing
counts twice; what was missed is noticed."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from deploy.local.system import Servers
from tests.integration.subscribers import history, programs
from tests.integration.subscribers.history import state
from tests.integration.subscribers.programs import Program
from tests.support.kafka import admin, make_topics, read_all
from tests.support.waiting import eventually

Language = Callable[[Path], list[str]]
NEEDS_NODE = pytest.mark.skipif(shutil.which("npm") is None, reason="the example runs on Node.js")
NEEDS_MAVEN = pytest.mark.skipif(shutil.which("mvn") is None, reason="Maven builds the example")
LANGUAGES = [
    pytest.param(programs.python, id="python"),
    pytest.param(programs.javascript, id="javascript", marks=NEEDS_NODE),
    pytest.param(programs.java, id="java", marks=[NEEDS_MAVEN, pytest.mark.slow]),
]
SOME = [
    pytest.param(programs.python, id="python"),
    pytest.param(programs.javascript, id="javascript", marks=[NEEDS_NODE, pytest.mark.slow]),
    LANGUAGES[-1],
]
"""Each run kills in two languages; the rest of them is in the slow tests."""


@dataclass
class Case:
    program: Program
    bootstrap: str
    topic: str

    async def make_topic(self, partitions: int = 3) -> None:
        await make_topics(self.bootstrap, self.topic, partitions=partitions)

    async def cut(self, before: int = -1) -> None:
        """Deletes what stands before this offset in each partition; -1: all."""
        async with admin(self.bootstrap) as client:
            (described,) = await client.describe_topics([self.topic])
            places = [TopicPartition(self.topic, p["partition"]) for p in described["partitions"]]
            await client.delete_records({place: RecordsToDelete(before_offset=before) for place in places})

    async def write(self, *batches: list[history.Record]) -> None:
        await history.write_all(self.bootstrap, self.topic, list(batches))

    async def is_whole(self) -> int:
        """It has read what is there now; how many changes it took. Of two looks the second began after now."""
        found: int = (await self.program.says("whole", more=2))["taken"]
        return found

    async def agrees(self) -> None:
        """It has taken each change once, and shows what the topic says."""
        wanted, taken = history.expected(await read_all(self.bootstrap, self.topic))
        assert (await self.is_whole(), self.program.shown()) == (taken, wanted)
        assert wanted

    async def make_again(self, *batches: list[history.Record]) -> None:
        async with admin(self.bootstrap) as client:
            await client.delete_topics([self.topic])

            async def is_gone() -> bool:
                return self.topic not in await client.list_topics()

            await eventually(is_gone, "the topic is deleted")
        await self.make_topic()
        await self.write(*batches)


@contextmanager
def case(language: Language, servers: Servers, run_id: str, folder: Path) -> Iterator[Case]:
    topic = f"{run_id}.profiles.v1"
    env = programs.environment(servers.bootstrap, topic, folder)
    program = Program(language(folder), folder, env)
    try:
        yield Case(program, servers.bootstrap, topic)
    finally:
        program.kill()


async def killed(case: Case) -> None:
    """Kills it three times while it takes what is being written."""
    case.program.start()
    batches = list(history.lives(seed=7, keys=30, turns=60))
    for begin in range(0, 60, 20):
        writing = asyncio.create_task(case.write(*batches[begin : begin + 20]))
        await case.program.says("took")
        case.program.kill()
        case.program.start()
        await writing
    await case.agrees()


async def read_late(case: Case) -> None:
    """Reads what was written before it was there."""
    await case.write(*history.lives(seed=7, keys=30, turns=12))
    case.program.start()
    await case.agrees()


async def made_again(case: Case, *, while_it_reads: bool = False) -> None:
    """The topic is made again, and is longer than before."""
    await case.write([state("old", 1), state("both", 7)])
    case.program.start()
    await case.agrees()
    if not while_it_reads:
        case.program.kill()
    await case.make_again([state(f"new{n}", 1) for n in range(30)], [state("both", 2)])
    if not while_it_reads:
        case.program.start()
    await case.agrees()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_killed_at_any_time_it_shows_each_change_once(
    language: Language, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    with case(language, servers, run_id, tmp_path) as found:
        await found.make_topic()
        await killed(found)
        set_aside = {(line["partition"], line["offset"]) for line in found.program.said("set_aside")}
        assert len(set_aside) == 4 and len(found.program.said("begins")) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("while_it_reads", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_a_topic_that_was_made_again_is_read_from_its_beginning(
    language: Language, while_it_reads: bool, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    with case(language, servers, run_id, tmp_path) as found:
        await found.make_topic()
        await made_again(found, while_it_reads=while_it_reads)


@pytest.mark.parametrize("language", SOME)
async def test_erasures_that_were_missed_are_noticed(
    language: Language, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    """Away while an erasure came and went: only reading again from the beginning forgets the key. Here the state of the
    key goes from the log as if it had been compacted together with its erasure."""
    with case(language, servers, run_id, tmp_path) as found:
        await found.make_topic(partitions=1)
        await found.write([state("gone", 1)], [state("stays", 1)])
        found.program.start()
        await found.is_whole()
        found.program.kill()
        (stays,) = [r for r in await read_all(found.bootstrap, found.topic) if r.key == b"stays"]
        await found.cut(stays.offset)
        found.program.start()
        await found.is_whole()
        assert [row["id"] for row in found.program.shown()] == ["gone", "stays"], "the control: it cannot know"
        found.program.kill()
        left = time.monotonic()
        await eventually(lambda: time.monotonic() > left + 1.2, "it was away for longer than erasures stay")
        found.program.start(MAX_ABSENCE_SECONDS="1")
        await found.program.says("whole")
        assert [row["id"] for row in found.program.shown()] == ["stays"]


@pytest.mark.parametrize("language", SOME)
async def test_a_log_that_no_longer_holds_its_position_is_read_again(
    language: Language, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    with case(language, servers, run_id, tmp_path) as found:
        await found.make_topic()
        await found.write([state(f"p{n}", 1) for n in range(9)])
        found.program.start()
        await found.agrees()
        found.program.kill()
        await found.write([state(f"p{n}", 2) for n in range(9)])
        await found.cut()
        await found.write([state("after", 1)])
        found.program.start()
        await found.agrees()
        assert found.program.said("begins")[-1]["reason"] == "the log does not hold our position"


RULES = {
    "isolation": ("directory.py", '"read_committed"', '"read_uncommitted"', read_late),
    "sequence": ("store.py", "where excluded.sequence > sequence", "where true", read_late),
    "topic id": ("directory.py", 'was["topic_id"] != id', "False", made_again),
}


@pytest.mark.parametrize("rule", RULES)
async def test_without_one_of_its_rules_the_example_is_wrong(
    rule: str, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    file, old, new, scenario = RULES[rule]
    with case(programs.python, servers, run_id, tmp_path) as found:
        source = tmp_path / "python" / file
        assert source.read_text().count(old) == 1
        source.write_text(source.read_text().replace(old, new))
        await found.make_topic()
        with pytest.raises(AssertionError):
            await scenario(found)
