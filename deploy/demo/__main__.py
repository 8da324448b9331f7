"""`python -m deploy.demo [--once]`: starts everything, runs the forum, shows it, checks its books."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
from rich.live import Live

from services.chassis.tokens import mint
from services.matching.plan_solver import NOT_INSTALLED, is_installed

from ..local.ports import PortTaken
from ..local.processes import DidNotStart
from ..local.run_file import RunFile
from ..local.services import PORTS
from ..local.supervisor import supervised
from ..local.system import AlreadyRunning, System
from .client import GaveUp, Refused
from .content import Organisation
from .fast_time import FastTime
from .forum import OFFICE, SEED, Forum
from .steps import StepMissing

SETTINGS = {"MAGPIE_MATCHING_PLAN_SECONDS": "6", "MAGPIE_MATCHING_DAYS_OPEN": "45"}
"""A plan takes no longer than people like to watch; no match expires in the weeks that fast time leaps over."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop everything at the end")
    parser.add_argument("--dir", type=Path, default=Path(".magpie"), help="data, logs and run.json (default .magpie)")
    parser.add_argument("--replicas", type=int, default=1, help="of each service")
    parser.add_argument("--organisations", type=int, help="so many come (default: all)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of what the people decide (default {SEED})")
    parser.add_argument("--base-port", type=int, default=PORTS["profiles"], help="port of profiles (default 8101)")
    return parser


def main() -> int:
    """Returns the exit code: 0 if everything happened and the books are right, 130 after Ctrl-C, else 1."""
    args = _parser().parse_args()
    began = time.monotonic()
    # SIGTERM ends the demonstration as Ctrl-C does: everything that it started is stopped. A shell starts what runs in
    # its background with SIGINT ignored, and Python leaves it so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    if not is_installed():
        _log(NOT_INSTALLED)
    clock, replicas = FastTime(args.dir / "clock"), dict.fromkeys(PORTS, args.replicas)
    env = {**SETTINGS, **clock.environment}
    system = System(args.dir, replicas=replicas, base_port=args.base_port, fresh=True, env=env)
    if RunFile(args.dir).running() is None:  # else its clock belongs to the demonstration that runs
        clock.begin()
    try:
        with system, supervised(system, say=_log):
            code, forum = asyncio.run(_forum(system, args, clock, began))
            if not args.once and code == 0:
                _stay_up(system, forum)
            return code
    except (AlreadyRunning, PortTaken, DidNotStart, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped before the end", file=sys.stderr)
        return 130


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _forum(system: System, args: argparse.Namespace, clock: FastTime, began: float) -> tuple[int, Forum]:
    """Runs the forum and prints how far it came as one JSON line. Returns the exit code, and the forum."""
    async with httpx2.AsyncClient(timeout=10, limits=httpx2.Limits(max_connections=40)) as http:
        forum = Forum(system, http, args.seed, args.organisations, clock)
        try:
            with _live_display(forum):
                problems = await forum.run()
        except (StepMissing, Refused, GaveUp) as error:
            problems = [str(error)]
    forum.stage.summary()
    print(json.dumps(forum.result(time.monotonic() - began)), flush=True)
    for problem in problems:
        print(f"books: {problem}", file=sys.stderr)
    return 1 if problems else 0, forum


@contextlib.contextmanager
def _live_display(forum: Forum) -> Iterator[None]:
    if not forum.stage.console.is_terminal:
        yield
        return
    with Live(forum.stage, console=forum.stage.console, refresh_per_second=6):
        yield


def _stay_up(system: System, forum: Forum) -> None:
    """Prints addresses, the board with tokens for it, and example requests; waits for Ctrl-C."""
    print("\nIt stays up, on the evening of the second day; Ctrl-C stops everything.\n")
    for name, replicas in system.services.items():
        print(f"  {name:14} {replicas[0].url}   docs {replicas[0].operations_url}/docs")
    board = f"{system.services['matching'][0].url}/board/"
    print(f"\nThe board, where you paste a token: {board}")
    for organisation in (_with_open_matches(forum, "KR"), _with_open_matches(forum, "CN")):
        person = organisation.people[0]
        token = mint(org=organisation.owner, role="participant", sub=person.sub, state_dir=system.directory)
        print(f"\n{organisation.display_name(person.lang)}, {person.record['name']['full_native']} ({person.sub}):")
        _print_request(token, f"{system.services['notifications'][0].url}/v1/recipients/{person.sub}/inbox")
    print(f"\nAn organiser, who reads all; the forum: {board}forums/{forum.days.organiser.forum_id}")
    token = mint(org=OFFICE, role="organiser", state_dir=system.directory)
    _print_request(token, f"{system.services['matching'][0].url}/v1/forums")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def _with_open_matches(forum: Forum, country: str) -> Organisation:
    """The organisation of a country that has left most matches open: its people have something to answer."""
    books = forum.books
    left = Counter(side for match_id, side in books.left_open - books.accepted if match_id not in books.declined)
    here = [delegation for delegation in forum.delegations if delegation.organisation.country == country]
    return max(here, key=lambda delegation: left[delegation.profile_id]).organisation


def _print_request(token: str, url: str) -> None:
    print(f"  export TOKEN={token}")
    print(f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{url}'", flush=True)


if __name__ == "__main__":
    sys.exit(main())
