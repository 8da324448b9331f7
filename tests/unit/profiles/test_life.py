"""A profile's life and what its topic may tell, decided without a clock or a database."""

from __future__ import annotations

import datetime as dt

import pytest

from schemas.common import Certification, entry_id, text_id
from schemas.profiles import ProfileCreated, ProfilePublished, ProfileState, ProfileUpdated, ProfileWithdrawn
from services.profiles.api.bodies import ProfileIn
from services.profiles.domain.certifications import is_expired
from services.profiles.domain.profile import (
    Profile,
    ProfileContent,
    new_draft,
    publish,
    to_event,
    with_content,
    withdraw,
)
from tests.support.profiles import entry, korean

NOW = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=30)
BARE = {"profile_id", "owner", "type", "country", "state"}


def content(**changes: object) -> ProfileContent:
    return ProfileIn.model_validate(korean(**changes)).content()


def draft(**changes: object) -> Profile:
    return new_draft("p-1", "hanbit", content(**changes), now=NOW)


@pytest.mark.parametrize(
    ("profile", "event"),
    [
        (draft(), ProfileCreated),
        (draft(), ProfileUpdated),
        (withdraw(draft()), ProfileUpdated),
        (withdraw(publish(draft())), ProfileWithdrawn),
    ],
)
def test_what_is_not_public_is_told_bare(profile: Profile, event: type[ProfileState]) -> None:
    assert set(to_event(profile, event).model_dump(exclude_none=True)) == BARE


def test_what_is_public_is_told_whole_but_for_the_identifiers_value() -> None:
    organisation = korean()["organisation"] | {"business_id": {"scheme": "kr-brn", "value": "124-81-00998"}}
    event = to_event(publish(draft(organisation=organisation)), ProfilePublished)
    assert event.legal_name and event.names and event.offers and event.needs and event.languages
    assert event.business_id and event.business_id.model_dump() == {"scheme": "kr-brn", "verdict": "checksum_ok"}
    assert "1248100998" not in event.model_dump_json()


def test_withdrawn_may_become_public_again() -> None:
    assert publish(withdraw(publish(draft()))).is_public


def test_ids_of_entries_follow_from_their_content_and_side() -> None:
    said = entry("product", "반도체 장비")
    profile = draft(offers=[said], needs=[said])
    offer, need = profile.offers[0], profile.needs[0]
    assert offer.id == entry_id("p-1", "offer", "product", text_id(offer.text)) != need.id
    reworded = with_content(profile, content(offers=[entry("product", "렌즈"), said]), now=LATER)
    assert reworded.offers[1].id == offer.id


def test_an_entry_expires_after_a_year_unless_it_says_otherwise() -> None:
    chosen = entry("product", "렌즈", expires_at="2027-01-31T10:00:00+09:00")
    profile = draft(offers=[entry("product", "반도체 장비"), chosen])
    assert [e.expires_at for e in profile.offers] == ["2027-12-01T01:00:00.000+00:00", "2027-01-31T01:00:00.000+00:00"]


def test_an_entry_that_is_over_has_a_year_again_when_it_is_said_again() -> None:
    said = content(offers=[entry("product", "센서를 팝니다.")])
    first = new_draft("p-1", "hanbit", said, now=NOW)
    then = NOW + dt.timedelta(days=400)
    again = with_content(first, said, now=then)
    assert again.offers[0].id == first.offers[0].id
    assert again.offers[0].expires_at == (then + dt.timedelta(days=365)).isoformat(timespec="milliseconds")


def test_saying_the_same_later_changes_nothing() -> None:
    assert with_content(draft(), content(), now=LATER) == draft()


@pytest.mark.parametrize(
    ("valid_until", "country", "now", "expired"),
    [
        (None, "KR", "2026-12-01T00:00+00:00", False),
        ("2026-12-01", "KR", "2026-12-01T14:59+00:00", False),
        ("2026-12-01", "KR", "2026-12-01T15:00+00:00", True),
        ("2026-12-01", "CN", "2026-12-01T15:00+00:00", False),
        ("2026-12-01", "CN", "2026-12-01T16:00+00:00", True),
    ],
)
def test_a_certificates_last_day_counts_where_the_firm_is(
    valid_until: str | None, country: str, now: str, expired: bool
) -> None:
    certification = Certification(scheme="专精特新", valid_until=valid_until)
    assert is_expired(certification, country=country, now=dt.datetime.fromisoformat(now)) is expired
