"""The page of a topic says all that a subscriber asks, on one screen, and says it as the rest of the contract does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from schemas import headers
from schemas.catalogue import EVENTS
from schemas.envelope import Tombstone
from schemas.registry import DAY_MS, PAGES, Topic, registry
from services.chassis.model.topic_names import TopicNames

SCREEN_LINES = 45


@pytest.mark.parametrize("topic", registry(), ids=lambda topic: topic.title)
def test_a_page_fits_on_a_screen_and_lists_the_headers_of_its_records(topic: Topic) -> None:
    assert len((PAGES / f"{topic.title}.yaml").read_text().splitlines()) <= SCREEN_LINES
    erases = any(issubclass(EVENTS[name], Tombstone) for name in topic.events)
    listed = [*topic.headers, *(f"{name}?" for name in topic.optional_headers)]
    assert sorted(listed) == sorted(headers.expected(has_events=bool(topic.events), has_erasures=erases))
    assert topic.rely_on and topic.access and topic.contact


def test_a_topic_is_called_what_services_call_it() -> None:
    names = TopicNames("here")
    special = {"dlq": names.dead_letters, "retry": names.retries}
    for topic in registry():
        kind, _, service = topic.name.partition(".")
        expected = special[kind](service) if kind in special else names.topic(topic.name)
        assert topic.full_name("here") == expected


@pytest.mark.parametrize("topic", [topic for topic in registry() if topic.cleanup == "compact"], ids=lambda t: t.title)
def test_a_compacted_topic_drops_nothing_before_a_day_as_the_guide_says(topic: Topic) -> None:
    assert (
        "drops earlier ones, after a day\nat the soonest" in (PAGES.parents[1] / "docs" / "subscribers.md").read_text()
    )
    settings = topic.settings()
    assert DAY_MS <= int(settings["min.compaction.lag.ms"]) < int(settings["max.compaction.lag.ms"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"cleanup": "delete"},
        {"retention_days": 3},
        {"delete_retention_days": None},
        {"colour": "blue"},
        {"partitioner": "random"},
        {"version": 0},
        {"deprecations": [{"what": "topic", "instead": "x", "announced": "2027-01-01", "ends": "2027-02-01"}]},
    ],
)
def test_a_page_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    page = yaml.safe_load((PAGES / "profiles.yaml").read_text())
    Topic.model_validate(page)
    with pytest.raises(ValidationError):
        Topic.model_validate(page | wrong)


def test_an_end_is_announced_half_a_year_before() -> None:
    page = yaml.safe_load((PAGES / "profiles.yaml").read_text())
    end = {"what": "topic", "instead": "profiles.v2", "announced": "2027-01-01", "ends": "2027-07-01"}
    (found,) = Topic.model_validate(page | {"deprecations": [end]}).deprecations
    assert found.ends == dt.date(2027, 7, 1)
