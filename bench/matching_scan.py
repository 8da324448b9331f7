"""One size of `make bench-matching`, in this process: loading, then queries while profiles go on changing."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import importlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import bson
import numpy as np
import psutil

from services.chassis.mongo.collection_cache import THREAD_BATCH
from services.chassis.ops.garbage import collect_garbage_less_often
from services.matching.embedders import Vectors
from services.matching.vector_index import RANKED, VectorIndex

from .matching_scale import ENTRIES, QUERIES, document, mixed, stored

T = TypeVar("T")
NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
WANTED = 50
EXACT_QUERIES = 50
CHANGES_PER_SECOND = 50
IDLE_SECONDS = 10
"""So long the loop does nothing first: how late it is then is the machine's other work."""
MAX_HNSW = int(os.environ.get("MAX_HNSW", "100000"))
"""The largest size with a graph beside it: that of a million is built for a quarter of an hour."""


def ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


class Lateness:
    """How late the event loop was at worst, and what each act of the index took in it."""

    def __init__(self) -> None:
        self.worst = 0.0
        self.acts, self.cpu = dict[str, float](), dict[str, float]()

    def act(self, name: str, do: Callable[..., T], *args: Any) -> T:
        began, worked = time.perf_counter(), time.thread_time()
        result = do(*args)
        self.acts[name] = max(self.acts.get(name, 0), time.perf_counter() - began)
        self.cpu[name] = max(self.cpu.get(name, 0), time.thread_time() - worked)
        return result

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, time.perf_counter() - began - 0.001)


class Run:
    """The index under measurement, with seekers that ask it."""

    def __init__(self, directory: Path, size: int) -> None:
        self.directory, self.size = directory, size
        self.encoder = (directory / "encoder").read_text()
        self.index, self.late = VectorIndex(self.encoder), Lateness()
        random = np.random.default_rng(7)
        # As the exact ranking has them: in float16.
        self.queries = mixed(np.load(directory / "real.npy"), QUERIES, random).astype(np.float16).astype(np.float32)

    async def load(self) -> float:
        """Seconds of decoding and taking in all documents, as the cache does: in threads, many at once."""
        began, documents = time.perf_counter(), stored(self.directory)
        while batch := b"".join(itertools.islice(documents, THREAD_BATCH)):
            await asyncio.to_thread(self._load_batch, batch)
        return time.perf_counter() - began

    def _load_batch(self, batch: bytes) -> None:
        self.index.loaded(bson.decode_all(batch))

    async def propose(self, number: int) -> tuple[set[str], float]:
        """Candidates of a seeker, and the seconds until they were there."""
        began = time.perf_counter()
        view = self.late.act("view", self.index.view, f"seeker-{number}")
        assert view is not None
        found = await asyncio.to_thread(view.candidates, NOW)
        return {one.id for one in found}, time.perf_counter() - began

    def take_seekers(self) -> None:
        for n, query in enumerate(self.queries):
            id = f"seeker-{n}"
            doc = document(id, query[None], np.zeros(1, np.float32), encoder=self.encoder, side="need")
            self.index.changed(id, doc)

    async def change(self) -> None:
        """Goes on changing profiles: each gets the vectors of the one before, so the world stays as it is."""
        while True:
            for data in stored(self.directory):
                doc = bson.decode(data)
                await asyncio.to_thread(self.index.changed, doc["_id"], doc)
                await asyncio.sleep(1 / CHANGES_PER_SECOND)

    async def update_visible(self) -> float:
        """Seconds from a change until a query has found it, in the middle of ten."""
        took = []
        for n in range(10):
            began, id = time.perf_counter(), f"newcomer-{n}"
            doc = document(id, self.queries[n][None], np.zeros(1, np.float32), encoder=self.encoder)
            await asyncio.to_thread(self.index.changed, id, doc)
            found, _ = await self.propose(n)
            if id not in found:
                raise RuntimeError(f"a change was not seen by the next query: {id}")
            took.append(time.perf_counter() - began)
            await asyncio.to_thread(self.index.changed, id, None)
        return float(np.median(took))


