"""A token bucket an org, with the clock given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.chassis.http.rate_limit import TokenBuckets

START = 1_000_000.0


def taken(buckets: TokenBuckets, key: str, n: int, *, now: float) -> int:
    return sum(buckets.take(key, now=now) == 0 for _ in range(n))


def test_a_burst_is_taken_at_once_and_not_one_more() -> None:
    buckets = TokenBuckets(per_second=10, burst=5)
    assert taken(buckets, "a", 20, now=START) == 5


def test_it_says_how_long_to_wait_and_after_that_there_is_one() -> None:
    buckets = TokenBuckets(per_second=10, burst=5)
    taken(buckets, "a", 5, now=START)
    wait = buckets.take("a", now=START)
    assert wait == pytest.approx(0.1)
    assert taken(buckets, "a", 5, now=START + wait) == 1


def test_over_time_it_gives_its_rate_and_not_more() -> None:
    buckets = TokenBuckets(per_second=10, burst=5)
    assert sum(taken(buckets, "a", 3, now=START + n / 10) for n in range(100)) == 104


def test_refused_requests_do_not_make_the_wait_longer() -> None:
    buckets = TokenBuckets(per_second=10, burst=5)
    taken(buckets, "a", 1000, now=START)
    assert buckets.take("a", now=START + 0.1) == 0


def test_a_pause_fills_it_up_to_the_burst() -> None:
    buckets = TokenBuckets(per_second=10, burst=5)
    taken(buckets, "a", 5, now=START)
    assert taken(buckets, "a", 20, now=START + 3600) == 5


def test_orgs_do_not_share() -> None:
    buckets = TokenBuckets(per_second=10, burst=5)
    taken(buckets, "a", 20, now=START)
    assert taken(buckets, "b", 20, now=START) == 5


@pytest.mark.parametrize("later", [lambda n: START + n, lambda n: START])
def test_memory_is_bounded_whoever_comes(later: Callable[[int], float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.http.rate_limit.MAX_BUCKETS", 100)
    buckets = TokenBuckets(per_second=10, burst=5)
    for n in range(1000):
        assert buckets.take(f"org-{n}", now=later(n)) == 0
    assert len(buckets._full_at) <= 100


def test_a_token_that_was_taken_for_nothing_can_be_put_back() -> None:
    buckets = TokenBuckets(per_second=1, burst=1)
    assert buckets.take("a", now=0.0) == 0
    buckets.give_back("a")
    buckets.give_back("b")  # has none out
    assert buckets.take("a", now=0.0) == 0 and buckets.take("a", now=0.0) > 0
