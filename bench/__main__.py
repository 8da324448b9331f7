"""`python -m bench [durable] [http] [line]`: measures, prints with the machine, keeps the figures in bench/results/."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from deploy.local.system import Servers

from . import durable
from .processes import machine

RESULTS = Path(__file__).parent / "results" / "latest.json"


async def measure(servers: Servers, repeats: int) -> dict[str, Any]:
    print("durable path: event in -> effect in MongoDB -> event out")
    found = await durable.compare(servers, repeats=repeats)
    ours = found["magpie"]
    ratios = {
        f"durable_over_{name}": round(ours.rate / found[name].rate, 1) for name in durable.MANY if name != "magpie"
    }
    return {
        **ratios,
        "durable_per_second": round(ours.rate),
        "cpu_ratio": round(ours.cpu_total_ms / found["naive"].cpu_total_ms, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="magpie-bench-") as directory, Servers(Path(directory)) as servers:
        results = {**asyncio.run(measure(servers, args.repeats)), "machine": machine()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
