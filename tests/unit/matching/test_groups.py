"""Firms of one group are never proposed to each other, however each of them writes the group."""

from __future__ import annotations

import pytest

from services.matching.domain.profile_row import ProfileRow, may_be_proposed


@pytest.mark.parametrize(
    ("one", "other", "proposed"),
    [
        ("sk-hynix", "sk-hynix", False),
        ("sk-hynix", "sk_hynix", False),
        ("sk_hynix", "SK-hynix", False),
        ("sk-hynix", "sk", True),
        ("sk", None, True),
        (None, "sk", True),
        (None, None, True),
    ],
)
def test_a_group_is_compared_as_it_is_read(one: str | None, other: str | None, proposed: bool) -> None:
    a = ProfileRow(id="a", owner="hanbit", country="KR", group=one)
    b = ProfileRow(id="b", owner="huaqiao", country="CN", group=other)
    assert may_be_proposed(a, b) is may_be_proposed(b, a) is proposed
