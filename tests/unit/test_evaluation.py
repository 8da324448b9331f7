"""The goals hold on texts that nobody has read to reach them. A failure here says a share, never a text."""

from __future__ import annotations

import pytest

from bench.evaluation import figures, screening
from bench.evaluation.lines import lines
from bench.evaluation.partners import is_right, texts

MOST_REFUSED, MOST_PUBLISHED = 0.01, 0.03
LEAST_CAUGHT, MOST_FLAGGED = 0.98, 0.03


def test_ordinary_texts_are_taken_and_contacts_are_not() -> None:
    assert min(len(lines("ordinary.held")), len(lines("contacts.held"))) >= 200
    found = screening.evaluate("held")
    assert found.refused_share <= MOST_REFUSED
    assert found.published_share <= MOST_PUBLISHED


def test_wrong_figures_are_caught_and_right_ones_pass() -> None:
    held = lines("figures.held")
    assert len(held) >= 200
    found = figures.evaluate(held)
    assert found["caught_share"] >= LEAST_CAUGHT
    assert found["flagged_share"] <= MOST_FLAGGED


@pytest.mark.parametrize(
    "name", ["ordinary", "contacts", "figures", "partners", "strict", "boilerplate", "never", "statements", "taxonomy"]
)
def test_no_line_stands_in_both_halves(name: str) -> None:
    halves = [{str(line) for line in lines(f"{name}.{half}")} for half in ("tuning", "held")]
    assert not halves[0] & halves[1]


def test_tempting_texts_of_a_strict_pair_answer_nothing() -> None:
    said = [one for one in texts("tuning", "bare", "strict") if one.pair == "h01"]
    needs, offers = ([one for one in said if one.side == side] for side in ("need", "offer"))
    right = [(need.is_hard, offer.is_hard) for need in needs for offer in offers if is_right(need, offer)]
    assert right == [(False, False)]
