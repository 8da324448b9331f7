"""The directory for temporary files is full while the service runs."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import matches_of, provider, publish, seeker
from tests.support.services import Running
from tests.support.waiting import eventually


async def test_nothing_is_lost_while_the_index_has_no_space(
    matching: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what to do, is not ready, and finds every partner when there is space again."""
    bridge = Bridge(matching)
    await publish(bridge, provider("a"))
    write = os.pwrite

    def no_space(*_: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def unready() -> bool:
        answer = await matching.operations().get("/readyz")
        return answer.status_code == 503 and "index caught up" in answer.text

    monkeypatch.setattr(os, "pwrite", no_space)
    await bridge.publish(seeker("me"), key="me", sequence=1)
    await eventually(unready, "not ready")
    said = capsys.readouterr().out
    assert "No space left on device" in said and "TMPDIR" in said, said
    database = matching.service.database.db
    await eventually(lambda: database.jobs.find_one({"kind": "propose", "dead": {"$exists": False}}), "it waits")
    monkeypatch.setattr(os, "pwrite", write)

    async def proposed() -> bool:
        return "a" in await matches_of(bridge, "me")

    await eventually(proposed, "they are proposed to each other")
