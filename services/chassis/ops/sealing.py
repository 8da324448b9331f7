"""Secrets of others at rest: sealed with a key that is derived from MAGPIE_SECRET_KEY, so that a reader of the database
can do nothing with them."""

from __future__ import annotations

import hashlib
import hmac

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}


class SecretLost(Exception):
    """A secret was sealed with another key, so it cannot be used any more."""


class Sealer:
    """Seals and opens secrets of one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        """`key`: that of the installation. What was sealed for one purpose is opened for no other."""
        self._key = OctKey.import_key(hmac.digest(key, purpose.encode(), hashlib.sha256))

    def seal(self, secret: bytes) -> str:
        """As it is stored; another text each time."""
        return jwe.encrypt_compact(_HEADER, secret, self._key)

    def open(self, sealed: str) -> bytes:
        """The secret. Raises SecretLost."""
        try:
            found = jwe.decrypt_compact(sealed, self._key, algorithms=list(_HEADER.values())).plaintext
        except (JoseError, ValueError) as error:
            raise SecretLost from error
        return found or b""
