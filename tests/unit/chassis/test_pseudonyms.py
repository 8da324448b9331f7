"""An id of a person or an organisation says nothing of a person; ids that happen to be numbers are taken."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.chassis.model import Pseudonym, is_pseudonym
from services.chassis.model.refusals import Unauthenticated
from services.chassis.tokens import mint

from .test_tokens import authenticator, claims, signed

NUMBERS_OF_PERSONS = (
    ("13812345678", "phone number"),
    ("010-1234-5678", "phone number"),
    ("01012345678", "phone number"),
    ("8613812345678", "phone number"),
    ("82-10-1234-5678", "phone number"),
    ("900101-1234567", "resident's number"),
    ("9001011234568", "resident's number"),
    ("11010519491231002x", "resident's number"),
)
IDS = (
    "118234567890123456789",  # a subject of Google
    "102938475610293847561",
    "0190c1de-7f00-7a10-8000-00000000000a",
    "123e4567-e89b-12d3-a456-426614174000",
    "175928847299117063",  # snowflakes of 17 to 19 digits
    "80351110224678912",
    "1541815603606036480",
    "507f1f77bcf86cd799439011",
    "d41d8cd98f00b204e9800998ecf8427e",
    "org-123",
    "f-12345678",
    "2026-11-30",
    "20261130",
    "1764460800",
    "12345678",
    "sk-hynix-2",
    "kim-1",
)
_pseudonym = TypeAdapter(Pseudonym)


@pytest.mark.parametrize(("value", "kind"), NUMBERS_OF_PERSONS)
@pytest.mark.parametrize("claim", ["sub", "org"])
async def test_a_number_of_a_person_is_no_pseudonym(value: str, kind: str, claim: str, tmp_path: Path) -> None:
    """Neither in a token, nor as a member that a body names, nor to sign. What is said does not repeat it."""
    with pytest.raises(Unauthenticated) as refusal:
        await authenticator(tmp_path).caller(signed(claims(**{claim: value})))
    assert f"claim {claim} is a {kind}" in refusal.value.detail
    assert "identity provider must send" in refusal.value.detail and value not in refusal.value.detail
    with pytest.raises(ValidationError) as invalid:
        _pseudonym.validate_python(value)
    assert kind in invalid.value.errors()[0]["msg"] and value not in invalid.value.errors()[0]["msg"]
    named: dict[str, Any] = {"org": "hanbit", claim: value}
    with pytest.raises(ValueError, match="pseudonyms") as unsigned:
        mint(**named, role="participant", state_dir=tmp_path)
    assert value not in str(unsigned.value)


@pytest.mark.parametrize("value", IDS)
async def test_an_opaque_id_is_taken(value: str, tmp_path: Path) -> None:
    caller = await authenticator(tmp_path).caller(signed(claims(sub=value, org=value)))
    assert (caller.sub, caller.org, _pseudonym.validate_python(value)) == (value, value, value)


def test_ids_that_are_made_by_chance_are_taken() -> None:
    made = [uuid.UUID(int=0x9E3779B97F4A7C15F39CC0605CEDC835 * n % 2**128, version=4) for n in range(1, 300)]
    assert all(is_pseudonym(form) for one in made for form in (str(one), one.hex, one.hex[:24], one.hex[:12]))
    numbers = [10**place + 0x9E3779B97F4A7C15 * n % 10**place for place in (16, 17, 18, 20) for n in range(1, 300)]
    assert all(is_pseudonym(str(number)) for number in numbers)


@pytest.mark.parametrize("value", ["Kim_1", "Kim-1", "kim_1", "k", "k1", "-kim", "k" * 65, "kim 1", "kim@example.com"])
async def test_a_member_is_named_as_tokens_name_it(value: str, tmp_path: Path) -> None:
    """One definition for both: a delegate that no token can have could be planned, and never come."""
    assert not is_pseudonym(value)
    with pytest.raises(ValidationError):
        _pseudonym.validate_python(value)
    with pytest.raises(Unauthenticated):
        await authenticator(tmp_path).caller(signed(claims(sub=value)))
