"""`make bench-matching`: what the index of matching serves, how fast and in how much memory, as it grows.

All vectors are offers of one kind, so that each query scans all of them: real texts, mixed by twos and disturbed. Each
size is measured in a process of its own, in an event loop that goes on taking changes."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bson
import numpy as np

from schemas.common import Text
from services.matching.domain.indexed_profile import packed
from services.matching.embedders import TwoEncoders, Vectors
from services.matching.encoder import Encoder

from .evaluation.lines import lines
from .matching_plot import draw
from .matching_rush import rush
from .processes import machine

RESULTS = Path(__file__).parent / "results" / "matching.json"
PARTS = ("rush", "10000", "100000", "1000000")
ENTRIES, STATEMENTS = 3, 2
"""Of each profile, and of each entry."""
CHUNK = 9_000
NOISE = 0.4
QUERIES = 200


def real_vectors() -> tuple[str, Vectors]:
    """The name of the shipped encoder, and what it makes of real texts that its sample does not have."""
    encoder = Encoder(TwoEncoders())
    real = lines("statements.tuning") + lines("boilerplate.tuning")
    encoded = encoder.encode([Text(lang=line["lang"], text=line["text"]) for line in real])
    return encoder.name, np.stack([text.vector_array for text in encoded])


def mixed(real: Vectors, count: int, random: np.random.Generator) -> Vectors:
    """Vectors of length 1 near to those of real texts."""
    first, second = (real[random.integers(0, len(real), count)] for _ in range(2))
    noise = random.standard_normal((count, real.shape[1]), dtype=np.float32) * np.float32(NOISE / real.shape[1] ** 0.5)
    rows: Vectors = first + random.uniform(0.2, 0.9, (count, 1)).astype(np.float32) * second + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def entry(id: str, vector: Vectors, hubness: float, *, side: str, encoder: str) -> dict[str, Any]:
    """An entry as it is stored."""
    said = {"start": 0, "end": 40, "weight": 0.9, "is_wish": False, "vector": packed(vector), "hubness": hubness}
    return {
        "id": id,
        "side": side,
        "kind": "technology",
        "text_id": f"text-{id}",
        "topics": ["materials"],
        "expires_at": None,
        "encoder": encoder,
        "vector": vector.astype(np.float16).tobytes(),
        "hubness": hubness,
        "grams": bytes(280),
        "statements": [said] * STATEMENTS,
    }


def document(id: str, vectors: Vectors, hubness: Vectors, *, encoder: str, side: str = "offer") -> dict[str, Any]:
    """A profile as it is stored, an entry for each vector."""
    entries = [
        entry(f"{id}-{n}", vector, float(hub), side=side, encoder=encoder)
        for n, (vector, hub) in enumerate(zip(vectors, hubness, strict=True))
    ]
    country = "CN" if side == "offer" else "KR"
    head = {"_id": id, "revision": 1, "at": 0, "sequence": 1, "owner": f"org-{id}", "country": country, "group": None}
    unproposed = [entry["id"] for entry in entries] if side == "need" else []
    return head | {"languages": ["en"], "certificates_end": [], "entries": entries, "unproposed": unproposed}


def write_world(directory: Path, size: int) -> None:
    """`size` vectors: as BSON documents, as they come from the server, and as plain arrays for the exact ranking."""
    random = np.random.default_rng(size)
    real, encoder = np.load(directory / "real.npy"), (directory / "encoder").read_text()
    with (directory / "docs").open("wb") as docs, (directory / "vectors").open("wb") as file:
        hubs = []
        for start in range(0, size, CHUNK):
            vectors = mixed(real, min(CHUNK, size - start), random)
            hubness = random.uniform(0.1, 0.3, len(vectors)).round(4).astype(np.float32)
            file.write(vectors.astype(np.float16).tobytes())
            hubs.append(hubness)
            for at in range(0, len(vectors), ENTRIES):
                part = slice(at, at + ENTRIES)
                id = f"00000000-0000-4000-8000-{(start + at) // ENTRIES:012}"
                docs.write(bson.encode(document(id, vectors[part], hubness[part], encoder=encoder)))
    np.save(directory / "hubness.npy", np.concatenate(hubs))


def stored(directory: Path) -> Iterator[bytes]:
    """The documents, one at a time."""
    with (directory / "docs").open("rb") as docs:
        while head := docs.read(4):
            yield head + docs.read(int.from_bytes(head, "little") - 4)


def measured(directory: Path, size: int) -> dict[str, Any]:
    """The figures of one size, from processes of their own: the world is written in one, and measured in another."""
    for module, *more in (["bench.matching_scale", "--write"], ["bench.matching_scan"]):
        command = [sys.executable, "-m", module, *more, str(size), str(directory)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measures, prints the figures and merges them into RESULTS."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching_scale", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help="numbers of vectors, or `rush`")
    parser.add_argument("--write", nargs=2, metavar=("SIZE", "DIRECTORY"), help="only write the world (used by itself)")
    args = parser.parse_args()
    if args.write:
        write_world(Path(args.write[1]), int(args.write[0]))
        return
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = {**known, "machine": machine(), "load_average_before": round(os.getloadavg()[0], 1)}
    for name, found in figures(args.parts):
        print(name, json.dumps(found, indent=2), flush=True)
        results |= found if name == "rush" else {name: found}
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    draw(results)


def figures(parts: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The figures of each part by its name."""
    with tempfile.TemporaryDirectory(prefix="magpie-bench-") as name:
        directory = Path(name)
        encoder, real = real_vectors()
        np.save(directory / "real.npy", real)
        (directory / "encoder").write_text(encoder)
        for part in parts:
            yield part, rush() if part == "rush" else measured(directory, int(part))


if __name__ == "__main__":
    main()
