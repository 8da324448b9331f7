"""`python -m bench [part ...]`: measures, prints with the machine, keeps the figures in bench/results/."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from deploy.local.system import Servers

from . import commands, durable, growth, idle, line, outbox, steady, writes
from .processes import OthersWatch, machine

QUIET_CORES = 0.2
"""Cores that others may keep busy meanwhile; beyond that only ratios and CPU per message count."""
RESULTS = Path(__file__).parent / "results" / "latest.json"
Figures = dict[str, Any]
PARTS = ("durable", "steady", "relay", "commands", "idle", "growth", "writes", "line")


async def _durable(servers: Servers, repeats: int) -> Figures:
    print("durable path: event in -> effect in MongoDB -> event out")
    found = await durable.compare(servers, repeats=repeats)
    magpie = found["magpie"]
    ratios = {
        f"durable_over_{name}": round(magpie.rate / found[name].rate, 1)
        for name in durable.EVENT_COUNTS
        if name != "magpie"
    }
    return {
        **ratios,
        "durable_per_second": round(magpie.rate),
        "cpu_ratio": round(magpie.cpu_total_ms / found["naive"].cpu_total_ms, 3),
    }


async def _steady(servers: Servers) -> Figures:
    print(f"at {steady.PER_SECOND} events/s: event sent -> event out seen")
    found = await steady.compare(servers, repeats=2)
    magpie, naive = found["magpie"], found["naive"]
    return {
        "p50_at_50_ms": magpie.p50_ms,
        "p95_at_50_ms": magpie.p95_ms,
        "naive_p95_at_50_ms": naive.p95_ms,
        "p95_at_50_over_naive": round(magpie.p95_ms / naive.p95_ms, 1),
    }


async def _writes(servers: Servers, directory: Path) -> Figures:
    print("writes by HTTP, one process of each service")
    found = await writes.measure(servers, directory)
    heaviest = found["profiles"][max(writes.CLIENTS)]
    return {
        "http_writes_per_second": round(heaviest.per_second),
        "http_writes_p95_ms": heaviest.p95_ms,
        "http_writes": {
            name: {
                clients: {"per_second": round(load.per_second), "p95_ms": load.p95_ms} for clients, load in by.items()
            }
            for name, by in found.items()
        },
    }


async def _line(servers: Servers, directory: Path) -> Figures:
    print(f"whole line: {line.PER_SECOND} profiles/s published -> match proposed on the topic")
    found, burst = await line.measure(servers, directory)
    print(
        f"  {found.proposed} of {found.published} with a match, p50 {found.p50_ms} ms, p95 {found.p95_ms} ms",
        flush=True,
    )
    print(f"  {line.BURST_SIZE} at once: {burst.per_second} profiles/s judged", flush=True)
    print(f"  ms a profile: CPU {burst.cpu_ms}, slow halves of jobs {burst.work_ms}", flush=True)
    return {
        "propose_p50_ms": found.p50_ms,
        "propose_p95_ms": found.p95_ms,
        "proposed_profiles_per_second": burst.per_second,
        "propose_cpu_ms": burst.cpu_ms,
        "propose_work_ms": burst.work_ms,
    }


async def _relay(servers: Servers) -> Figures:
    print("relay alone: rows of the outbox -> records on the topic")
    return await outbox.measure(servers, repeats=3)


async def _commands(servers: Servers) -> Figures:
    print(f"commands by HTTP: {commands.CLIENTS} clients, one process")
    return await commands.compare(servers, repeats=4)


async def _idle(servers: Servers, directory: Path) -> Figures:
    print("idle: each service without traffic")
    return await idle.measure(servers, directory)


async def _growth(servers: Servers) -> Figures:
    print("growth of the durable path, one run of each shape")
    return await growth.measure(servers)


def parts_of(servers: Servers, directory: Path, repeats: int) -> dict[str, Callable[[], Coroutine[Any, Any, Figures]]]:
    """What measures each part, in the order in which they run."""
    return {
        "durable": lambda: _durable(servers, repeats),
        "steady": lambda: _steady(servers),
        "relay": lambda: _relay(servers),
        "commands": lambda: _commands(servers),
        "idle": lambda: _idle(servers, directory),
        "growth": lambda: _growth(servers),
        "writes": lambda: _writes(servers, directory),
        "line": lambda: _line(servers, directory),
    }


def keep(found: Figures) -> Figures:
    """Merges them into RESULTS after each part: the figures of parts that did not run stay, and a part that fails takes
    none of those before it along. Returns all of them."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = {**known, **found}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    return results


def main() -> None:
    """Measures, prints the figures and keeps them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument("--repeats", type=int, default=3, help="of each variant of the durable path")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    load, watch = round(os.getloadavg()[0], 1), OthersWatch()
    print(f"{machine()}; load average before: {load}", flush=True)
    with tempfile.TemporaryDirectory(prefix="magpie-bench-") as name, Servers(Path(name)) as servers:
        for part, measure in parts_of(servers, Path(name), args.repeats).items():
            if part in (args.parts or PARTS):
                keep(asyncio.run(measure()))
    others = watch.cores()
    results = keep({"machine": machine(), "load_average_before": load, "others_busy_cores": others})
    print(json.dumps(results, indent=2))
    if others > QUIET_CORES:
        print(
            f"NOT QUIET: others kept {others} cores busy meanwhile. Only ratios and CPU per message count.", flush=True
        )


if __name__ == "__main__":
    main()
