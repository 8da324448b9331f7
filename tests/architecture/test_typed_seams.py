"""Where one part of the code hands over to another, a mistake is a type error: mypy finds each planted one, and nothing
in the right version beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

USE_CASE_ARGUMENT = """
from fastapi import Response
from services.chassis.commit import Answer
from services.chassis.model import IfMatch
from services.profiles.dependencies import Command
from services.profiles.usecases import publish_profile

async def publish(profile_id: str, command: Command) -> Response:
    return await command.run(
        lambda uow: publish_profile(uow, caller=command.caller, PLANT=profile_id, if_match=IfMatch(None)),
        answer=lambda profile: Answer.empty(),
    )
"""
DEPENDENCY = """
from services.matching.dependencies import Command
from services.matching.domain.pair_score import Scorer

def scorer_of(command: Command) -> Scorer:
    return command.deps.PLANT
"""
PAYLOAD_KEY = """
from services.chassis.commit import Claimed, UnitOfWork
from services.matching.job_kinds import EXPIRE, MatchJob

def plan(uow: UnitOfWork, match_id: str) -> None:
    uow.enqueue(EXPIRE, MatchJob(PLANT=match_id), cause=match_id)
"""
PAYLOAD_READ = """
from services.chassis.commit import Claimed, UnitOfWork
from services.matching.job_kinds import MatchJob

async def expire(uow: UnitOfWork, job: Claimed[MatchJob]) -> None:
    print(job.payload.PLANT)
"""
PAYLOAD_OF_ANOTHER_KIND = """
from services.chassis.commit import UnitOfWork
from services.matching.job_kinds import EXPIRE, MatchJob, ProfileJob

def plan(uow: UnitOfWork, id: str) -> None:
    uow.enqueue(EXPIRE, PLANT, cause=id)
"""
HALF_OF_ANOTHER_JOB = """
from services.chassis.commit import Job
from services.matching.job_kinds import EXPIRE
from services.matching.usecases.answer_match import expire_match
from services.matching.usecases.meetings import lapse_meeting

JOB = Job.deciding(EXPIRE, PLANT)
"""
HANDLER = """
from schemas import matches, profiles
from services.chassis.kafka_in import Subscription, on
from services.matching.usecases.project_profile import project_profile

SUBSCRIPTION = Subscription("profiles", on(PLANT, handle=project_profile))
"""
ERASURE_HANDLER = """
from schemas import profiles
from services.chassis.commit import UnitOfWork
from services.chassis.kafka_in import on
from services.chassis.model import Incoming

async def keep(uow: UnitOfWork, event: Incoming[profiles.ProfileState]) -> None:
    print(event.data.owner)

ROUTES = on(PLANT, handle=keep)
"""
# name: (source, what is right, what is wrong, what mypy says of the wrong one)
SEAMS = {
    "a misspelt use-case argument": (USE_CASE_ARGUMENT, "profile_id", "profil_id", 'argument "profil_id" for'),
    "a missing dependency": (DEPENDENCY, "scorer", "scoerr", '"Dependencies" has no attribute "scoerr"'),
    "a wrong payload key": (PAYLOAD_KEY, "match_id", "meeting_id", 'argument "meeting_id" for "MatchJob"'),
    "a payload key that is not there": (PAYLOAD_READ, "match_id", "meeting_id", '"MatchJob" has no attribute'),
    "the payload of another kind": (
        PAYLOAD_OF_ANOTHER_KIND,
        "MatchJob(match_id=id)",
        "ProfileJob(profile_id=id, sequence=1)",
        'type parameter "P" of "enqueue"',
    ),
    "the half of another job": (HALF_OF_ANOTHER_JOB, "expire_match", "lapse_meeting", "Claimed[MeetingJob]"),
    "a match event on the profile handler": (
        HANDLER,
        "profiles.ProfileCreated",
        "matches.MatchProposed",
        "Incoming[ProfileState | None]",
    ),
    "an erasure on a handler that needs a body": (
        ERASURE_HANDLER,
        "profiles.ProfileCreated",
        "profiles.ProfileErased",
        "Incoming[ProfileState]",
    ),
}


def errors(paths: list[Path]) -> dict[str, list[str]]:
    """What mypy reports with the project's own settings, by file."""
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--hide-error-context", "--no-pretty"]
    done = subprocess.run([*command, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, timeout=170)
    found: dict[str, list[str]] = {path.stem: [] for path in paths}
    for line in done.stdout.splitlines():
        if ": error: " in line:
            found.setdefault(Path(line.partition(":")[0]).stem, []).append(line)
    assert done.returncode in (0, 1) and "error: " in done.stdout, done.stdout + done.stderr
    return found


def test_mypy_finds_each_planted_mistake_and_nothing_else(tmp_path: Path) -> None:
    for n, (source, right, wrong, _) in enumerate(SEAMS.values()):
        (tmp_path / f"right_{n}.py").write_text(source.replace("PLANT", right))
        (tmp_path / f"wrong_{n}.py").write_text(source.replace("PLANT", wrong))
    found = errors(sorted(tmp_path.glob("*.py")))
    for n, (name, (_, _, _, message)) in enumerate(SEAMS.items()):
        assert found[f"right_{n}"] == [], name
        assert any(message in error for error in found[f"wrong_{n}"]), (name, found[f"wrong_{n}"])
        assert len({error.split(":")[1] for error in found[f"wrong_{n}"]}) == 1, "all errors are at the planted line"
    assert {stem for stem, reported in found.items() if reported} == {f"wrong_{n}" for n in range(len(SEAMS))}
