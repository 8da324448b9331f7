"""Where the nodes of the taxonomy lie in the space of an encoder, as it ships in `reference/`: that takes minutes.

`python -m services.matching.node_vectors` writes the files again, after a change of the taxonomy."""

from __future__ import annotations

import hashlib
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import yaml

from .domain.taxonomy import LANGS, Node, Taxonomy, taxonomy
from .embedders import KNOWN, Embedder, Vectors
from .trained import REFERENCE, Trained, centred, load

BATCH = 64


def read_taxonomy() -> Taxonomy:
    """The taxonomy that ships with the product."""
    # In C where it is there: in Python the file takes a second.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return taxonomy(yaml.load((REFERENCE / "taxonomy.yaml").read_text(encoding="utf-8"), Loader=loader))


def node_vectors(embedder: Embedder, known: Taxonomy, trained: Trained | None) -> Vectors | None:
    """A vector of length 1 for each node, in their order, shape (nodes, dimensions): the mean of the three languages,
    each centred on its own mean. None for an encoder without trained means, and where the file was made for another
    taxonomy: then statements are classified by their words alone."""
    file = _file(embedder.name)
    if trained is None or not file.exists():
        return None
    with np.load(file) as data:
        if str(data["taxonomy"]) != fingerprint(known):
            return None
        centres = [centred(data[lang], [lang] * len(data[lang]), trained.means, embedder.parts) for lang in LANGS]
    mean = np.sum(centres, axis=0)
    found: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
    return found


def fingerprint(known: Taxonomy) -> str:
    """Changes with every id, label and synonym."""
    names = "\n".join("\t".join(node.names()) for node in known.nodes.values())
    return hashlib.sha256(names.encode()).hexdigest()


def write(embedder: Embedder, known: Taxonomy) -> None:
    """Writes the file that `node_vectors` reads. It has vectors that are not centred, so that training an encoder again
    does not make it stale."""
    by_language = {lang: _means(embedder, list(known.nodes.values()), lang).astype(np.float16) for lang in LANGS}
    np.savez_compressed(_file(embedder.name), taxonomy=np.array(fingerprint(known)), **by_language)  # type: ignore[arg-type]


def _means(embedder: Embedder, nodes: list[Node], lang: str) -> Vectors:
    """Each node as the mean of its names one by one, and of all of them in one text: half and half."""
    said = [list(dict.fromkeys((node.label[lang], *node.synonyms[lang]))) for node in nodes]
    lists = _embedded(embedder, [", ".join(names[:13]) for names in said])
    single = _embedded(embedder, [name for names in said for name in names])
    bounds = pairwise([0, *accumulate(map(len, said))])
    means: Vectors = (lists + np.stack([single[a:b].mean(axis=0) for a, b in bounds])) / 2
    return means


def _embedded(embedder: Embedder, texts: list[str]) -> Vectors:
    return np.vstack([embedder.embed(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)])


def _file(encoder: str) -> Path:
    return REFERENCE / f"{encoder}.nodes.npz"


if __name__ == "__main__":
    for kind in KNOWN:
        if load(kind.name) is not None:
            write(kind(), read_taxonomy())
