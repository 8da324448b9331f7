"""The keys that sign tokens: a JWKS file or URL, or in development a key made at first use."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx2
from joserfc.jwk import ECKey, JWKRegistry

from .errors import reason
from .logs import logger

log = logger(__name__)
DEVELOPMENT_KID = "magpie-development"
FETCH_SECONDS = 5.0


def development_key(state_dir: Path) -> ECKey:
    """The private development key, made at first use; processes that race get the same one."""
    path = state_dir / "development-key.json"
    if not path.exists():
        state_dir.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key("P-256", {"kid": DEVELOPMENT_KID, "use": "sig", "alg": "ES256"})
        draft = state_dir / f"development-key.{os.getpid()}.draft"
        draft.touch(0o600)
        draft.write_text(json.dumps(key.as_dict(private=True)))
        try:
            os.link(draft, path)  # whoever comes first; never half a file
        except FileExistsError:
            log.debug("development_key_was_made_by_another_process")
        finally:
            draft.unlink()
    return ECKey.import_key(json.loads(path.read_text()))


class Keys:
    """Finds the key that a token names. Known keys go on working while their source is away."""

    def __init__(self, source: str | None, *, state_dir: Path, production: bool, cooldown_seconds: float) -> None:
        """Raises ValueError where production has no source: it refuses the development key."""
        if production and source is None:
            raise ValueError("MAGPIE_JWKS is not set: production accepts no development key; name a JWKS file or URL.")
        self._source, self._state_dir, self._production = source, state_dir, production
        self._cooldown_seconds, self._fetched_at = cooldown_seconds, float("-inf")
        self._keys: dict[str | None, Any] = {}
        self._lock = anyio.Lock()

    async def find(self, kid: str | None) -> Any | None:
        """None where no such key is known. Looks at the source at most once a cooldown, whatever is asked."""
        if (key := self._known(kid)) is not None:
            return key
        await self._refresh()
        return self._known(kid)

    def _known(self, kid: str | None) -> Any | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        """One look a cooldown. Those who come while the first one ever is under way wait for it; later ones do not:
        good tokens go on with the keys that are known."""
        if self._keys and time.monotonic() - self._fetched_at < self._cooldown_seconds:
            return
        async with self._lock:
            if time.monotonic() - self._fetched_at < self._cooldown_seconds:
                return
            self._fetched_at = time.monotonic()
            try:
                found = await self._load()
            except (OSError, ValueError, httpx2.HTTPError) as error:
                log.warning("jwks_not_read", error=reason(error))
                return
            self._keys = {key.get("kid"): JWKRegistry.import_key(key) for key in found if self._may_use(key)}

    def _may_use(self, key: Mapping[str, Any]) -> bool:
        if self._production and key.get("kid") == DEVELOPMENT_KID:
            return False
        return key.get("kty") in ("RSA", "EC", "OKP")  # a shared secret in a JWKS would let its readers sign

    async def _load(self) -> list[dict[str, Any]]:
        if self._source is None:
            return [development_key(self._state_dir).as_dict(private=False)]
        if self._source.startswith(("https:", "http:")):
            async with httpx2.AsyncClient(timeout=FETCH_SECONDS) as client:
                answer = await client.get(self._source)
                answer.raise_for_status()
                return list(answer.json()["keys"])
        return list(json.loads(await anyio.Path(self._source).read_text())["keys"])
