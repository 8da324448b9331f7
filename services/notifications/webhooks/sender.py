"""One request to a receiver: to an address that was looked at, without redirects, proxies, cookies or patience."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from services.chassis.ops import client_span

from .domain.targets import Target, pinned

MAX_ANSWER_BYTES = 64 * 1024
RESOLVER_THREADS = 8
"""Of its own: names whose servers never answer must not take the threads of others."""
NO_TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"))
"""Of single steps: there is one deadline for all of them."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class NotSent(Exception):
    """No answer: `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NO_ADDRESS, NOT_PUBLIC, TIMEOUT, NO_TLS, NO_CONNECTION = "no_address", "not_public", "timeout", "tls", "connection"
REASONS = (NO_ADDRESS, NOT_PUBLIC, TIMEOUT, NO_TLS, NO_CONNECTION)


@dataclass(frozen=True)
class Reply:
    """What a receiver has answered. Its body is not kept: it may hold anything."""

    status: int
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class SendOptions:
    """`is_open`: development, where any address may be. `ca_file`: the only certificates to trust."""

    timeout_seconds: float = 10.0
    is_open: bool = False
    ca_file: Path | None = None


class HookSender:
    """Sends. Each request has a connection of its own: two names at one address must not share one, as each is
    verified by its own certificate."""

    def __init__(self, options: SendOptions, resolve: Resolve | None = None) -> None:
        self._options = options
        self._resolve = resolve or SystemResolver()
        own = ssl.create_default_context(cafile=options.ca_file) if options.ca_file else None
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._transport = httpx2.AsyncHTTPTransport(
            verify=own or httpx2.create_ssl_context(), limits=limits, trust_env=False
        )

    async def send(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        """Raises NotSent where there is no answer in time."""
        try:
            # All of it has one deadline: a receiver that sends a byte now and then would never end.
            with client_span("webhook send"):
                async with asyncio.timeout(self._options.timeout_seconds):
                    return await self._exchange(target, headers, body, await self._address(target))
        except TimeoutError:
            raise NotSent(TIMEOUT) from None
        except httpx2.TimeoutException:
            raise NotSent(TIMEOUT) from None
        except (httpx2.HTTPError, OSError) as error:
            raise NotSent(NO_TLS if _is_tls(error) else NO_CONNECTION) from None

    async def _address(self, target: Target) -> str:
        """The address to connect to. The name is resolved once: the connection goes to what was looked at."""
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise NotSent(NO_ADDRESS) from None
        if self._options.is_open and found:
            return found[0]
        address = pinned(found)
        if address is None:
            raise NotSent(NOT_PUBLIC if found else NO_ADDRESS)
        return address

    async def _exchange(self, target: Target, headers: Mapping[str, str], body: bytes, address: str) -> Reply:
        host = f"[{address}]" if ":" in address else address
        # To the address, in the name of the host: certificate and Host header are the name's.
        request = httpx2.Request(
            "POST",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            headers={**headers, "Host": target.authority, "Accept-Encoding": "identity", "User-Agent": "Magpie"},
            content=body,
            extensions={"sni_hostname": target.host, "timeout": NO_TIMEOUTS},
        )
        response = await self._transport.handle_async_request(request)
        try:
            await _skim(response)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers.get("Retry-After"))

    async def serve(self) -> None:
        """Runs until cancelled, then closes what is open."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._transport.aclose()


async def _skim(response: httpx2.Response) -> None:
    """Reads the answer's body, so that its sender may finish, up to a bound; unpacks nothing."""
    size = 0
    with suppress(httpx2.RemoteProtocolError, httpx2.ReadError):  # the status has come, and says all
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                return


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


class SystemResolver:
    """Asks the system for the addresses of a name."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="webhook-names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """All addresses, in the system's order. Raises OSError, UnicodeError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(found))


def _addresses(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def milliseconds(since: float) -> int:
    """Since a moment of `time.perf_counter`."""
    return round((time.perf_counter() - since) * 1000)
