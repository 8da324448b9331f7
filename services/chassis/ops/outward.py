"""HTTP out, to a URL of somebody else: to an address that was looked at, without redirects, proxies, cookies or
patience."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from ..model.targets import Target, pinned
from .traces import client_span

MAX_ANSWER_BYTES = 64 * 1024
RESOLVER_THREADS = 8
"""Of its own: names whose servers never answer must not take the threads of others."""
NO_TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"))
"""Of single steps: there is one deadline for all of them."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Read = Callable[[httpx2.Response], Awaitable[bytes]]


class NotSent(Exception):
    """No answer, or none that is taken: `reason` is one of REASONS, for `get` also TOO_LARGE."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NO_ADDRESS, NOT_PUBLIC, TIMEOUT, NO_TLS, NO_CONNECTION = "no_address", "not_public", "timeout", "tls", "connection"
REASONS = (NO_ADDRESS, NOT_PUBLIC, TIMEOUT, NO_TLS, NO_CONNECTION)
TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Reply:
    """What a server has answered. `body` is empty unless it was asked for: it may hold anything."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class OutwardOptions:
    """`span`: what a request is called in traces, which never have its URL. `is_open`: development, where any address
    may be. `ca_file`: the only certificates to trust."""

    span: str
    timeout_seconds: float = 10.0
    is_open: bool = False
    ca_file: Path | None = None


class OutwardClient:
    """Asks. Each request has a connection of its own: two names at one address must not share one, as each is
    verified by its own certificate."""

    def __init__(self, options: OutwardOptions, resolve: Resolve | None = None) -> None:
        self._options = options
        self._resolve = resolve or SystemResolver()
        own = ssl.create_default_context(cafile=options.ca_file) if options.ca_file else None
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._transport = httpx2.AsyncHTTPTransport(
            verify=own or httpx2.create_ssl_context(), limits=limits, trust_env=False
        )

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Reply:
        """Sends a body. Of the answer's own body nothing is kept. Raises NotSent where there is no answer in time."""
        return await self._in_time(target, "POST", headers, body, _skim)

    async def get(self, target: Target, headers: Mapping[str, str], *, max_bytes: int) -> Reply:
        """Reads what is there, with its body as it came. Raises NotSent, also for a body of more than `max_bytes`."""
        return await self._in_time(target, "GET", headers, b"", lambda response: _whole(response, max_bytes))

    async def _in_time(self, target: Target, method: str, headers: Mapping[str, str], body: bytes, read: Read) -> Reply:
        try:
            # All of it has one deadline: a server that sends a byte now and then would never end.
            with client_span(self._options.span):
                async with asyncio.timeout(self._options.timeout_seconds):
                    request = _request(target, await self._address(target), method, headers, body)
                    return await self._exchange(request, read)
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

    async def _exchange(self, request: httpx2.Request, read: Read) -> Reply:
        response = await self._transport.handle_async_request(request)
        try:
            return Reply(response.status_code, response.headers, await read(response))
        finally:
            await response.aclose()

    async def serve(self) -> None:
        """Runs until cancelled, then closes what is open."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._transport.aclose()


def _request(target: Target, address: str, method: str, headers: Mapping[str, str], body: bytes) -> httpx2.Request:
    """To the address, in the name of the host: certificate and Host header are the name's."""
    host = f"[{address}]" if ":" in address else address
    return httpx2.Request(
        method,
        f"{target.scheme}://{host}:{target.port}{target.path}",
        headers={**headers, "Host": target.authority, "Accept-Encoding": "identity", "User-Agent": "Magpie"},
        content=body,
        extensions={"sni_hostname": target.host, "timeout": NO_TIMEOUTS},
    )


async def _skim(response: httpx2.Response) -> bytes:
    """Reads the answer's body, so that its sender may finish, up to a bound; unpacks and keeps nothing."""
    size = 0
    with suppress(httpx2.RemoteProtocolError, httpx2.ReadError):  # the status has come, and says all
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                break
    return b""


async def _whole(response: httpx2.Response, max_bytes: int) -> bytes:
    """All of the body as it came, if it was successful; nothing is unpacked, as a few bytes may become millions."""
    if response.status_code != 200:
        return await _skim(response)
    found = bytearray()
    async for chunk in response.aiter_raw():
        found += chunk
        if len(found) > max_bytes:
            raise NotSent(TOO_LARGE)
    return bytes(found)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


class SystemResolver:
    """Asks the system for the addresses of a name."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="names-of-others")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """All addresses, in the system's order. Raises OSError, UnicodeError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(found))


def _addresses(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
