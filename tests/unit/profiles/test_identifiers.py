"""Business identifiers: the facts of both countries, and inputs that people really typed."""

from __future__ import annotations

import pytest

from services.profiles.domain.identifiers import InvalidIdentifier, parse_identifier

KR_BRN = [
    "124-81-00998",
    "220-81-62517",
    "120-81-47521",
    "107-86-14075",
    "101-81-09147",
    "104-81-37225",
    "123-45-67891",
    "120-81-00040",
    "120-81-00021",
]
CN_USCC = ["914403001922038216", "9144030071526726XG", "91330100799655058B", "91110108551385082Q", "911100001011016602"]
EXCEPTIONS = ["91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001QKT19"]


@pytest.mark.parametrize(
    ("scheme", "text", "verdict"),
    [
        *(("kr-brn", text, "checksum_ok") for text in KR_BRN),
        *(("cn-uscc", text, "checksum_ok") for text in [*CN_USCC, "12440600MB2C07549J"]),
        *(("cn-uscc", text, "checksum_exception") for text in EXCEPTIONS),
        ("kr-crn", "110111-0062432", "checksum_ok"),
        ("kr-crn", "130111-0006246", "checksum_ok"),
        ("kr-crn", "110111-9111111", "format_ok"),  # 110111-1111111 would read as a person born on 11 January 2011
    ],
)
def test_a_verdict_says_what_was_checked(scheme: str, text: str, verdict: str) -> None:
    assert parse_identifier(scheme, text).verdict == verdict


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        *(("kr-brn", text) for text in ("123-45-67890", "000-00-00000", "124-81-0099", "124-81-0099A")),
        *(("cn-uscc", text) for text in ("914403001922038217", "91440300192203821", "9144030019220382I6")),
        ("kr-brn", "101-81-34618"),
        ("kr-brn", "124-81-0099²"),
        ("kr-brn", "124-00-00998"),
        ("kr-brn", "124-81-0000" + "8"),
        ("kr-brn", "٠" * 10),
        ("us-ein", "12-3456789"),
    ],
)
def test_what_fails_a_rule_is_refused_without_its_value(scheme: str, text: str) -> None:
    with pytest.raises(InvalidIdentifier) as refusal:
        parse_identifier(scheme, text)
    assert text not in str(refusal.value)


@pytest.mark.parametrize(
    ("scheme", "text", "value"),
    [
        ("kr-brn", "1248100998\n", "1248100998"),
        ("kr-brn", "１２４-８１-００９９８", "1248100998"),
        ("kr-brn", "124\u221281\u221200998", "1248100998"),
        ("cn-uscc", "91330100799655058b", "91330100799655058B"),
        ("cn-uscc", "91330100799655058B\u200b", "91330100799655058B"),
    ],
)
def test_what_is_kept_has_one_ascii_form(scheme: str, text: str, value: str) -> None:
    assert parse_identifier(scheme, text).value == value


@pytest.mark.parametrize("text", ["900101-1234567", "110111-1111111", "９００１０１－1234567", "11010519491231002X"])
@pytest.mark.parametrize("scheme", ["kr-crn", "cn-uscc"])
def test_a_persons_number_is_refused(scheme: str, text: str) -> None:
    with pytest.raises(InvalidIdentifier, match="person"):
        parse_identifier(scheme, text)
