"""Verifies bearer tokens: who calls, for which organisation, in which roles."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from ..model.caller import ROLES, Caller
from ..model.pseudonyms import PSEUDONYM, is_pseudonym, personal_number
from ..model.refusals import NotJudged, Unauthenticated
from ..ops.settings import ChassisSettings
from .signing_keys import FIRST_READ_SECONDS, SigningKeys

ALGORITHMS = ("ES256", "RS256", "EdDSA")
MAX_KNOWN_TOKENS = 2000
MAX_CLAIM = 200
"""A longer claim is not looked at to say what is wrong with it."""
MAX_INSTANT = 1 << 40
"""Seconds since the epoch; beyond the year 30000, and still exact as a float."""


@dataclass(frozen=True, slots=True)
class _KnownToken:
    """A token that was verified lately. Verifying a signature costs as much as a small request."""

    caller: Caller
    expires_at: float
    """Seconds since the epoch, with the leeway."""
    keys_version: int
    """Of the keys with which it was verified."""


class Authenticator:
    """Remembers verified tokens until they expire or the keys change. A token whose key was withdrawn is refused once
    the source has been read again: after `jwks_cooldown_seconds` at the latest."""

    def __init__(self, settings: ChassisSettings) -> None:
        self._settings = settings
        self._keys = SigningKeys(
            settings.jwks,
            state_dir=settings.state_dir,
            production=settings.environment == "production",
            cooldown_seconds=settings.jwks_cooldown_seconds,
        )
        self._known: dict[str, _KnownToken] = {}

    def has_keys(self) -> bool:
        """Whether the identity provider's keys could be read the last time."""
        return self._keys.are_there()

    async def caller(self, authorization: str | None) -> Caller:
        """The caller who sent this Authorization header. Raises Unauthenticated, which says what is wrong with the
        token and never repeats it, and NotJudged while the keys that sign tokens were never read."""
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise Unauthenticated("Send a token: Authorization: Bearer <JWT>.")
        known = self._known.get(text)
        if known is not None:
            await self._keys.refresh()
            if time.time() < known.expires_at and known.keys_version == self._keys.version:
                return known.caller
        claims = await self._claims(text.strip())
        caller = self._caller(claims)
        # Bounded without bookkeeping: tokens are verified again after the table was full.
        if len(self._known) >= MAX_KNOWN_TOKENS:
            self._known.clear()
        expires_at = caller.expires_at + self._settings.token_leeway_seconds
        self._known[text] = _KnownToken(caller, expires_at=expires_at, keys_version=self._keys.version)
        return caller

    async def _claims(self, text: str) -> jwt.Claims:
        try:
            header = extract_compact(text.encode()).headers()
            # Before the key is looked up: a token must not choose to be verified as HMAC with the public key as secret.
            if header.get("alg") not in ALGORITHMS:
                raise Unauthenticated(f"The token's algorithm is not allowed; use one of {', '.join(ALGORITHMS)}.")
            key = await self._keys.find(header.get("kid"))
            if key is None and not self._keys.were_read:
                # Not 401, at which clients throw good tokens away.
                raise NotJudged(
                    "The identity provider has not answered yet, so no token can be judged. Send it again.",
                    retry_after=math.ceil(FIRST_READ_SECONDS),
                )
            if key is None:
                raise Unauthenticated("The token is signed with a key that is not known here.")
            token = jwt.decode(text, key, algorithms=list(ALGORITHMS))
            _must_be_instants(token.claims)
            self._registry().validate(token.claims)
            return token.claims
        except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise Unauthenticated(f"The token is not valid here: {type(error).__name__}.") from None

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=self._settings.token_leeway_seconds,
            iss={"essential": True, "value": self._settings.token_issuer},
            aud={"essential": True, "value": self._settings.token_audience},
            exp={"essential": True},
        )

    def _caller(self, claims: jwt.Claims) -> Caller:
        sub = _pseudonym(claims, self._settings.token_sub_claim, "MAGPIE_TOKEN_SUB_CLAIM")
        org = _pseudonym(claims, self._settings.token_org_claim, "MAGPIE_TOKEN_ORG_CLAIM")
        roles = claims.get("roles")
        if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise Unauthenticated("The token's claim roles must be a list of names.")
        return Caller(sub, org, frozenset(roles) & frozenset(ROLES), expires_at=float(claims["exp"]))


def _must_be_instants(claims: jwt.Claims) -> None:
    """Raises ValueError for a time that is none: JSON has numbers of any size, and text."""
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_INSTANT:
            raise ValueError(f"{name} is no instant")


def _pseudonym(claims: jwt.Claims, name: str, setting: str) -> str:
    value = claims.get(name)
    if isinstance(value, str) and is_pseudonym(value):
        return value
    kind = personal_number(value) if isinstance(value, str) and len(value) <= MAX_CLAIM else None
    what = f"is a {kind}" if kind else "is not an opaque pseudonym"
    raise Unauthenticated(
        f"The token's claim {name} {what}. Events carry it, so the identity provider must send an id that says nothing "
        f"of a person ({PSEUDONYM}; no mail address, no phone number). {setting} names another claim."
    )
