"""How often a statement finds its node of the taxonomy by itself."""

from __future__ import annotations

from services.matching.embedders import embedder
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from services.matching.trained import centred

from .lines import lines


def evaluate(half: str, *, name: str = "") -> dict[str, float]:
    """How often the right node is the first, and among the first three; for the encoder of this name or that of the
    settings."""
    encoder = Encoder(embedder(name or MatchingSettings().embedder))
    said = lines(f"taxonomy.{half}")
    langs, texts = [line["lang"] for line in said], [line["text"] for line in said]
    vectors = centred(encoder.embedder.embed(texts), langs, encoder.trained.means, encoder.embedder.parts)
    found = [
        [node for node, _ in encoder.classifier.classify(line["text"], vector)]
        for line, vector in zip(said, vectors, strict=True)
    ]
    right = [(line["node"], nodes) for line, nodes in zip(said, found, strict=True)]
    return {
        "top1": round(sum(nodes[:1] == [node] for node, nodes in right) / len(right), 4),
        "top3": round(sum(node in nodes for node, nodes in right) / len(right), 4),
        "texts": len(right),
    }
