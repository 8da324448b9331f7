"""What a member may enter about itself."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.profiles.domain.members import MemberRecord

NAME = {"full_native": "김하늘", "script": "Hang"}
RECORD: dict[str, Any] = {"name": NAME, "email": "kim@hanbit.co.kr", "languages": ["ko"]}


def refusal(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        MemberRecord.model_validate(RECORD | changes)
    return str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    "typed",
    [
        "+82 10-9876-5432",
        "02-1234-5678",
        "031) 123-4567",
        "1588-3847",
        "0082 10 1234 5678",
        "０１０－１２３４－５６７８",
        "１３８００１３８０００",
        "(02) 123-4567",
        "+(86) 138 0013 8000",
        "(+82) 10-1234-5678",
        "010–1234–5678",
        "010·1234·5678",
        "010\u00a01234\u00a05678",
        "＋82 10-1234-5678",
        "021-62345678转801",
        "02-123-4567 (내선 12)",
        "02-123-4567 ext. 12",
    ],
)
def test_a_phone_number_is_kept_as_it_was_typed(typed: str) -> None:
    assert MemberRecord.model_validate(RECORD | {"phone": f" {typed} "}).phone == typed


@pytest.mark.parametrize(
    "typed",
    [
        *("1      ", "1)))))))", "0000000", "12345", "+", "(02 123-4567", "010-1234-5678-9012-3456", "82+1012345678"),
        *("call me", "010-1234-567a", "02-123-4567 (내선)", "--------", "1234567 " * 6),
    ],
)
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    assert "is not a phone number" in refusal(phone=typed)


@pytest.mark.parametrize(
    "typed", ["900101-1234568", "９００１０１－１２３４５６８", "900101-1234567", "11010519491231002X"]
)
def test_no_field_keeps_a_number_of_a_resident(typed: str) -> None:
    for changes in (
        {"phone": typed},
        {"title": f"과장 {typed}"},
        {"name": NAME | {"full_native": typed}},
        {"name": NAME | {"latin": f"Kim {typed}"}},
    ):
        said = refusal(**changes)
        assert "has a resident's number at character" in said
        assert typed not in said


@pytest.mark.parametrize("title", ["선임연구원 (2026-11-30)", "부장 010-1234-5678", "经理", "Lot 230515-1234567"])
def test_other_private_strings_are_kept(title: str) -> None:
    assert MemberRecord.model_validate(RECORD | {"title": title}).title == title


@pytest.mark.parametrize("typed", ["kim@hanbit.co.kr", "Kim.Haneul+forum@Hanbit.CO.KR", "kim@한빛.한국", "a@b.museum"])
def test_a_mail_address_is_kept_as_it_was_typed(typed: str) -> None:
    assert MemberRecord.model_validate(RECORD | {"email": f" {typed}"}).email == typed


@pytest.mark.parametrize(
    "typed",
    [
        *("a,c@b.com", "<a@b.com", "mailto:a@b.com", "a..b@b.com", ".a@b.com", "a@-b.com", "a@b.12", "a@b", "a@b..com"),
        *("a b@c.com", "a@b.com,c@d.com", "a@b@c.com", '"a"@b.com', "no mail", "@b.com", "a@"),
    ],
)
def test_what_is_no_mail_address_is_refused(typed: str) -> None:
    assert "is not a mail address" in refusal(email=typed)
