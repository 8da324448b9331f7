"""`python -m tests.chaos [--seconds 600] [--seed 7]`: writes `.magpie/chaos.json`; exits 1 where anything was lost,
doubled or out of order, or where a control, without its guards, was not found out."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.demo.client import GaveUp
from deploy.local.services import free_base

from .report import Report
from .run import CONTROL, GUARDS, run

RESULT = Path(".magpie") / "chaos.json"
COUNTS = ("lost", "doubled", "disordered", "stuck", "changed_by_rewind", "unseen")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of the product as it is; 0: none")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--firms", type=int, default=12)
    parser.add_argument("--dir", type=Path, help="data and logs; a temporary folder where not given")
    parser.add_argument("--cluster", action="store_true", help="three brokers, and a replica set of three")
    parser.add_argument("--control-seconds", type=float, default=60, help="of the same as most write it; 0: none")
    parser.add_argument(
        "--guard-seconds", type=float, default=0, help="of the same without each guard in turn; 0: none"
    )
    parser.add_argument("--without", choices=GUARDS, action="append", help="only these guards in turn")
    args = parser.parse_args()
    found: dict[str, Any] = {}
    right = True
    if args.seconds:
        report = _run(args, args.seconds)
        found, right = report.as_json(), report.is_clean
        _keep(found)
    if args.control_seconds:
        print("the control: published after the write, nothing remembered", flush=True)
        found["control"] = _found_out(args, args.control_seconds, CONTROL)
        _keep(found)
    if args.guard_seconds:
        found["guards"] = {}
        for name in args.without or GUARDS:
            print(f"without {name}", flush=True)
            found["guards"][name] = _found_out(args, args.guard_seconds, [name])
            print({column: found["guards"][name][column] for column in COUNTS}, flush=True)
    _keep(found)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    controls = [*([found["control"]] if "control" in found else []), *found.get("guards", {}).values()]
    return 0 if right and all(any(control[name] for name in COUNTS) for control in controls) else 1


def _keep(found: dict[str, Any]) -> None:
    """As far as it has come: a run of ten minutes is not lost with what follows it."""
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def _found_out(args: argparse.Namespace, seconds: float, without: Sequence[str]) -> dict[str, Any]:
    try:
        shown = _run(args, seconds, without=without).as_json()
    except GaveUp as error:  # it loses records before the first kill: nobody can even enter
        return {"seconds": seconds, **dict.fromkeys(COUNTS, 0), "stuck": 1, "what": {"stuck": [str(error)]}}
    return {name: shown[name] for name in ("seconds", "kills", "commands", *COUNTS, "windows", "what")}


def _run(args: argparse.Namespace, seconds: float, *, without: Sequence[str] = ()) -> Report:
    with tempfile.TemporaryDirectory(prefix="magpie-chaos-") as temporary:
        work = run(
            args.dir or Path(temporary),
            seconds=seconds,
            seed=args.seed,
            firms=args.firms,
            base_port=free_base(),
            without=without,
            cluster=args.cluster,
            say=lambda text: print(text, flush=True),
        )
        return asyncio.run(work)


if __name__ == "__main__":
    sys.exit(main())
