"""What may point to a person: refused, refused until its owner confirms that it is public, or taken and said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import told
from tests.support.profiles import entry, korean
from tests.support.services import Running

MOBILE = "라이다 모듈을 공급합니다. 문의 010-4827-3916"
SERVICE_LINE = "라이다 모듈을 공급합니다. 고객센터 1588-3847"
DOUBTFUL = "라이다 모듈 공급, 관리 1644 2938"
ORDINARY = "전지 5000mAh@0.2C, KS C IEC 62133-2, 1600-2000평, TR-1800-2400"


def a_body(text: str, **more: Any) -> dict[str, Any]:
    return korean(offers=[entry("product", text)], **more)


@pytest.mark.parametrize("confirm", [False, True])
async def test_a_valid_mobile_number_is_never_taken(profiles: Running, confirm: bool) -> None:
    answer = await profiles.client("hanbit").post("/v1/profiles", json=a_body(MOBILE, confirm_public=confirm))
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["pointer"] == "/offers/0/text/text" and "phone number at character 19" in error["detail"]
    assert "4827" not in told(answer)[2], "what was found is never said"


async def test_what_is_likely_to_be_a_persons_is_taken_once_its_owner_confirms(
    profiles: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    hanbit = profiles.client("hanbit")
    refused = await hanbit.post("/v1/profiles", json=a_body(SERVICE_LINE))
    assert refused.status_code == 422 and "confirm_public" in refused.json()["errors"][0]["detail"]
    taken = await hanbit.post("/v1/profiles", json=a_body(SERVICE_LINE, confirm_public=True))
    assert taken.status_code == 201
    warning = taken.json()["warnings"][0]
    assert (warning["pointer"], warning["character"]) == ("/offers/0/text/text", 21)
    id, tag = taken.json()["profile_id"], taken.headers["ETag"]
    again = await hanbit.put(f"/v1/profiles/{id}", json=a_body(SERVICE_LINE), headers={"If-Match": tag})
    assert again.status_code == 422, "each writing is confirmed"


async def test_the_owner_is_told_at_once_of_what_is_doubtful_and_not_of_what_is_ordinary(profiles: Running) -> None:
    hanbit = profiles.client("hanbit")
    told = await hanbit.post("/v1/profiles", json=a_body(DOUBTFUL))
    assert told.status_code == 201 and len(told.json()["warnings"]) == 1
    plain = await hanbit.post("/v1/profiles", json=a_body(ORDINARY))
    assert plain.status_code == 201 and plain.json()["warnings"] == []
