"""Matching as a process that kills itself when a round has come to a step: `python -m ... "<step>"`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from services.chassis.ops import ChassisSettings
from services.matching.app import build
from services.matching.settings import MatchingSettings
from services.matching.usecases.run_round import RunRound

STEPS = {
    "scored, not stored": ("score", 1),
    "stored, not committed": ("keep_scores", 1),
    "ranked, not stored": ("rank", 1),
    "planned, not committed": ("keep_ranking", 1),
    "proposed, not committed": ("propose", 2),
    "chosen, some are proposed": ("choose", 2),
}
"""The method that is called, and after which call of it the process ends."""


def kill_after(name: str, calls: int, of: type = RunRound) -> None:
    real, done = getattr(of, name), []

    async def killing(self: Any, *arguments: Any) -> Any:
        result = await real(self, *arguments)
        done.append(name)
        if len(done) == calls:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(of, name, killing)


if __name__ == "__main__":
    if sys.argv[1] in STEPS:
        kill_after(*STEPS[sys.argv[1]])
    build(ChassisSettings(), MatchingSettings()).run()
