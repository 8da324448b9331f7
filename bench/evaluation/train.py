"""`python -m bench.evaluation.train`: learns the gate and the pair model from the tuning halves, and writes them with
the reference sample to `services/matching/reference/`. The same texts give the same files, but for the last bits of
floating point.

Nothing of a held half is read here."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from schemas.common import Text
from services.matching.denial import Denial, phrases
from services.matching.domain.alignment import Alignment
from services.matching.domain.indexed_profile import IndexedEntry
from services.matching.domain.pair_model import FEATURES, PairModel
from services.matching.domain.statements import statements
from services.matching.embedders import Embedder, SentenceEncoder, TwoEncoders, Vectors
from services.matching.encoder import Encoder
from services.matching.trained import REFERENCE, Trained, centred, gate_features, save

from .align import alignment
from .fits import Fits, encoded, entry, introduction_pairs, never_pairs
from .lines import Line, lines
from .partners import COUNTRIES, DRESSES, LEARNT_FROM, Dress, Said, is_right, language, may_meet, texts

Array = npt.NDArray[np.float64]
SAMPLE_PER_LANGUAGE = {"ko": 300, "zh": 300, "en": 150}
GATE_REGULARISATION, DENIAL_REGULARISATION, PAIR_REGULARISATION = 4.0, 2.0, 1.0
SAYING_SHARE = 1.8
"""What all that says something weighs against all that does not, in the gate: the set has many more of the first."""
STATING_WEIGHT = 0.15
"""Of an ordinary statement of an offer or a need against one that was written to look like a denial, in the classifier
of denials: of ordinary ones there are more, and each is one that firms really write (cross-validated, with the first
encoder .81 of the first denials are heard and 1.1 % of the ordinary ones taken for one; with both .89 and 1.1 %)."""
PHRASES, LEAST_TEXTS = 2500, 4
"""Phrases that tell a denial, each of them in this many texts at least (cross-validated, with both encoders: of others'
fresh denials .78 are heard instead of .77, and .11 of living offers that sound like denials instead of .14; with the
first one .70 and .14 instead of .63 and .19)."""
FOLDS = 5
WRONG_WEIGHT = 0.13
"""Of a wrong pair against a right one: a gold set has a dozen wrong ones for each right one, where a list of proposals
has about as many of both. It sets the bias, and so what a score means."""


def _pairs() -> list[Line]:
    return [pair for gold in LEARNT_FROM for pair in lines(f"{gold}.tuning")]


def labelled() -> list[tuple[Text, bool]]:
    """Statements that say something that is offered or needed, and statements that do not."""
    found: dict[tuple[str, str], bool] = {}
    for line in lines("statements.tuning"):
        found[language(line["text"]), line["text"]] = bool(line["says"])
    for line in lines("boilerplate.tuning"):
        found |= {(line["lang"], one): False for one in statements(line["text"])}
    for pair in _pairs():
        for lang in ("ko", "zh"):
            said = [one for part in ("bare", "core", "hard", "hard_core") for one in statements(pair[lang][part])]
            found |= {(language(one), one): True for one in said}
    for pair in lines("pairs.tuning"):
        found |= {(language(one), one): True for lang in ("ko", "zh") for one in statements(pair[lang])}
    return [(Text(lang=lang, text=text), says) for (lang, text), says in found.items()]


def sample_texts() -> list[Text]:
    """The reference sample: what shipped with the first version, and statements of the tuning halves."""
    first = [Text(**line) for line in lines("sample.tuning")]
    draw = random.Random(1)
    by_lang: dict[str, list[Text]] = {}
    for text in [*first, *(text for text, _ in labelled())]:
        by_lang.setdefault(text.lang, []).append(text)
    chosen: list[Text] = []
    for lang, many in SAMPLE_PER_LANGUAGE.items():
        known = sorted({text.text for text in by_lang.get(lang, [])})
        chosen += [Text(lang=lang, text=text) for text in sorted(draw.sample(known, min(many, len(known))))]
    return chosen


def logistic(features: Array, labels: Array, *, regularisation: float, weights: Array | None = None) -> Array:
    """The weights of a regularised logistic regression by Newton's method. The last column is the bias, which is not
    regularised."""
    many, size = features.shape
    weights = np.ones(many) if weights is None else weights
    penalty = np.full(size, regularisation)
    penalty[-1] = 1e-6
    found = np.zeros(size)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(features @ found, -30, 30)))
        slope = features.T @ (weights * (chance - labels)) + penalty * found
        curvature = (features * (weights * chance * (1 - chance) + 1e-9)[:, None]).T @ features + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    return found


def train(embedder: Embedder) -> Trained:
    """Sample, gate and pair model of one embedder."""
    sample = sample_texts()
    vectors = embedder.embed([text.text for text in sample])
    langs = [text.lang for text in sample]
    means = {lang: vectors[[i for i, one in enumerate(langs) if one == lang]].mean(axis=0) for lang in set(langs)}
    shifted = centred(vectors, langs, means, embedder.parts)
    said = labelled()
    rows = centred(
        embedder.embed([text.text for text, _ in said]), [text.lang for text, _ in said], means, embedder.parts
    )
    labels = np.array([float(says) for _, says in said])
    gate = logistic(
        gate_features(rows, [text.text for text, _ in said]),
        labels,
        regularisation=GATE_REGULARISATION,
        weights=np.where(labels > 0, min(1.0, SAYING_SHARE * (1 - labels).sum() / labels.sum()), 1.0),
    )
    denial = _denial(embedder, means)
    unpaired = Trained(means, shifted, gate, denial, PairModel())
    return replace(unpaired, pair=pair_model(Encoder(embedder, unpaired)))


def _denial(embedder: Embedder, means: Mapping[str, Vectors]) -> Denial:
    said = [(line["lang"], line["text"], bool(line["negated"])) for line in lines("negation.tuning")]
    written = len(said)
    for pair in _pairs():
        for lang in ("ko", "zh"):
            said += [(language(one), one, False) for part in ("bare", "core") for one in statements(pair[lang][part])]
    texts_ = [text for _, text, _ in said]
    rows = centred(embedder.embed(texts_), [lang for lang, *_ in said], means, embedder.parts)
    labels = np.array([float(negated) for *_, negated in said])
    weights = np.where(np.arange(len(said)) < written, 1.0, STATING_WEIGHT)
    telling = Denial(phrases=_telling(texts_, labels, weights))
    found = logistic(telling.features(rows, texts_), labels, regularisation=DENIAL_REGULARISATION, weights=weights)
    return replace(telling, weights=found)


def _telling(texts_: Sequence[str], labels: Array, weights: Array) -> tuple[str, ...]:
    """The phrases whose share among the denials differs most from that among all others, by its standard error."""
    counted: dict[str, Array] = {}
    for text, label, weight in zip(texts_, labels, weights, strict=True):
        for phrase in phrases(text):
            counted.setdefault(phrase, np.zeros(3))[[int(label), 2]] += weight, 1
    known = sorted(phrase for phrase, (*_, texts_with) in counted.items() if texts_with >= LEAST_TEXTS)
    others, denials = np.array([counted[phrase][:2] for phrase in known]).T
    of_others, of_denials = (weights[labels == label].sum() for label in (0, 1))
    share = (others + denials + 1) / (of_others + of_denials + 2)
    apart = np.abs((denials + 0.5) / (of_denials + 1) - (others + 0.5) / (of_others + 1))
    error = np.sqrt(share * (1 / of_denials + 1 / of_others))
    return tuple(sorted(known[at] for at in np.argsort(-apart / error, kind="stable")[:PHRASES].tolist()))


Pair = tuple[str, IndexedEntry, IndexedEntry, bool]


def pair_model(encoder: Encoder) -> PairModel:
    """From all pairs of one kind across the border, in all dresses, the right ones against all others; and from texts
    that must not meet: introductions, and what is not offered or needed any more.

    What the alignment gives to a pair is judged by one that has not learnt from this pair."""
    dressed = {dress: _entries(encoder, dress) for dress in DRESSES}
    folds = _folds(sorted({said.pair for said, _ in dressed["bare"]}))
    rows = _Rows.of(encoder, dressed)
    whole = rows.alignment()
    judges = [_fits(encoder, rows.alignment(without=fold)) for fold in folds]
    of_pair = {pair: judge for fold, judge in zip(folds, judges, strict=True) for pair in fold}
    judge = _fits(encoder, whole)
    gold = [pair for entries in dressed.values() for pair in _gold_pairs(entries)]
    examples = [(of_pair[id].of(a, b), right, 1.0 if right else WRONG_WEIGHT) for id, a, b, right in gold]
    examples += [(judge.of(a, b), False, 1.0) for a, b in never_pairs(encoder, "tuning")]
    examples += [(judge.of(a, b), False, WRONG_WEIGHT) for a, b in introduction_pairs(encoder, "tuning")]
    found = logistic(
        np.array([[*map(fit.parts.__getitem__, FEATURES), 1.0] for fit, *_ in examples]),
        np.array([float(right) for _, right, _ in examples]),
        regularisation=PAIR_REGULARISATION,
        weights=np.array([weight for *_, weight in examples]),
    )
    return PairModel(tuple(round(float(weight), 4) for weight in found[:-1]), round(float(found[-1]), 4), whole)


def _fits(encoder: Encoder, learnt: Alignment) -> Fits:
    return Fits(encoder.scorer(PairModel(alignment=learnt)))


def _folds(pairs: list[str]) -> list[frozenset[str]]:
    random.Random(2).shuffle(pairs)
    return [frozenset(pairs[at::FOLDS]) for at in range(FOLDS)]


def _entries(encoder: Encoder, dress: Dress) -> list[tuple[Said, IndexedEntry]]:
    said = [one for gold in LEARNT_FROM for one in texts("tuning", dress, gold)]
    known = encoded(encoder, (one.text for one in said))
    return [(one, entry(one, known[one.text.lang, one.text.text])) for one in said]


def _gold_pairs(entries: list[tuple[Said, IndexedEntry]]) -> list[Pair]:
    return [
        (need.pair, asked, given, is_right(need, offer))
        for need, asked in entries
        for offer, given in entries
        if need.side == "need" and may_meet(need, offer)
    ]


@dataclass(frozen=True)
class _Rows:
    """The vectors of both sides of each right pair, a row each; `groups` says which pair it is of."""

    korean: Array
    chinese: Array
    groups: list[str]

    @classmethod
    def of(cls, encoder: Encoder, dressed: Mapping[Dress, list[tuple[Said, IndexedEntry]]]) -> _Rows:
        sides: dict[tuple[str, bool, str], dict[str, Vectors]] = {}
        for dress in ("bare", "profiles"):
            for said, one in dressed[dress]:
                sides.setdefault((said.pair, said.is_hard, dress), {})[said.country] = one.vector_array
        for pair in lines("pairs.tuning"):
            both = encoder.spoken([Text(lang=language(pair[lang]), text=pair[lang]) for lang in COUNTRIES])
            sides[pair["id"], False, "bare"] = dict(zip(COUNTRIES.values(), (one.whole for one in both), strict=True))
        korean, chinese = (np.array([side[country] for side in sides.values()], np.float64) for country in ("KR", "CN"))
        return cls(korean, chinese, [f"{pair}{'/hard' if is_hard else ''}" for pair, is_hard, _ in sides])

    def alignment(self, without: frozenset[str] = frozenset()) -> Alignment:
        rows = np.array([group.removesuffix("/hard") not in without for group in self.groups])
        groups = [group for group, is_in in zip(self.groups, rows, strict=True) if is_in]
        return alignment(self.korean[rows], self.chinese[rows], groups)


def main() -> None:
    sample = sample_texts()
    (REFERENCE / "texts.tsv").write_text("".join(f"{text.lang}\t{' '.join(text.text.split())}\n" for text in sample))
    for embedder in (SentenceEncoder(), TwoEncoders()):
        found = train(embedder)
        save(embedder.name, found)
        weights = ", ".join(f"{name} {weight}" for name, weight in zip(FEATURES, found.pair.weights, strict=True))
        print(f"{embedder.name}: sample of {len(found.sample)}, pair model: {weights}, bias {found.pair.bias}")


if __name__ == "__main__":
    main()
