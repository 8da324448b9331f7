"""Counters that alerts watch exist at 0 from the start: the first event of a series that begins with it is not seen."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from services.chassis.kafka_in.gaps import HOW
from services.chassis.kafka_in.subscriptions import Subscription
from services.chassis.model.failures import FAILURE_KINDS
from services.chassis.model.topic_names import TopicNames
from services.chassis.series import declare_topics


@pytest.mark.parametrize("topic", ["unit.things.v1", "unit.retry.matching"])
def test_what_is_lost_or_set_aside_of_a_topic_is_counted_from_zero(topic: str) -> None:
    declare_topics("matching", [Subscription("things", ())], TopicNames("unit"))
    for name, reasons in (("magpie_records_lost_total", HOW), ("magpie_dead_letters_total", FAILURE_KINDS)):
        for reason in reasons:
            assert REGISTRY.get_sample_value(name, {"topic": topic, "reason": reason}) == 0, (name, reason)


def test_a_service_that_listens_to_nothing_has_no_series_of_a_topic() -> None:
    declare_topics("profiles", [], TopicNames("unit"))
    labels = {"topic": "unit.retry.profiles", "reason": "deleted"}
    assert REGISTRY.get_sample_value("magpie_records_lost_total", labels) is None
