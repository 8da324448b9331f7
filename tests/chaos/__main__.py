"""`python -m tests.chaos [--seconds 600] [--seed 7]`: writes `.magpie/chaos.json`; exits 1 where anything
was lost, doubled or out of order, or where the control, without its guards, was not found out."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.e2e.test_forum import free_base

from .run import Report, run

RESULT = Path(".magpie") / "chaos.json"
COUNTS = ("lost", "doubled", "disordered", "stuck", "changed_by_rewind")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--firms", type=int, default=12)
    parser.add_argument("--dir", type=Path, help="data and logs; a temporary folder where not given")
    parser.add_argument("--control-seconds", type=float, default=90, help="of the same without guards; 0: none")
    args = parser.parse_args()
    report, found = _run(args, args.seconds, control=False), dict[str, Any]()
    if args.control_seconds:
        print("the control: published after the write, nothing remembered", flush=True)
        control = _run(args, args.control_seconds, control=True).as_json()
        found["control"] = {name: control[name] for name in ("seconds", "kills", "commands", *COUNTS, "what")}
    found = {**report.as_json(), **found}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    print(json.dumps(found, ensure_ascii=False, indent=2))
    went_red = not args.control_seconds or any(found["control"][name] for name in COUNTS)
    return 0 if report.is_clean and went_red else 1


def _run(args: argparse.Namespace, seconds: float, *, control: bool) -> Report:
    with tempfile.TemporaryDirectory(prefix="magpie-chaos-") as temporary:
        work = run(
            args.dir or Path(temporary),
            seconds=seconds,
            seed=args.seed,
            firms=args.firms,
            base_port=free_base(),
            control=control,
            say=lambda text: print(text, flush=True),
        )
        return asyncio.run(work)


if __name__ == "__main__":
    sys.exit(main())
