"""victim.py STEP: the profiles service, told by its environment, which ends itself with SIGKILL `before` or `after` the
commit of its first command; in which a loop `hangs`, or hangs and even the stop is `deaf`; `none` goes on until it is
ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from services.chassis.commit import committer
from services.chassis.commit.commands import Command
from services.chassis.commit.decision import Decision
from services.chassis.http import server
from services.chassis.ops import health
from services.chassis.ops.settings import ChassisSettings
from services.chassis.service import Service
from services.profiles.app import build
from services.profiles.settings import ProfilesSettings

STEP = sys.argv[1]


def die_at_the_first_commit() -> None:
    commit = committer.commit_with_known_outcome

    async def last(session: Any, decided: Sequence[Decision]) -> None:
        is_command = any(isinstance(decision, Command) for decision in decided)
        if is_command and STEP == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await commit(session, decided)
        if is_command and STEP == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    committer.commit_with_known_outcome = last


def hang(service: Service) -> None:
    health.WATCH_SECONDS, server.ABORT_SECONDS = 0.1, 2
    service.health.heartbeat("nobody", limit_seconds=0.0)
    if STEP == "deaf":

        async def stop(seconds: float = 0.0) -> None:
            await asyncio.Event().wait()

        service.workers.stop = stop  # type: ignore[method-assign]


die_at_the_first_commit()
service = build(ChassisSettings(), ProfilesSettings())
if STEP in ("hangs", "deaf"):
    hang(service)
service.run()
