from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.system import Servers
from services.notifications.app import build
from services.notifications.settings import NotificationsSettings
from tests.support.postbox import Postbox
from tests.support.services import Running, chassis_settings, running


@pytest.fixture
async def notifications(servers: Servers, run_id: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(build(chassis_settings(servers, run_id, tmp_path), NotificationsSettings())) as service:
        yield service


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A mail server on this machine."""
    with Postbox() as box:
        yield box


@pytest.fixture
async def mailing(servers: Servers, run_id: str, tmp_path: Path, postbox: Postbox) -> AsyncIterator[Running]:
    """The service with its mail going to the postbox."""
    chassis = chassis_settings(servers, run_id, tmp_path, job_lease_seconds=2.0)
    settings = NotificationsSettings(
        smtp_host=postbox.host,
        smtp_port=postbox.port,
        smtp_tls="none",
        smtp_from="Magpie <magpie@bridge.example>",
        smtp_timeout_seconds=1.0,
        smtp_retry_seconds=0.1,
        translation_wait_seconds=3.0,
        collapse_seconds=0.0,
        gather_seconds=2.0,
        public_url="https://magpie.example/told/",
    )
    async with running(build(chassis, settings)) as service:
        yield service
