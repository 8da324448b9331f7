"""Bodies as JSON defines them, and what one Idempotency-Key stands for."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from services.chassis.http.requests import CommandRequest
from services.chassis.http.strict_json import StrictRequest


def scope(query: bytes = b"") -> dict[str, Any]:
    return {"type": "http", "method": "PUT", "path": "/v1/acts", "query_string": query, "headers": []}


def sent(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


@pytest.mark.parametrize(
    "body", ["1e999", '{"a": -1e999}', '{"a": [1, 1E400]}', "9" * 400 + ".0", "[NaN]", "[Infinity]", "[-Infinity]"]
)
async def test_a_number_that_is_not_finite_is_no_json(body: str) -> None:
    """Also one that only becomes infinite when it is read."""
    with pytest.raises(json.JSONDecodeError) as refusal:
        await StrictRequest(scope(), sent(body.encode())).json()
    assert "999" not in refusal.value.msg


@pytest.mark.parametrize("body", ["1e308", '{"a": -1.5}', "[0, 1e-999]", "123456789012345678901234567890"])
async def test_any_finite_number_is_taken(body: str) -> None:
    assert await StrictRequest(scope(), sent(body.encode())).json() == json.loads(body)


async def fingerprint(body: bytes, query: bytes = b"") -> str:
    return await CommandRequest[None](scope(query), sent(body))._fingerprint()


async def test_a_query_is_part_of_what_a_key_stands_for() -> None:
    """Without one the fingerprint is that of the body alone, as that of answers that were stored before."""
    assert await fingerprint(b"{}") == hashlib.sha256(b"{}").hexdigest()
    seoul, again = [await fingerprint(b"{}", b"zone=Asia/Seoul&lang=ko") for _ in range(2)]
    assert seoul == again == await fingerprint(b"{}", b"lang=ko&zone=Asia%2FSeoul")
    others = [
        await fingerprint(b"{}", query) for query in (b"", b"zone=Asia/Shanghai&lang=ko", b"zone=Asia/Seoul", b"lang")
    ]
    assert len({seoul, await fingerprint(b"[]", b"zone=Asia/Seoul&lang=ko"), *others}) == 6
