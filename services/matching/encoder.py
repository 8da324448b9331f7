"""Encodes a text as it is scored: its statements with their weights, centred vectors, hubness, grams. All of it depends
on the text, the embedder and the files in `reference/` only, never on other profiles, so a score is the same on any day
(docs/rules.md, section 4)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from schemas.common import Text

from .denial import Denial
from .domain.bridge import Bridge
from .domain.classify import Classifier
from .domain.common_words import CommonWords
from .domain.concepts import Concepts, Rarity, concept, hashed
from .domain.indexed_profile import MIN_WEIGHT, EncodedStatement, EncodedText, packed
from .domain.live_clause import live_clause
from .domain.names import Names
from .domain.pair_model import PairModel
from .domain.pair_score import Scorer
from .domain.speech import has_ended, is_wish
from .domain.statements import spans
from .embedders import Embedder, Vectors
from .node_vectors import node_vectors, read_taxonomy
from .trained import REFERENCE, Trained, centred, load

VERSION = 7
"""Version of everything but the embedder that goes into an encoding: sample, readings, words, gate, taxonomy, concepts,
arithmetic."""
NEIGHBOURS = 20
"""The hubness of a text is its mean cosine with this many of the nearest texts of the sample."""
MAX_KEPT = 6
"""Statements of a text that are kept: those that say most. More cost memory, and change nothing that was measured."""
DENIED = 0.5
"""From this probability on, a statement says that there is nothing."""
LIKELY = 0.15
"""From this probability on, a statement keeps a node that it is about."""
SAYS_SOMETHING = 0.3
"""From this weight on, the words of a statement go over the bridge."""


def read_texts() -> list[Text]:
    """The reference sample: invented texts as firms in the forum's fields write them."""
    lines = (REFERENCE / "texts.tsv").read_text(encoding="utf-8").splitlines()
    return [Text(lang=lang, text=text) for lang, _, text in (line.partition("\t") for line in lines)]


def read_readings() -> dict[str, str]:
    """The Korean reading of each Chinese character."""
    lines = (REFERENCE / "readings.txt").read_text(encoding="utf-8").splitlines()
    return {character: line[0] for line in lines if line[:1] != "#" for character in line[1:]}


def read_common_words() -> CommonWords:
    """The words that any firm writes."""
    lines = (REFERENCE / "common_words.txt").read_text(encoding="utf-8").splitlines()
    return CommonWords.of(line for line in lines if line[:1] != "#")


@dataclass(frozen=True)
class Spoken:
    """The statements of one text with their vectors and weights, in order. Shapes: (statements, dimensions),
    (statements,)."""

    spans: Sequence[tuple[int, int]]
    texts: Sequence[str]
    vectors: Vectors
    content: Vectors
    weights: npt.NDArray[np.float64]

    @property
    def whole(self) -> Vectors:
        """The text as one vector of length 1: each statement has a share by the square of its weight."""
        mean = (self.weights**2) @ self.content
        length = np.linalg.norm(mean)
        return (mean / length if length > 0 else mean).astype(np.float32)

    def said(self) -> str:
        """What says something, or all of it where nothing does."""
        chosen = [text for text, weight in zip(self.texts, self.weights, strict=True) if weight >= SAYS_SOMETHING]
        return "\n".join(chosen or self.texts)

    def kept(self) -> list[int]:
        """The places of the statements that say most, in order."""
        return sorted(np.argsort(-self.weights, kind="stable")[:MAX_KEPT].tolist())


def read_concepts() -> Concepts:
    """What firms deal in, with its names in three languages."""
    lines = (REFERENCE / "concepts.tsv").read_text(encoding="utf-8").splitlines()
    return Concepts((concept(line) for line in lines if line[:1] != "#"), read_common_words())


