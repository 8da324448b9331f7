"""Children: nothing of theirs stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.local.ports import free_port
from deploy.local.processes import Child
from deploy.local.services import ServiceProcess
from tests.support.waiting import eventually


@pytest.mark.parametrize("end", [Child.stop, Child.kill])
async def test_what_a_child_started_ends_with_it(end: Callable[[Child], None], tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    child = Child("child", ["bash", "-c", "sleep 60 & echo $!; wait"], log=log)
    grandchild = int(await eventually(log.read_text, "its process id"))
    assert psutil.pid_exists(grandchild)
    end(child)

    def gone() -> bool:
        return not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE

    await eventually(gone, "the grandchild has ended", 5)


async def test_a_service_that_is_being_started_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the old child and the new one the supervisor sees a child that has ended; it must not start another."""
    service = ServiceProcess("brief", 0, directory=tmp_path, env={}, base_port=free_port(), module="this")
    service.launch()
    await eventually(lambda: not service.is_running, "it ends by itself")
    service.should_run, missed = False, []

    def start(*args: Any, **options: Any) -> Child:
        missed.append(service.should_run and not service.is_running)
        return Child(*args, **options)

    monkeypatch.setattr("deploy.local.services.Child", start)
    service.launch()
    assert (missed, service.should_run) == ([False], True)
