"""One Kafka and one MongoDB a test run; a topic prefix and database names of its own a test."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest

from deploy.local.system import Servers
from tests.support.in_memory import in_memory
from tests.support.kafka import delete_topics
from tests.support.written import judged_writes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests begin first. Other workers take what the one that runs them has left."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with in_memory(tmp_path_factory.mktemp("servers")) as directory, Servers(directory) as running:
        yield running


@pytest.fixture
def run_id(request: pytest.FixtureRequest) -> Iterator[str]:
    """Names what one test has. The topics that begin with it are deleted at its end: a broker holds open files for each
    partition, and dies at the limit."""
    name = f"t{uuid.uuid4().hex[:8]}"
    yield name
    if "servers" in request.fixturenames:
        asyncio.run(delete_topics(request.getfixturevalue("servers").bootstrap, beginning_with=name))


@pytest.fixture(autouse=True)
def judged_events() -> Iterator[None]:
    """What services of this process publish in any test must be what the writer's schemas say."""
    with judged_writes() as wrong:
        yield
    assert not wrong, f"{len(wrong)} events are not as their writer's schema says: {wrong[:5]}"
