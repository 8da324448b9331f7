"""Children: nothing of theirs stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.local.processes import Child
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
