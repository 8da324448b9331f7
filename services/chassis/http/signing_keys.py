"""The keys that sign tokens: from a JWKS file or URL, or in development a key that is made at its first use."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import anyio
import httpx2
from joserfc.jwk import ECKey, JWKRegistry, Key

from ..model.failures import safe_text
from ..ops.logs import logger

log = logger(__name__)
DEVELOPMENT_KID = "magpie-development"
FETCH_SECONDS = 5.0
Jwk = dict[str, str | list[str]]


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


class SigningKeys:
    """Finds the key that a token names. Known keys keep working while their source is away."""

    def __init__(self, source: str | None, *, state_dir: Path, production: bool, cooldown_seconds: float) -> None:
        """Raises ValueError if production has no source, because it refuses the development key."""
        if production and source is None:
            raise ValueError("MAGPIE_JWKS is not set: production accepts no development key; name a JWKS file or URL.")
        self._source, self._state_dir, self._production = source, state_dir, production
        self._cooldown_seconds, self._fetched_at = cooldown_seconds, float("-inf")
        self._keys: dict[str | None, Key] = {}
        self._lock = anyio.Lock()

    async def find(self, kid: str | None) -> Key | None:
        """The key with this id, or None. Reads the source at most once per cooldown, whatever tokens come."""
        if (key := self._known(kid)) is not None:
            return key
        await self._refresh()
        return self._known(kid)

    def _known(self, kid: str | None) -> Key | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        """Reads the source once per cooldown. Requests wait for the very first read; during a later one they go on with
        the keys that are known."""
        if self._keys and time.monotonic() - self._fetched_at < self._cooldown_seconds:
            return
        async with self._lock:
            if time.monotonic() - self._fetched_at < self._cooldown_seconds:
                return
            self._fetched_at = time.monotonic()
            try:
                found = await self._load()
            except (OSError, ValueError, httpx2.HTTPError) as error:
                log.warning("jwks_not_read", error=safe_text(error))
                return
            usable = [JWKRegistry.import_key(key) for key in found if self._may_use(key)]
            self._keys = {key.kid: key for key in usable}

    def _may_use(self, key: Mapping[str, object]) -> bool:
        if self._production and key.get("kid") == DEVELOPMENT_KID:
            return False
        return key.get("kty") in ("RSA", "EC", "OKP")  # a shared secret in a JWKS would let its readers sign

    async def _load(self) -> list[Jwk]:
        if self._source is None:
            return [development_key(self._state_dir).as_dict(private=False)]
        if self._source.startswith(("https:", "http:")):
            async with httpx2.AsyncClient(timeout=FETCH_SECONDS) as client:
                answer = await client.get(self._source)
                answer.raise_for_status()
                return list(answer.json()["keys"])
        return list(json.loads(await anyio.Path(self._source).read_text())["keys"])
