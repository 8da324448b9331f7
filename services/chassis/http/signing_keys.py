"""The keys that sign tokens: from a JWKS file or URL, or in development a key that is made at its first use."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import anyio
import httpx2
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from ..model.failures import safe_text
from ..ops.logs import logger

log = logger(__name__)
DEVELOPMENT_KID = "magpie-development"
SIGNING_KEY = "signing-key.json"
"""The file of an installation's own key (JWK, with its private part). No service reads it."""
FETCH_SECONDS, WAIT_SECONDS = 5.0, 1.0
FIRST_READ_SECONDS = 5.0
"""Between two tries, at most, until the keys were read once: no token can be judged before that."""
MIN_RSA_BITS = 2048


def development_key(state_dir: Path) -> ECKey:
    """The private development key, made at its first use; processes that race get the same one."""
    path = state_dir / "development-key.json"
    if not path.exists():
        state_dir.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key("P-256", {"kid": DEVELOPMENT_KID, "use": "sig", "alg": "ES256"})
        draft = state_dir / f"development-key.{os.getpid()}.draft"
        draft.touch(0o600)
        draft.write_text(json.dumps(key.as_dict(private=True)))
        try:
            os.link(draft, path)  # atomic: the first process wins, and no reader sees half a file
        except FileExistsError:
            log.debug("development_key_was_made_by_another_process")
        finally:
            draft.unlink()
    return ECKey.import_key(json.loads(path.read_text()))


def signing_key(state_dir: Path) -> ECKey:
    """The private key that signs tokens here: the installation's own, if `state_dir` has one, else the development
    key."""
    own = state_dir / SIGNING_KEY
    return ECKey.import_key(json.loads(own.read_text())) if own.exists() else development_key(state_dir)


class SigningKeys:
    """Finds the key that a token names. A key that its source no longer has is forgotten after `cooldown_seconds`;
    while the source is away, the known keys keep working."""

    def __init__(self, source: str | None, *, state_dir: Path, production: bool, cooldown_seconds: float) -> None:
        """Raises ValueError for a source over plain http, which production must not trust, and for a file without a
        key to verify tokens with: no request could be answered."""
        if source is not None and source.startswith("http:") and (production or not _is_loopback(source)):
            raise ValueError(
                "MAGPIE_JWKS is a plain http address: whoever sits on the way could replace the keys; "
                "use https, or a file."
            )
        self._source, self._state_dir, self._production = source, state_dir, production
        self._cooldown_seconds = cooldown_seconds
        self._asked_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None
        self._is_away = False
        self.were_read = False
        """Whether the source was ever read: before that an unknown key says nothing of a token."""
        if source is not None and not source.startswith(("https:", "http:")):
            self._must_have_keys(Path(source))
        self._keys: dict[str | None, Key] = {}
        self.version = 0
        """Grows when the keys change: what was verified with the keys before must be verified again."""

    def _must_have_keys(self, path: Path) -> None:
        try:
            entries = list(json.loads(path.read_text())["keys"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"MAGPIE_JWKS names {path}, which is no readable JWKS ({type(error).__name__}): no token could be "
                "verified. Make the file, or let this process read it."
            ) from None
        if self._production and any(isinstance(entry, Mapping) and "d" in entry for entry in entries):
            raise ValueError(
                f"MAGPIE_JWKS names {path}, which holds a private key: who reads it can sign tokens. Keep that key "
                "outside, and put only its public part there."
            )
        if not any(self._usable(entry) for entry in entries):
            raise ValueError(f"MAGPIE_JWKS names {path}, in which no key can be used; the log says why.")

    async def find(self, kid: str | None) -> Key | None:
        """The key with this id, or None. The source is read once per cooldown, whatever tokens come."""
        await self.refresh()
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def refresh(self) -> None:
        """Reads the source again if the last read is older than the cooldown.

        Callers wait for the very first read, and for a later one up to WAIT_SECONDS; they do not wait for a source that
        has not answered the last time."""
        self._begin_to_read()
        if self._refreshing is None or self._refreshing.done():
            return
        if not self._keys and not self._is_away:
            await asyncio.wait({self._refreshing})
        elif not self._is_away:
            await asyncio.wait({self._refreshing}, timeout=WAIT_SECONDS)

    def are_there(self) -> bool:
        """Whether the source answered the last time. Asked for the health of a process: a source in the
        network is read again if that is due, so that a process tells before the first request that it cannot judge any.
        """
        if self._source is not None and self._source.startswith(("https:", "http:")):
            self._begin_to_read()
        return not self._is_away

    def _begin_to_read(self) -> None:
        """Begins to read the source if the last read is older than the cooldown."""
        pause = self._cooldown_seconds if self.were_read else min(self._cooldown_seconds, FIRST_READ_SECONDS)
        if time.monotonic() - self._asked_at >= pause and not self._is_refreshing:
            self._asked_at = time.monotonic()
            self._refreshing = asyncio.ensure_future(self._read())

    @property
    def _is_refreshing(self) -> bool:
        return self._refreshing is not None and not self._refreshing.done()

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                found = await self._load()
        except (OSError, ValueError, TypeError, KeyError, TimeoutError, httpx2.HTTPError) as error:
            self._is_away = True
            log.warning("jwks_not_read", error=safe_text(error))
            return
        self._is_away, self.were_read = False, True
        usable = {key.kid: key for entry in found if (key := self._usable(entry)) is not None}
        if usable.keys() != self._keys.keys() or any(
            usable[kid].thumbprint() != self._keys[kid].thumbprint() for kid in usable
        ):
            self.version += 1
        self._keys = usable

    def _usable(self, entry: object) -> Key | None:
        """The key of one entry; None, with a line in the log, for one that must not or cannot be used. One bad entry
        must not take the others with it."""
        try:
            if not isinstance(entry, Mapping):
                raise ValueError("no object")
            if self._production and entry.get("kid") == DEVELOPMENT_KID:
                raise ValueError("the development key")
            if entry.get("kty") not in ("RSA", "EC", "OKP"):  # a shared secret in a JWKS would let its readers sign
                raise ValueError("no public key")
            key = JWKRegistry.import_key(dict(entry))
            if isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS:
                raise ValueError(f"RSA with fewer than {MIN_RSA_BITS} bits")
            return key
        except Exception as error:  # whatever a library makes of a foreign entry
            log.warning("jwks_entry_not_used", error=safe_text(error))
            return None

    async def _load(self) -> list[object]:
        if self._source is None:
            return [development_key(self._state_dir).as_dict(private=False)]
        if self._source.startswith(("https:", "http:")):
            # No redirects: the address that was configured is the one that is trusted.
            async with httpx2.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=False) as client:
                answer = await client.get(self._source)
                answer.raise_for_status()
                return list(answer.json()["keys"])
        return list(json.loads(await anyio.Path(self._source).read_text())["keys"])


def _is_loopback(source: str) -> bool:
    return httpx2.URL(source).host in ("127.0.0.1", "localhost", "::1")
