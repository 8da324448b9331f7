"""`python -m tests.abuse [--short] [--seconds 120] [--clients 300]`: a line for each attack, `.magpie/abuse.json`, and
exit code 1 where anything is red."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from .run import Options, run
from .table import ATTACKS

RESULT = Path(".magpie") / "abuse.json"
SHORT_SECONDS, SHORT_CLIENTS = 10, 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.abuse", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer of everything, for the tests: about a minute")
    parser.add_argument("--seconds", type=float, help="of the load with all clients; default 120, short 10")
    parser.add_argument("--clients", type=int, help="of each kind in the load; default 300, short 30")
    parser.add_argument("--only", action="append", choices=[one.name for one in ATTACKS], help="these alone")
    parser.add_argument("--result", type=Path, default=RESULT, help="where the figures go as JSON")
    args = parser.parse_args()
    options = Options(
        short=args.short,
        seconds=args.seconds or (SHORT_SECONDS if args.short else 120),
        clients=args.clients or (SHORT_CLIENTS if args.short else 300),
        only=frozenset(args.only or ()),
    )
    with tempfile.TemporaryDirectory(prefix="magpie-abuse-") as directory:
        found = asyncio.run(run(Path(directory), options, lambda text: print(text, flush=True)))
    args.result.parent.mkdir(parents=True, exist_ok=True)
    args.result.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return 1 if any(one["red"] for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
