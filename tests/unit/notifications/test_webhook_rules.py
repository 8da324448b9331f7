"""Pauses, Retry-After, types and settings of webhooks."""

from __future__ import annotations

import datetime as dt

import pytest

from schemas.catalogue import EVENTS
from schemas.registry import public_events, registry
from services.chassis.model import Invalid, InvalidState
from services.chassis.ops import outward
from services.notifications import metrics
from services.notifications.consumers import SUBSCRIPTIONS
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.domain.schedule import Patience
from services.notifications.webhooks.domain.webhook import ALL, REASONS, Listing, WebhookList, must_be_public

NOW = dt.datetime(2026, 11, 28, 12, 0, tzinfo=dt.UTC)


def test_the_pauses_grow_to_eight_hours_and_end_after_three_days() -> None:
    patience, attempts = Patience(), 0
    at: dt.datetime | None = NOW
    while at is not None:
        attempts, last = attempts + 1, at
        at = patience.next_at(NOW, at, patience.pause(attempts, 0.5))
    assert 15 <= attempts <= 25 and last == NOW + dt.timedelta(days=3), "the last attempt is made when they are over"
    assert patience.pause(1, 0.5) == 30 and patience.pause(99, 0.5) == 8 * 3600
    assert patience.pause(3, 0.0) == pytest.approx(96) and patience.pause(3, 1.0) == pytest.approx(144)


def test_a_long_pause_ends_no_patience_before_its_days_are_over() -> None:
    """A receiver that asks for a day at hour 49 is not given up at hour 49."""
    patience, hour = Patience(), dt.timedelta(hours=1)
    assert patience.next_at(NOW, NOW + 49 * hour, 24 * 3600.0) == NOW + 72 * hour
    assert patience.next_at(NOW, NOW + 1 * hour, 24 * 3600.0) == NOW + 25 * hour
    assert patience.next_at(NOW, NOW + 72 * hour, 30.0) is None


def test_webhooks_get_all_events_of_public_topics_and_no_others() -> None:
    public = {event for topic in registry() if topic.classification == "public" for event in topic.events}
    assert set(public_events()) == public and "magpie.match.proposed" not in public
    offered = {
        route.event.event_type
        for subscription in SUBSCRIPTIONS
        for route in subscription.routes
        if route.handle.__qualname__.startswith("offering")
    }
    assert offered == public


@pytest.mark.parametrize("name", sorted(set(EVENTS) - set(public_events())))
def test_a_type_of_another_topic_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match=r"magpie\.profile\.published"):
        must_be_public([name])


def test_the_list_has_a_bound_for_all() -> None:
    full = WebhookList(id=ALL, webhooks={str(n): Listing(org=f"org-{n}") for n in range(3)})
    full.must_have_room("org-9", per_org=1, in_all=4)
    with pytest.raises(InvalidState, match="3 webhooks"):
        full.must_have_room("org-9", per_org=1, in_all=3)
    with pytest.raises(InvalidState, match="delete one"):
        full.must_have_room("org-1", per_org=1, in_all=4)


def test_production_has_no_open_webhooks() -> None:
    with pytest.raises(ValueError, match="WEBHOOK_OPEN"):
        NotificationsSettings(webhook_open=True).must_be_safe(production=True)
    NotificationsSettings(webhook_open=True).must_be_safe(production=False)
    NotificationsSettings().must_be_safe(production=True)


def test_every_reason_has_a_series() -> None:
    results = {labels[0] for labels in metrics.webhook_deliveries._metrics}
    assert results == {*outward.REASONS, "sent", "refused", "erased", "secret_lost"}
    assert {labels[0] for labels in metrics.webhooks_disabled._metrics} == set(REASONS)
