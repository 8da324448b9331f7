"""The goals hold on texts that nobody has read to reach them. A failure here says a share, never a text."""

from __future__ import annotations

import pytest

from bench.evaluation import figures, screening, served
from bench.evaluation.lines import lines
from bench.evaluation.partners import Said, is_right, texts
from schemas.common import Text

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
    "name",
    [
        *("ordinary", "contacts", "figures", "partners", "strict", "english", "settling"),
        *("indirect", "boilerplate", "never"),
        *("statements", "taxonomy"),
    ],
)
def test_no_line_stands_in_both_halves(name: str) -> None:
    halves = [{str(line) for line in lines(f"{name}.{half}")} for half in ("tuning", "held")]
    assert not halves[0] & halves[1]


def test_tempting_texts_of_a_strict_pair_answer_nothing() -> None:
    said = [one for one in texts("tuning", "bare", "strict") if one.pair == "h01"]
    needs, offers = ([one for one in said if one.side == side] for side in ("need", "offer"))
    right = [(need.is_hard, offer.is_hard) for need in needs for offer in offers if is_right(need, offer)]
    assert right == [(False, False)]


def test_firms_of_two_countries_do_not_introduce_themselves_by_the_same_english_sentences() -> None:
    said = [one for one in texts("tuning", "profiles", "english") if one.text.lang == "en"]
    known = [line["text"] for line in lines("boilerplate.tuning") if line["lang"] == "en"]
    told = {
        country: {intro for intro in known for one in said if one.country == country and intro in one.text.text}
        for country in ("KR", "CN")
    }
    assert min(map(len, told.values())) > 10 and not told["KR"] & told["CN"]


def test_what_is_served_counts_only_matches_that_firms_have() -> None:
    """Two needs, their offers, and what tempts the first: it is shown to it before its right partner, and the second
    need has no match at all."""
    text = Text(lang="ko", text="가")
    said = [
        Said("one", "held", "product", "KR", "need", text, is_hard=False),
        Said("one", "held", "product", "CN", "offer", text, is_hard=False),
        Said("one", "held", "product", "CN", "offer", text, is_hard=True),
        Said("two", "held", "product", "KR", "need", text, is_hard=False),
        Said("two", "held", "product", "CN", "offer", text, is_hard=False),
    ]
    profiles = {f"p-{n}": n for n in range(len(said))}
    matches = {"p-0": [(0.9, "p-2"), (0.8, "p-1")], "p-1": [(0.8, "p-0")], "p-2": [(0.9, "p-0")], "p-3": [], "p-4": []}
    assert served.shares(said, profiles, matches) == {
        "r1": 0.25, "r3": 0.5, "hard": 0.25, "asked": 4, "others": 0.4, "refused": 0,
    }  # fmt: skip