class Encoder:
    """Slow CPU work: call `encode` in a thread. Its first call also loads the models (a second)."""

    def __init__(self, embedder: Embedder, trained: Trained | None = None) -> None:
        """`trained`: what was learnt for the embedder, instead of what ships."""
        self.embedder = embedder
        self.name = f"{embedder.name}/{VERSION}"
        self.taxonomy = read_taxonomy()
        self._texts = read_texts()
        self.bridge = Bridge.over(read_readings(), (text.text for text in self._texts), read_common_words())
        self.concepts = read_concepts()
        self.rarity = Rarity.over(self._concepts(text.text) for text in self._texts)
        self._shipped = trained or load(embedder.name)
        vectors = node_vectors(embedder, self.taxonomy, self._shipped)
        self.classifier = Classifier(self.taxonomy, Names(self.taxonomy.written()), vectors)
        self._lock = threading.Lock()

    @property
    def pair_model(self) -> PairModel:
        """How the scorer weighs the parts of a fit."""
        return self._shipped.pair if self._shipped else PairModel()

    @property
    def is_metered(self) -> bool:
        """Whether a text costs, or leaves this process."""
        return self.embedder.is_metered

    def scorer(self, model: PairModel | None = None) -> Scorer:
        """Scores what this encoder encodes; by `model` instead of what ships for it."""
        return Scorer(self.bridge, self.taxonomy, self.rarity, model or self.pair_model)

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text, in the same order."""
        spoken = self.spoken(texts)
        return [self._encoded(text, one) for text, one in zip(texts, spoken, strict=True)]

    def spoken(self, texts: Sequence[Text]) -> list[Spoken]:
        """The statements of each text."""
        trained = self.trained
        places = [spans(text.text) if len(trained.gate) else [(0, len(text.text))] for text in texts]
        said = [[text.text[a:b] for a, b in place] for text, place in zip(texts, places, strict=True)]
        flat = [one for statements in said for one in statements]
        langs = [text.lang for text, statements in zip(texts, said, strict=True) for _ in statements]
        vectors = self._vectors(flat, langs)
        weights = self._weights(flat, langs, vectors) if len(trained.gate) else np.ones(len(flat))
        content = self._content(flat, langs, vectors)
        bounds = pairwise([0, *accumulate(map(len, said))])
        return [
            Spoken(place, statements, vectors[a:b], content[a:b], weights[a:b])
            for place, statements, (a, b) in zip(places, said, bounds, strict=True)
        ]

    def _weights(self, statements: Sequence[str], langs: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float64]:
        """What each statement weighs; one that is denied or has ended counts if a clause of it is live."""
        trained, says_nothing = self.trained, self.bridge.common.says_nothing
        says = trained.says(vectors, statements)
        ended = np.array([has_ended(one) for one in statements], dtype=bool)
        silent = ended | (trained.denies(vectors, statements) > DENIED)
        weights = np.where(silent, MIN_WEIGHT, says)
        found = {at: clause for at in np.flatnonzero(silent).tolist() if (clause := live_clause(statements[at]))}
        if found:
            clauses = list(found.values())
            alone = trained.says(self._vectors(clauses, [langs[at] for at in found]), clauses)
            weights[list(found)] = np.maximum(alone, says[list(found)])
        weights[[at for at, one in enumerate(statements) if says_nothing(found.get(at, one))]] = MIN_WEIGHT
        return weights

    def _vectors(self, statements: Sequence[str], langs: Sequence[str]) -> Vectors:
        return centred(self.embedder.embed(statements), langs, self.trained.means, self.embedder.parts)

    def _content(self, statements: Sequence[str], langs: Sequence[str], vectors: Vectors) -> Vectors:
        """The vectors of what tells the field of each statement; `vectors`: those of the statements."""
        content = [self.bridge.common.content(one) for one in statements]
        changed = [at for at, one in enumerate(content) if one != statements[at]]
        found = vectors.copy()
        if changed and len(self.trained.gate):
            found[changed] = self._vectors([content[at] for at in changed], [langs[at] for at in changed])
        return found

    def _encoded(self, text: Text, spoken: Spoken) -> EncodedText:
        whole = spoken.whole
        has_statements = len(self.trained.gate) > 0
        said = spoken.said()
        return EncodedText(
            encoder=self.name,
            # Half the bytes of float32 in each document and in the change stream.
            vector=whole.astype(np.float16).tobytes(),
            hubness=self._hubness(whole[None])[0],
            grams=self.bridge.grams(said).tobytes(),
            names=self.bridge.common.names(said),
            lang=text.lang,
            statements=self._statements(spoken) if has_statements else [],
        )

    def _statements(self, spoken: Spoken) -> list[EncodedStatement]:
        hubness = self._hubness(spoken.content)
        return [
            EncodedStatement(
                start=spoken.spans[at][0],
                end=spoken.spans[at][1],
                weight=round(float(spoken.weights[at]), 4),
                is_wish=is_wish(spoken.texts[at]),
                vector=packed(spoken.content[at]),
                hubness=hubness[at],
                nodes=self._nodes(spoken.texts[at], spoken.vectors[at]),
                concepts=np.array(self._concepts(spoken.texts[at]), dtype=np.uint32).tobytes(),
            )
            for at in spoken.kept()
        ]

    def _nodes(self, text: str, vector: Vectors) -> dict[str, float]:
        return {node: chance for node, chance in self.classifier.classify(text, vector) if chance >= LIKELY}

    def _concepts(self, text: str) -> list[int]:
        return sorted(map(hashed, self.concepts.found(text)))

    def _hubness(self, vectors: Vectors) -> list[float]:
        cosines = vectors @ self.trained.sample.T
        at = max(0, cosines.shape[1] - NEIGHBOURS)
        # Sorted once more: a sum depends on its order.
        nearest = np.sort(np.partition(cosines, at, axis=1)[:, at:], axis=1)
        return [round(float(near.mean()), 4) for near in nearest]

    @property
    def trained(self) -> Trained:
        """What ships for this embedder; else means and sample of the reference texts, without a gate."""
        if self._shipped is not None:
            return self._shipped
        # Several threads may come first; without the lock each would encode the whole sample.
        with self._lock:
            return self._untrained

    @cached_property
    def _untrained(self) -> Trained:
        vectors = self.embedder.embed([text.text for text in self._texts])
        langs = [text.lang for text in self._texts]
        means = {
            lang: vectors[[i for i, one in enumerate(langs) if one == lang]].mean(axis=0) for lang in sorted(set(langs))
        }
        return Trained(means, centred(vectors, langs, means, self.embedder.parts), np.zeros(0), Denial(), PairModel())


def scorer_of(encoders: Sequence[Encoder]) -> Scorer:
    """Weighs what each of the encoders says by what was learnt for it."""
    models = {encoder.name: encoder.pair_model for encoder in encoders}
    return replace(encoders[0].scorer(), models=models)
