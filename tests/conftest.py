"""One Kafka and one MongoDB a test run; a topic prefix and database names of its own a test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.system import Servers


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture
def run_id() -> str:
    return f"t{uuid.uuid4().hex[:8]}"
