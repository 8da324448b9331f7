"""What organisers name goes onto topics: a number of a person is refused, an ordinary sign is taken."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.matching.api.forum_bodies import (
    DelegateIn,
    HallIn,
    InterpreterIn,
    RoomIn,
    SpeakerIn,
    TableIn,
    TalkIn,
    WalkIn,
)
from services.matching.api.parameters import PolicyName
from services.matching.api.time_bodies import HolidayTableIn

TALK = {"start": "2027-03-04T10:00:00+09:00", "end": "2027-03-04T11:00:00+09:00"}
PAIRS = {"pairs": [["ko", "zh"]]}


def holiday_version(value: str) -> object:
    return HolidayTableIn.model_validate({"version": value})


def policy_name(value: str) -> object:
    return TypeAdapter(PolicyName).validate_python(value)


NAMES: dict[str, Any] = {
    "hall": lambda value: HallIn.model_validate({"id": value}),
    "table": lambda value: TableIn.model_validate({"id": value, "hall": "A"}),
    "hall of a table": lambda value: TableIn.model_validate({"id": "A-1", "hall": value}),
    "room": lambda value: RoomIn.model_validate({"id": value, "hall": "A"}),
    "hall of a room": lambda value: RoomIn.model_validate({"id": "R-1", "hall": value}),
    "walk": lambda value: WalkIn.model_validate({"halls": ["A", value], "minutes": 3}),
    "talk": lambda value: TalkIn.model_validate(TALK | {"id": value}),
    "room of a talk": lambda value: TalkIn.model_validate(TALK | {"id": "T-1", "room": value}),
    "interpreter": lambda value: InterpreterIn.model_validate(PAIRS | {"id": value}),
    "delegate": lambda value: DelegateIn.model_validate({"member_id": value}),
    "speaker": lambda value: SpeakerIn.model_validate({"profile_id": "p-kr", "member_id": value}),
    "holiday table": holiday_version,
    "policy": policy_name,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["010-1234-5678", "13812345678", "900101-1234568"])
def test_a_number_of_a_person_is_no_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        NAMES[name](value)
    assert value not in "".join(error["msg"] for error in refusal.value.errors())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["a-12", "101", "2027-03-04", "20270304", "hall-2027", "b2-0115"])
def test_an_ordinary_name_is_taken(name: str, value: str) -> None:
    assert NAMES[name](value)


@pytest.mark.parametrize("value", ["Kim_1", "K", "kim_1"])
def test_a_delegate_or_speaker_is_someone_whom_a_token_can_name(value: str) -> None:
    for name in ("delegate", "speaker"):
        with pytest.raises(ValidationError):
            NAMES[name](value)
    assert NAMES["interpreter"](value), "an interpreter has no token"
