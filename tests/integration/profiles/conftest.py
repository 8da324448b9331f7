from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.system import Servers
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings
from tests.support.services import Running, chassis_settings, running


@pytest.fixture
async def profiles(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        build(chassis_settings(servers, run_id, tmp_path), ProfilesSettings(max_per_owner=3))
    ) as service:
        yield service
