"""The examples for subscribers against a Kafka as installations show it outside: TLS, a login, and grants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.subscribers import history, programs
from tests.integration.subscribers.programs import Program
from tests.integration.subscribers.test_examples import LANGUAGES, NEEDS_NODE, Case, Language
from tests.support.kafka import admin
from tests.support.secured import SecuredKafka
from tests.support.waiting import eventually

PUBLIC, BY_GRANT = "magpie.profiles.v1", "magpie.matches.v1"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    kafka = SecuredKafka(tmp_path_factory.mktemp("secured"))
    try:
        kafka.start()
        yield kafka
    finally:
        if kafka.child:
            kafka.child.stop()


@contextmanager
def case(language: Language, kafka: SecuredKafka, folder: Path, topic: str = PUBLIC, **env: str) -> Iterator[Case]:
    given = programs.environment(kafka.outside, topic, folder, **(kafka.login("reader") | env))
    program = Program(language(folder), folder, given)
    try:
        yield Case(program, kafka.bootstrap, topic)
    finally:
        program.kill()


async def made(found: Case) -> Case:
    async with admin(found.bootstrap) as client:
        if found.topic in await client.list_topics():
            return found
    await found.make_topic()
    await found.write(*history.lives(seed=7, keys=10, turns=6))
    return found


async def ends(program: Program, *words: str) -> None:
    """It says so, and takes nothing."""
    program.start()

    def is_said() -> bool:
        text = program.log.read_text().lower()
        return any(word.lower() in text for word in words)

    try:
        await eventually(is_said, f"one of {words}", 40)
    except AssertionError as late:
        raise AssertionError(f"{late}; it said {program.log.read_text()[-2000:]!r}") from late
    assert not program.said("took")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_with_a_login_it_reads_what_is_granted(language: Language, secured: SecuredKafka, tmp_path: Path) -> None:
    with case(language, secured, tmp_path) as found:
        await made(found)
        found.program.start()
        await found.agrees()


async def test_a_wrong_password_and_another_authority_are_refused(secured: SecuredKafka, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = SecuredKafka(other)  # not started: only its authority is wanted
    for name, env, words in (
        ("password", {"KAFKA_PASSWORD": "guessed"}, ("authentication", "credentials")),
        ("authority", {"KAFKA_CA_FILE": str(stranger.ca_file)}, ("Kafka does not answer", "certificate")),
    ):
        folder = tmp_path / name
        folder.mkdir()
        with case(programs.python, secured, folder, **env) as found:
            await made(found)
            await ends(found.program, *words)


async def test_a_topic_that_is_not_granted_is_not_there(secured: SecuredKafka, tmp_path: Path) -> None:
    with case(programs.python, secured, tmp_path, topic=BY_GRANT) as found:
        await made(found)
        await ends(found.program, "may this principal read it")


@NEEDS_NODE
async def test_a_group_of_another_name_is_refused(secured: SecuredKafka, tmp_path: Path) -> None:
    with case(programs.javascript, secured, tmp_path, GROUP="directory") as found:
        await made(found)
        # kafkajs does not say why; the guide does.
        await ends(found.program, "Failed to find group coordinator")
