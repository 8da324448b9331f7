"""HTTP out: an endpoint of others, which is asked with a key. Neither what is asked nor the key is logged."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from ..commit import RetryLater
from ..model.failures import Unavailable
from ..model.refusals import Refused
from ..model.retry_after import retry_after_seconds
from ..ops.traces import client_span

MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 1.0, 3600.0
BUSY_STATUSES = frozenset({429, 503})


class EndpointRefused(Refused):
    """The endpoint refuses the request or gives no usable answer. It counts as a failed try; after the last one a
    person has to look."""

    def __init__(self, detail: str) -> None:
        super().__init__("endpoint-refused", detail)


class EndpointAway(Unavailable):
    """The endpoint is not there, or is too busy or too broken for anyone. It counts as no try."""


@dataclass(frozen=True)
class Endpoint:
    """Where, and as whom, one asks. `base_url` has no slash at its end. `timeout_seconds` is for a whole answer.
    `settings`: which ones to look at, by the status of a refusal; `otherwise` for any other one."""

    base_url: str
    model: str
    key: SecretStr
    timeout_seconds: float
    settings: Mapping[int, str] = field(default_factory=dict)
    otherwise: str = "its settings"

    def client(self) -> httpx2.AsyncClient:
        """An HTTP client for it, to be closed by the caller."""
        # A redirect would carry what is asked to an address that is not in the settings.
        return httpx2.AsyncClient(timeout=self.timeout_seconds, follow_redirects=False)

    def span(self, name: str) -> AbstractContextManager[None]:
        """A span of a trace around what is asked."""
        host = urlsplit(self.base_url).hostname or ""
        return client_span(name, server__address=host, gen_ai__request__model=self.model)

    async def ask(self, client: httpx2.AsyncClient, path: str, body: Mapping[str, Any], *, max_bytes: int) -> bytes:
        """The body of the answer; `max_bytes`: no answer that is meant is longer, and reading stops there.

        Raises RetryLater if the endpoint is busy and says for how long, EndpointAway if it is busy, broken or does not
        answer, EndpointRefused if it refuses."""
        try:
            # The client's own timeout is for each read: an endpoint that sends a byte now and then would never end.
            async with asyncio.timeout(self.timeout_seconds):
                return await self._read(client, path, body, max_bytes)
        except (httpx2.TransportError, TimeoutError) as error:
            raise EndpointAway(f"The endpoint does not answer ({type(error).__name__}).") from error

    async def _read(self, client: httpx2.AsyncClient, path: str, body: Mapping[str, Any], max_bytes: int) -> bytes:
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        async with client.stream("POST", f"{self.base_url}{path}", json=body, headers=headers) as response:
            self._check_status(response)
            read = bytearray()
            async for part in response.aiter_bytes():
                read += part
                if len(read) > max_bytes:
                    raise EndpointRefused(f"The endpoint answers more than {max_bytes} bytes.")
            return bytes(read)

    def _check_status(self, response: httpx2.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        header, now = response.headers.get("Retry-After"), dt.datetime.now(dt.UTC)
        wait = retry_after_seconds(header, now, most=MAX_WAIT_SECONDS)
        if status in BUSY_STATUSES and wait is not None:
            raise RetryLater(max(wait, MIN_WAIT_SECONDS))
        # Busy without a time to wait: the job's own pauses apply.
        if status in BUSY_STATUSES or status >= 500:
            raise EndpointAway(f"The endpoint is busy or broken ({status}).")
        raise EndpointRefused(
            f"The endpoint refuses with {status}: look at {self.settings.get(status, self.otherwise)}."
        )
