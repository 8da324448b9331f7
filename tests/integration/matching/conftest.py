from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.system import Servers
from services.matching.app import build
from services.matching.embedders import SentenceEncoder
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from tests.integration.matching.linking import Linking, settings
from tests.support.receiver import receiver
from tests.support.services import Running, chassis_settings, running


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The real model, loaded once a test run."""
    return Encoder(SentenceEncoder())


@pytest.fixture
async def matching(servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder) -> AsyncIterator[Running]:
    chassis = chassis_settings(servers, run_id, tmp_path)
    async with running(build(chassis, MatchingSettings(), encoder=encoder)) as service:
        yield service


@pytest.fixture
async def small(servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder) -> AsyncIterator[Running]:
    """Two proposals a publication, three at a desk."""
    settings = MatchingSettings(proposals=2, max_open=3)
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings, encoder=encoder)) as service:
        yield service


@pytest.fixture
async def tight(servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder) -> AsyncIterator[Running]:
    """Six acts a day towards one organisation, eight towards all."""
    settings = MatchingSettings(max_acts_per_pair_and_day=6, max_acts_per_org_and_day=8)
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings, encoder=encoder)) as service:
        yield service


@pytest.fixture
async def linking(
    servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder, request: pytest.FixtureRequest
) -> AsyncIterator[Linking]:
    more = getattr(request, "param", {})
    chassis = chassis_settings(servers, run_id, tmp_path)
    async with receiver() as there, running(build(chassis, settings(**more), encoder=encoder)) as service:
        yield Linking(service, there)
