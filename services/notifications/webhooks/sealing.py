"""Secrets of webhooks at rest: sealed with a key that is derived from MAGPIE_SECRET_KEY, so that a reader of the
database can sign nothing."""

from __future__ import annotations

import hashlib
import hmac
import os

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from .domain.signing import SECRET_BYTES

_HEADER = {"alg": "dir", "enc": "A256GCM"}


class SecretLost(Exception):
    """A secret was sealed with another key, so it signs nothing any more."""


class SecretSealer:
    """Makes, seals and opens secrets."""

    def __init__(self, key: bytes) -> None:
        """`key`: that of the installation."""
        self._key = OctKey.import_key(hmac.digest(key, b"secrets of webhooks", hashlib.sha256))

    def new(self) -> str:
        """A new secret, sealed."""
        return jwe.encrypt_compact(_HEADER, os.urandom(SECRET_BYTES), self._key)

    def open(self, sealed: str) -> bytes:
        """The secret. Raises SecretLost."""
        try:
            found = jwe.decrypt_compact(sealed, self._key, algorithms=list(_HEADER.values())).plaintext
        except (JoseError, ValueError) as error:
            raise SecretLost from error
        return found or b""
