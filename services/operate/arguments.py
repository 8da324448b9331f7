"""What can be said on the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from services.chassis.model import IDENTIFIER

from .installation import PORTS

MAX_ROWS = 1000
"""Rows that a list shows at most."""
MAX_HOURS, MIN_ID = 24 * 366, 8
MAX_NAMED = 100
"""Ids that one command takes."""
PURPOSE = "Looks at an installation, and does what operators decide."
EPILOG = (
    "What changes something asks first; --yes does not ask, for scripts. Who did it is written to standard error as a "
    "line of JSON, and into the database of the service. Settings are those of the services (MAGPIE_MONGO_URI, "
    "MAGPIE_KAFKA_BOOTSTRAP and so on). To say a state once more: python -m services.<service> restate --help."
)


def parser() -> argparse.ArgumentParser:
    """The whole language."""
    found = argparse.ArgumentParser(prog="python -m services.operate", description=PURPOSE, epilog=EPILOG)
    commands = found.add_subparsers(dest="command", required=True)
    _status(commands.add_parser("status", help="services, replicas, lag, outbox, jobs, dead letters, quotas"))
    _trace(commands.add_parser("trace", help="the whole way of one act, from logs and topics"))
    jobs = commands.add_parser("jobs", help="jobs that wait or are dead").add_subparsers(dest="act", required=True)
    _jobs_list(jobs.add_parser("list", help="dead ones, unless said otherwise"))
    _jobs_retry(jobs.add_parser("retry", help="makes dead jobs due again, with fresh tries"))
    gaps = commands.add_parser("gaps", help="records that were removed before they were read")
    of_gaps = gaps.add_subparsers(dest="act", required=True)
    _gaps_list(of_gaps.add_parser("list", help="those that no one has acknowledged yet"))
    _gaps_acknowledge(of_gaps.add_parser("acknowledge", help="says that you know of the loss: /readyz is well again"))
    letters = commands.add_parser("deadletters", help="records that could not be taken")
    acts = letters.add_subparsers(dest="act", required=True)
    _letters_list(acts.add_parser("list", help="those that no one has handled yet"))
    _letters_show(acts.add_parser("show", help="one of them, without its value unless --value"))
    for name, what in (("resend", "to the service that could not take it"), ("drop", "marks it as handled")):
        _letters_change(acts.add_parser(name, help=what))
    return found


def _status(found: argparse.ArgumentParser) -> None:
    _common(found)
    found.add_argument(
        "--at",
        action="append",
        default=[],
        type=place,
        metavar="SERVICE=URL",
        help="the operators' port of a replica, for /readyz and /metrics; repeated for more (default: this machine's)",
    )


def _trace(found: argparse.ArgumentParser) -> None:
    found.add_argument("id", metavar="ID", type=_act, help="a correlation (X-Correlation-Id) or trace id (X-Trace-Id)")
    found.add_argument("--hours", type=_hours, default=24.0, help="how far back topics are read (default 24)")
    found.add_argument("--logs", metavar="DIR", help="the folder of logs, - for standard input (default .magpie/logs)")
    found.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _act(text: str) -> str:
    if not IDENTIFIER.fullmatch(text) or len(text) < MIN_ID:
        raise argparse.ArgumentTypeError("an id as an answer or an event has it")
    return text


def _hours(text: str) -> float:
    if not _is_within(text, MAX_HOURS):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_HOURS}")
    return float(text)


def _jobs_list(found: argparse.ArgumentParser) -> None:
    _common(found)
    found.add_argument("--kind", help="only jobs of this kind")
    found.add_argument("--state", choices=("dead", "due", "all"), default="dead")
    _limit(found)


def _jobs_retry(found: argparse.ArgumentParser) -> None:
    _common(found)
    _changes(found)
    found.add_argument("ids", nargs="*", metavar="ID", help="as `jobs list` shows them")
    found.add_argument("--kind", help="all dead jobs of this kind")
    found.add_argument("--all", action="store_true", help="all dead jobs")


def _gaps_list(found: argparse.ArgumentParser) -> None:
    _common(found)
    found.add_argument("--all", action="store_true", help="those that were acknowledged, too")
    _limit(found)


def _gaps_acknowledge(found: argparse.ArgumentParser) -> None:
    _common(found)
    _changes(found)
    found.add_argument("ids", nargs="*", metavar="ID", help="as `gaps list` shows them")
    found.add_argument("--all", action="store_true", help="all that no one has acknowledged yet")


def _letters_list(found: argparse.ArgumentParser) -> None:
    _common(found)
    found.add_argument("--all", action="store_true", help="those that were handled, too")
    _limit(found)


def _letters_show(found: argparse.ArgumentParser) -> None:
    found.add_argument("id", metavar="ID", type=letter_id, help="as `deadletters list` shows it: matching/2/17")
    found.add_argument("--value", action="store_true", help="key and value too: they may hold personal data")
    found.add_argument("--json", action="store_true")


def _letters_change(found: argparse.ArgumentParser) -> None:
    _common(found)
    _changes(found)
    found.add_argument("ids", nargs="*", metavar="ID", type=letter_id, help="as `deadletters list` shows them")
    found.add_argument("--all", action="store_true", help="all that no one has handled yet, so many at a time")


def _common(found: argparse.ArgumentParser) -> None:
    found.add_argument("--service", action="append", choices=sorted(PORTS), help="only this one; may be repeated")
    found.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _changes(found: argparse.ArgumentParser) -> None:
    found.add_argument("--yes", action="store_true", help="does not ask")
    found.add_argument("--as", dest="named", metavar="NAME", help="who acts; needed in a container")


def _limit(found: argparse.ArgumentParser) -> None:
    found.add_argument("--limit", type=_rows, default=50, help=f"rows shown, 1 to {MAX_ROWS} (default 50)")


def _rows(text: str) -> int:
    if not _is_within(text, MAX_ROWS):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MAX_ROWS}")
    return int(text)


def _is_within(text: str, most: int) -> bool:
    # A bounded length first: the time that `int` takes grows with the square of it.
    return text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most


def place(text: str) -> tuple[str, str]:
    """`matching=http://127.0.0.1:9102` as its two parts."""
    service, _, url = text.partition("=")
    if service not in PORTS or not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("SERVICE=URL, for example matching=http://127.0.0.1:9102")
    return service, url.rstrip("/")


def letter_id(text: str) -> tuple[str, int, int]:
    """`matching/2/17`: service, partition and offset."""
    match = re.fullmatch(r"([a-z]+)/([0-9]{1,6})/([0-9]{1,18})", text, re.ASCII)
    if match is None or match[1] not in PORTS:
        raise argparse.ArgumentTypeError("service/partition/offset, for example matching/2/17")
    return match[1], int(match[2]), int(match[3])


def ids_by_service(texts: Sequence[str]) -> dict[str, list[str]]:
    """The ids of jobs, or of gaps, by their service. Raises ValueError for one that names none."""
    found: dict[str, list[str]] = {}
    for text in texts:
        service, _, id = text.partition("/")
        if service not in PORTS or not id:
            raise ValueError("An id begins with its service, as the list shows it.")
        found.setdefault(service, []).append(id)
    return found
