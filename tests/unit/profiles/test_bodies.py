"""What may be said of an organisation and of a person: each refusal names its field and repeats no value."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from pydantic import ValidationError

from services.profiles.api.bodies import ProfileIn
from services.profiles.domain.members import MemberRecord
from tests.support.profiles import entry, korean

PERSON = {
    "name": {"family": "曾", "given": "伟", "full_native": "曾伟", "script": "Hans"},
    "email": "marked@example.com",
    "languages": ["zh"],
}


def firm(**changes: Any) -> dict[str, Any]:
    return korean(organisation=korean()["organisation"] | changes)


def places(model: type[ProfileIn] | type[MemberRecord], body: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(body)
    errors = refusal.value.errors()
    assert not any("marked" in e["msg"] or "1234" in e["msg"] for e in errors)
    return [".".join(map(str, e["loc"])) for e in errors]


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("offers.0.text.text", korean(offers=[entry("product", "가")])),
        ("offers.0.text.text", korean(offers=[entry("product", "가" * 2001)])),
        ("offers.0.text.text", korean(offers=[entry("product", "제어\u0000문자")])),
        ("offers.0.text.text", korean(offers=[entry("product", "줄\u2028바꿈")])),
        ("offers.0.text.text", korean(offers=[entry("product", "010\u200b-1234-5678")])),
        ("offers.0.topics.0", korean(offers=[entry("product", "좋은 제품", "ko", "010-1234-5678")])),
        ("offers.0.topics.0", korean(offers=[entry("product", "좋은 제품", "ko", "wechat_id_marked1")])),
        ("offers.0.topics", korean(offers=[entry("product", "좋은 제품", "ko", "lidar", "lidar")])),
        ("offers.0.kind", korean(offers=[entry("gossip", "좋은 제품")])),
        ("offers", korean(offers=[entry("product", "반도체"), entry("product", "\u1107\u1161\u11ab도체")])),
        ("needs", korean(needs=[entry("product", f"제품 {n}") for n in range(31)])),
        ("languages", korean(languages=["ko", "ko"])),
        ("languages", korean(languages=[])),
        ("organisation.group", firm(group="010-1234-5678")),
        ("organisation.website", firm(website="ftp://marked.example/")),
        ("organisation.website", firm(website="javascript:marked(1)")),
        ("organisation.certifications.0.issued", firm(certifications=[{"scheme": "이노비즈", "issued": 1728000000}])),
        (
            "organisation.certifications.0",
            firm(certifications=[{"scheme": "小巨人", "issued": "2026-01-01", "valid_until": "2025-12-31"}]),
        ),
        ("organisation.certifications.0.authority", firm(certifications=[{"scheme": "벤처", "authority": "a@b.kr"}])),
    ],
)
def test_a_profile_that_says_too_much_or_too_little(place: str, body: dict[str, Any]) -> None:
    assert places(ProfileIn, body) == [place]


@pytest.mark.parametrize("given", ["SK", "한화", "LG", "sk hynix", "-sk", "", "a" * 63])
def test_a_group_that_is_no_short_name_is_refused_in_words(given: str) -> None:
    assert places(ProfileIn, firm(group=given)) == ["organisation.group"]
    assert_in_words(firm(group=given), "sk-hynix")


@pytest.mark.parametrize("given", ["반도체", "R&D", "Robot", "semi conductor", "robot-", "\u0430i"])
def test_a_topic_that_is_no_short_name_is_refused_in_words(given: str) -> None:
    body = korean(offers=[entry("product", "좋은 제품", "ko", given)])
    assert places(ProfileIn, body) == ["offers.0.topics.0"]
    assert_in_words(body, "semiconductor")


def assert_in_words(body: dict[str, Any], example: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ProfileIn.model_validate(body)
    [error] = refusal.value.errors()
    assert example in error["msg"] and "pattern" not in error["msg"] and "^" not in error["msg"]


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("email", {"email": "marked"}),
        ("email", {"email": "marked\u0000@example.com"}),
        ("email", {"email": "marked\u202e@example.com"}),
        ("email", {"email": "marked@" + "a." * 200 + "com"}),
        ("phone", {"phone": "marked"}),
        ("languages", {"languages": ["ko"] * 4}),
        ("name.script", {"name": PERSON["name"] | {"script": "chinese"}}),  # type: ignore[operator]
        ("nickname", {"nickname": "marked"}),
    ],
)
def test_a_member_that_cannot_be_kept(place: str, changes: dict[str, Any]) -> None:
    assert places(MemberRecord, PERSON | changes) == [place]


def test_a_name_is_kept_as_it_was_written() -> None:
    """曾 is Zeng, and only the person knows: nothing is derived."""
    name = MemberRecord.model_validate(PERSON).name
    assert (name.family, name.given, name.full_native, name.latin, name.order) == (
        "曾",
        "伟",
        "曾伟",
        None,
        "family_first",
    )


def test_texts_are_kept_as_typed_and_are_one_text_however_composed() -> None:
    typed = "\u1107\u1161\u11ab도체"
    body = ProfileIn.model_validate(korean(offers=[entry("product", f" {typed} ")]))
    assert body.offers[0].text.text == typed
    with pytest.raises(ValidationError, match="says the same at 1 as at 0"):
        ProfileIn.model_validate(korean(offers=[entry("product", typed), entry("product", "반도체")]))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://hanbit.co.kr", "https://hanbit.co.kr"),
        (" https://Hanbit.co.kr/ ", "https://Hanbit.co.kr/"),
        ("https://한빛.한국", "https://한빛.한국"),
        ("https://한빛.한국/제품?이름=센서#가", "https://한빛.한국/제품?이름=센서#가"),
        (unicodedata.normalize("NFD", "https://한빛.한국/제품"), "https://한빛.한국/제품"),
        ("https://中国移动.中国/产品", "https://中国移动.中国/产品"),
        ("https://hanbit.co.kr/" + "가" * 60, "https://hanbit.co.kr/" + "가" * 60),
        ("https://hanbit.co.kr:443/a/../b", "https://hanbit.co.kr/b"),
        ("https://ｈanbit.co.kr/", "https://hanbit.co.kr/"),
        ("https://a_b.hanbit.co.kr/", "https://a_b.hanbit.co.kr/"),
        ("https://hanbit.co.kr./", "https://hanbit.co.kr./"),
        ("https://hanbit.co.kr\\x", "https://hanbit.co.kr/x"),
        ("https:hanbit.co.kr", "https://hanbit.co.kr/"),
        ("https://hanbit.co.kr/a b", "https://hanbit.co.kr/a%20b"),
    ],
)
def test_an_address_is_kept_as_it_was_typed_where_a_browser_reads_the_same(typed: str, kept: str) -> None:
    body = ProfileIn.model_validate(firm(website=typed))

    assert body.organisation.website == kept
    assert ProfileIn.model_validate(firm(website=kept)).organisation.website == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hanbit.co.kr", "for example https://"),
        ("https://hanbit.co.kr/" + "가" * 500, "has 521 characters; 500 at most"),
        ("https://한빛.local/", "not in the public internet"),
        ("https://t%2eme/kimminsu", "link to a person"),
        ("https://한빛.한국/kim(at)hanbit.com", "mail address"),
    ],
)
def test_a_refused_website_says_why(typed: str, said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        ProfileIn.model_validate(firm(website=typed))
