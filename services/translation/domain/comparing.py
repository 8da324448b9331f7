"""Whether two texts say the same figures (docs/rules.md, section 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .day_words import have_other_days
from .directions import directions_of
from .figure import Figure, Reading
from .figures import figures_in, normalised
from .losses import results_of
from .manners import bounds_of, changes_of
from .moments import sides_of, zones_of
from .periods import periods_in
from .roundings import rounded

Pair = tuple[Figure, Figure]


@dataclass(frozen=True)
class Comparison:
    """What is wrong with the figures of a translation. `numbers`: a value, an order or a bound differs; `units`: the
    number is there with another unit, currency or period; `unsure`: something could not be read."""

    numbers: bool = False
    units: bool = False
    unsure: bool = False

    @property
    def verdict(self) -> str:
        """equal, different or unsure."""
        if self.numbers or self.units:
            return "different"
        return "unsure" if self.unsure else "equal"


def compare_figures(source: str, target: str) -> Comparison:
    """Compares the figures of a text and its translation."""
    one, other = normalised(source), normalised(target)
    ones, others = figures_in(one), figures_in(other)
    pairs, missing, extra = _with_rounded(one, other, *_matched(ones, others))
    lost = [*missing, *extra]
    if any(figure.opaque for figure in lost):
        return Comparison(unsure=True)
    if lost:
        return _kind_of_loss(missing, extra)
    is_turned = (
        _is_turned(one, other, pairs)
        or _have_other_spans(pairs, ones, others)
        or _differ_in_manner(one, other, pairs)
        or have_other_days(one, other)
    )
    return Comparison(numbers=is_turned, units=_periods_differ(one, other))


def _kind_of_loss(missing: Sequence[Figure], extra: Sequence[Figure]) -> Comparison:
    """The same bare numbers on both sides have other units."""
    lost, found = ({figure.number for figure in figures if figure.number} for figures in (missing, extra))
    same = lost & found
    others = [figure for figure in (*missing, *extra) if figure.number not in same]
    return Comparison(numbers=bool(others), units=bool(same))


# -- which figure answers which


def _matched(ones: Sequence[Figure], others: Sequence[Figure]) -> tuple[list[Pair], list[Figure], list[Figure]]:
    """Pairs with a common reading, and what is required and left on each side."""
    free: dict[Reading, list[int]] = defaultdict(list)
    for at in sorted(range(len(others)), key=lambda at: (len(others[at].readings), at), reverse=True):
        for reading in others[at].readings:
            free[reading].append(at)
    taken: dict[int, Figure] = {}
    missing: list[Figure] = []
    for figure in sorted(ones, key=lambda figure: (len(figure.readings), figure.start)):
        answer = _take(figure, free, taken)
        if answer is not None:
            taken[answer] = figure
        elif figure.required:
            missing.append(figure)
    pairs = sorted(((figure, others[at]) for at, figure in taken.items()), key=lambda pair: pair[0].start)
    extra = [figure for at, figure in enumerate(others) if at not in taken and figure.required]
    return pairs, _unsaid(missing, _loose(others)), _unsaid(extra, _loose(ones))


def _with_rounded(
    source: str, target: str, pairs: list[Pair], missing: list[Figure], extra: list[Figure]
) -> tuple[list[Pair], list[Figure], list[Figure]]:
    """The same, with a measure and its rounded value in another unit as a pair."""
    found = rounded(source, target, missing, extra)
    if not found:
        return pairs, missing, extra
    taken = {id(figure) for pair in found for figure in pair}
    lost, added = ([figure for figure in figures if id(figure) not in taken] for figures in (missing, extra))
    return sorted([*pairs, *found], key=lambda pair: pair[0].start), lost, added


def _loose(figures: Iterable[Figure]) -> list[Figure]:
    """Those that may answer several others: 三四人 answers both numbers of 3~4명."""
    return [figure for figure in figures if figure.opaque or not figure.required]


def _take(figure: Figure, free: dict[Reading, list[int]], taken: dict[int, Figure]) -> int | None:
    """The figure of the other text with the fewest meanings that has one of these readings."""
    for reading in sorted(figure.readings):
        candidates = free.get(reading, [])
        while candidates and candidates[-1] in taken:
            candidates.pop()
        if candidates:
            return candidates[-1]
    return None


def _unsaid(lost: Iterable[Figure], others: Iterable[Figure]) -> list[Figure]:
    """What the other text does not say at all."""
    said = {reading for figure in others for reading in figure.readings}
    return [figure for figure in lost if not figure.readings & said]


# -- the same values in another order, or with other words around them

_LOOSE = frozenset({"count", "ordinal", "seconds", "months"})
_FREE = frozenset({"code", "term", "pair", "round"})
_LONGEST_GAP = 60
_LISTED = (" and ", ",", "、", "和", " 및 ", "와 ", "과 ", " to ", "至", "到", "~", "에서", "부터")


def _is_turned(one: str, other: str, pairs: Sequence[Pair]) -> bool:
    """Whether two figures of one kind have changed places: 35 to 70 MPa, 70 to 35 MPa."""
    last: dict[str, Pair] = {}
    for pair in pairs:
        for kind in {kind for kind, _ in pair[0].readings & pair[1].readings}:
            before = last.get(kind)
            if before and before[1].start > pair[1].start and _must_keep_order(one, other, kind, (before, pair)):
                return True
            last[kind] = pair
    return False


def _must_keep_order(one: str, other: str, kind: str, turned: tuple[Pair, Pair]) -> bool:
    """Counts may change places with their nouns (12 pilots in 3 cities); members of a list and measures may not."""
    before, pair = turned
    gaps = [gap[:_LONGEST_GAP] for gap in (one[before[0].end : pair[0].start], other[pair[1].end : before[1].start])]
    if any(word in gap for gap in gaps for word in (" from ", "compared", " over ", "比", "보다", "대비")):
        return False
    if kind not in _LOOSE:
        return kind not in _FREE
    return all(any(word in gap for word in _LISTED) for gap in gaps)


def _have_other_spans(pairs: Sequence[Pair], ones: Sequence[Figure], others: Sequence[Figure]) -> bool:
    """A week here and a month there: neither must be said, but they are not the same."""
    in_pairs = {id(figure) for pair in pairs for figure in pair}
    left = ([f for f in figures if id(f) not in in_pairs and _is_span(f)] for figures in (ones, others))
    first, second = left
    meanings = {f.readings for f in _unsaid(first, others)}, {f.readings for f in _unsaid(second, ones)}
    return any(not one & other for one in meanings[0] for other in meanings[1])


def _is_span(figure: Figure) -> bool:
    return bool(figure.readings) and all(kind in ("months", "seconds") for kind, _ in figure.readings)


def _differ_in_manner(one: str, other: str, pairs: Sequence[Pair]) -> bool:
    """Whether a bound (at least, at most), a change (to a third, by a third, up, down), a result (profit, loss), the
    side of a date (before, after) or the zone of a time has become another one."""
    for manner in (bounds_of, changes_of, directions_of, results_of, sides_of, zones_of):
        first = manner(one, [pair[0] for pair in pairs])
        second = manner(other, [pair[1] for pair in pairs])
        if any(a and b and not a & b for a, b in zip(first, second, strict=True)):
            return True
    return False


def _periods_differ(one: str, other: str) -> bool:
    first, second = periods_in(one), periods_in(other)
    return bool(first - second and second - first)