async def measure(directory: Path, size: int) -> dict[str, Any]:
    """All figures of the index itself."""
    run = Run(directory, size)
    gc.collect()
    before = psutil.Process().memory_info().rss
    watch = asyncio.create_task(run.late.watch())
    await asyncio.sleep(IDLE_SECONDS)
    idle, run.late.worst = run.late.worst, 0
    cold = await run.load()
    late = {"load": run.late.worst}
    gc.collect()  # so that memory is what is kept; no service does this in its loop
    await asyncio.sleep(0.01)
    run.late.worst = 0
    resident = psutil.Process().memory_info().rss - before
    run.take_seekers()
    change = asyncio.create_task(run.change())
    answers = [await run.propose(n) for n in range(QUERIES)]
    visible = await run.update_visible()
    change.cancel()
    late["serve"], run.late.worst = run.late.worst, 0
    await asyncio.to_thread(run.index.cleared)
    await asyncio.sleep(0.01)
    late["clear"] = run.late.worst
    watch.cancel()
    took = [seconds for _, seconds in answers]
    compared = await asyncio.to_thread(compare, run, [ids for ids, _ in answers])
    return {
        "recall_at_50": compared.pop("recall"),
        "propose_p50_ms": ms(float(np.percentile(took, 50))),
        "propose_p99_ms": ms(float(np.percentile(took, 99))),
        "update_visible_ms": ms(visible),
        "loop_blocked_ms_max": ms(max(late.values())),
        "loop_late_ms": {name: ms(seconds) for name, seconds in late.items()},
        "loop_late_idle_ms_max": ms(idle),
        "longest_ms": {name: ms(seconds) for name, seconds in run.late.acts.items()},
        "longest_cpu_ms": {name: ms(seconds) for name, seconds in run.late.cpu.items()},
        "resident_gb": round(resident / 1e9, 3),
        "cold_start_s": round(cold, 1),
        **compared,
    }


def compare(run: Run, served: list[set[str]]) -> dict[str, Any]:
    """The exact ranking in float32, what it takes, and how much of it was served; a graph beside it."""
    hubness = np.load(run.directory / "hubness.npy")
    vectors = np.empty((run.size, run.queries.shape[1]), dtype=np.float32)
    plain = np.memmap(run.directory / "vectors", dtype=np.float16, mode="r", shape=vectors.shape)
    for start in range(0, run.size, 50_000):
        vectors[start : start + 50_000] = plain[start : start + 50_000]
    took, exact = [], []
    for query in run.queries[:EXACT_QUERIES]:
        began = time.perf_counter()
        near = 2 * (vectors @ query) - hubness
        best = np.argpartition(-near, WANTED)[:WANTED]
        took.append(time.perf_counter() - began)
        exact.append(best)
    recall = [share(best, ids) for best, ids in zip(exact, served, strict=False)]
    graph = hnsw(vectors, hubness, run.queries, exact) if run.size <= MAX_HNSW else None
    return {"recall": round(float(np.mean(recall)), 4), "float32_ms": ms(float(np.median(took))), "hnsw": graph}


def share(best: Any, ids: set[str]) -> float:
    wanted = {f"00000000-0000-4000-8000-{int(at) // ENTRIES:012}" for at in best}
    return len(wanted & ids) / len(wanted)


def hnsw(vectors: Vectors, hubness: Vectors, queries: Vectors, exact: list[Any]) -> dict[str, Any] | None:
    """The same with a graph (usearch, int8), if that library is installed. Its RANKED nearest are ranked exactly
    too."""
    library: Any = None
    with suppress(ImportError):
        library = importlib.import_module("usearch.index")
    if library is None:
        return None
    graph = library.Index(ndim=vectors.shape[1], metric="cos", dtype="i8", expansion_search=RANKED)
    began = time.perf_counter()
    graph.add(np.arange(len(vectors)), vectors)
    built, took, recall = time.perf_counter() - began, [], []
    for query, best in zip(queries, exact, strict=False):
        began = time.perf_counter()
        keys = graph.search(query, RANKED).keys.astype(np.intp)
        near = 2 * (vectors[keys] @ query) - hubness[keys]
        ranked = keys[np.argsort(-near)[:60]]
        took.append(time.perf_counter() - began)
        recall.append(len(set(ranked.tolist()) & set(best.tolist())) / WANTED)
    began = time.perf_counter()
    for n in range(100):
        graph.add(len(vectors) + n, queries[n])
    return {
        "recall_at_50": round(float(np.mean(recall)), 4),
        "query_ms": ms(float(np.median(took))),
        "build_s": round(built, 1),
        "update_ms": ms((time.perf_counter() - began) / 100),
        "memory_gb": round(graph.memory_usage / 1e9, 3),
    }


def main() -> None:
    """Prints the figures as JSON."""
    collect_garbage_less_often()  # as every service does
    print(json.dumps(asyncio.run(measure(Path(sys.argv[2]), int(sys.argv[1])))))


if __name__ == "__main__":
    main()
