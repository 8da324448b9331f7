"""The encoders' process is killed: texts wait for the next one, and nothing is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from deploy.local.system import Servers
from services.matching.app import build
from services.matching.settings import MatchingSettings
from tests.integration.matching.bridge import Bridge
from tests.support.contract import chinese_profile, korean_profile
from tests.support.descendants import descendants
from tests.support.services import chassis_settings, running
from tests.support.waiting import eventually

MODULE = "services.matching.encoder_process"


async def test_profiles_meet_though_their_encoder_is_killed(servers: Servers, run_id: str, tmp_path: Path) -> None:
    settings = MatchingSettings(embedder="use-multilingual-3")
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings)) as matching:
        bridge = Bridge(matching)
        [first] = await eventually(lambda: descendants(os.getpid(), MODULE), "it is started before it is asked")
        await bridge.publish(korean_profile("p-kr"), key="p-kr")
        os.kill(first, signal.SIGKILL)
        await bridge.publish(chinese_profile("p-cn"), key="p-cn")
        assert (await bridge.proposed())["parties"] == ["p-cn", "p-kr"]
        [second] = descendants(os.getpid(), MODULE)
        assert second != first
        assert await matching.service.database.db.jobs.count_documents({"dead": True}) == 0
    assert not descendants(os.getpid(), MODULE)
