"""`python -m tests.chaos [--seconds 600] [--seed 7]`: writes `.magpie/chaos.json`; exits 1 where anything was lost."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.e2e.test_forum import free_base

from .run import run

RESULT = Path(".magpie") / "chaos.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--firms", type=int, default=12)
    parser.add_argument("--dir", type=Path, help="data and logs; a temporary folder where not given")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="magpie-chaos-") as temporary:
        work = run(
            args.dir or Path(temporary),
            seconds=args.seconds,
            seed=args.seed,
            firms=args.firms,
            base_port=free_base(),
            say=lambda text: print(text, flush=True),
        )
        report = asyncio.run(work)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")
    print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
