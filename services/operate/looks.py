"""What a replica says of itself on the operators' port: whether it is ready, and which quotas were hit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeVar

import httpx2
from prometheus_client.parser import text_string_to_metric_families

ANSWER_SECONDS = 3.0
MAX_BYTES = 4 * 1024 * 1024
QUOTAS = "magpie_quota_refused_total"
MAX_SAID = 1000
NOT_OURS = "the answer is none of ours"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """One replica. `ready` is None where it did not answer; `says` is what it waits for."""

    url: str
    ready: bool | None
    says: str = ""
    quotas: dict[str, int] = field(default_factory=dict)
    """Requests beyond a quota since the process began."""


async def look(url: str) -> Look:
    """Asks a replica. Never raises: one that does not answer is a finding."""
    try:
        async with httpx2.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False) as client:
            status, says = await _get(client, f"{url}/readyz")
            if status not in (200, 503):
                return Look(url, None, f"answered {status}")
            _, exposition = await _get(client, f"{url}/metrics")
            return Look(url, status == 200, said(says), quotas_hit(exposition))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError, ValueError) as error:
        return Look(url, None, f"does not answer ({type(error).__name__})")


async def _get(client: httpx2.AsyncClient, url: str) -> tuple[int, str]:
    async with client.stream("GET", url) as answer:
        held = b""
        async for part in answer.aiter_bytes():
            held += part
            if len(held) > MAX_BYTES:
                raise ValueError("the answer is larger than any of ours")
        return answer.status_code, held.decode("utf-8", "replace")


def said(body: str) -> str:
    """The body of `/readyz` in one bounded line: `ok`, or what the replica waits for and what is degraded. Raises
    ValueError for what is no such body."""
    try:
        verdict = json.loads(body)
    except RecursionError:
        raise ValueError(NOT_OURS) from None
    if not isinstance(verdict, dict):
        raise ValueError(NOT_OURS)
    parts, degraded = _list_in(verdict, "waits_for", str), _list_in(verdict, "degraded", dict)
    for found in degraded:
        act = f" (do: {found['command']})" if found.get("command") else ""
        parts.append(f"degraded: {found.get('part')}, {found.get('detail')}{act}")
    return (", ".join(parts) or str(verdict.get("status", "")))[:MAX_SAID]


def _list_in(verdict: dict[str, Any], name: str, of: type[T]) -> list[T]:
    """What stands there; none where nothing does. Raises ValueError for anything but a list of these."""
    found = verdict.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, of) for one in found):
        raise ValueError(NOT_OURS)
    return list(found)


def quotas_hit(exposition: str) -> dict[str, int]:
    """The quotas by which requests were refused. Raises ValueError for what is no exposition."""
    found = dict[str, int]()
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name == QUOTAS and sample.value:
                if not isfinite(sample.value):
                    raise ValueError(NOT_OURS)
                found[sample.labels.get("quota", "?")] = int(sample.value)
    return found
