"""victim.py STEP: the profiles service, told by its environment, which ends itself with SIGKILL `before` or `after` the
commit of its first command; `none` goes on until it is ended."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from services.chassis import settle
from services.chassis.commands import Command
from services.chassis.settings import ChassisSettings
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings

STEP = sys.argv[1]


def die_at_the_first_commit() -> None:
    commit = settle.commit_for_certain

    async def last(session: Any, decided: Sequence[settle.Decision]) -> None:
        is_command = any(isinstance(decision, Command) for decision in decided)
        if is_command and STEP == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await commit(session, decided)
        if is_command and STEP == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    settle.commit_for_certain = last


die_at_the_first_commit()
build(ChassisSettings(), ProfilesSettings()).run()
