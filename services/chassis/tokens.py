"""Bearer tokens: who calls, for which organisation, in which role. `python -m services.chassis.tokens` mints them."""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from .errors import NotFound, Refused
from .events import derived_id
from .keys import DEVELOPMENT_KID, Keys, development_key
from .settings import ChassisSettings

ALGORITHMS = ("ES256", "RS256", "EdDSA")
ROLES = ("participant", "organiser", "operator", "reader")
KNOWN_TOKENS, KNOWN_SECONDS = 2000, 30.0
PSEUDONYM = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")


class Unauthenticated(Refused):
    def __init__(self, detail: str) -> None:
        super().__init__("unauthenticated", detail)


class Forbidden(Refused):
    """The role may not do this at all, whoever's it is."""

    def __init__(self, detail: str) -> None:
        super().__init__("forbidden", detail)


@dataclass(frozen=True, slots=True)
class Caller:
    """`sub` is the member, `org` the owner of profiles; both are opaque pseudonyms."""

    sub: str
    org: str
    roles: frozenset[str]

    @property
    def is_organiser(self) -> bool:
        return "organiser" in self.roles

    def owns(self, owner: str) -> bool:
        return "participant" in self.roles and self.org == owner

    def may_read(self, owner: str) -> bool:
        return self.is_organiser or self.owns(owner)

    def must_own(self, owner: str | None, what: str) -> None:
        """Raises NotFound where `what` is nobody's or somebody else's: a stranger learns nothing."""
        if owner is None or not self.owns(owner):
            raise NotFound(f"There is no such {what}, or it is not yours.")


@dataclass(frozen=True, slots=True)
class _Known:
    """Who showed a token lately: to verify a signature costs as much as a small request."""

    caller: Caller
    over: float
    verified_at: float

    def is_good(self) -> bool:
        return time.time() < self.over and time.monotonic() - self.verified_at < KNOWN_SECONDS


class Authenticator:
    """A token whose key has been withdrawn is refused after `KNOWN_SECONDS` at the latest."""

    def __init__(self, settings: ChassisSettings) -> None:
        self._settings = settings
        self._keys = Keys(
            settings.jwks,
            state_dir=settings.state_dir,
            production=settings.environment == "production",
            cooldown_seconds=settings.jwks_cooldown_seconds,
        )
        self._known: dict[str, _Known] = {}

    async def caller(self, authorization: str | None) -> Caller:
        """Whose token this is. Raises Unauthenticated, which says what is wrong with it and never repeats it."""
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise Unauthenticated("Send a token: Authorization: Bearer <JWT>.")
        known = self._known.get(text)
        if known is not None and known.is_good():
            return known.caller
        claims = await self._claims(text.strip())
        caller = self._caller(claims)
        if len(self._known) >= KNOWN_TOKENS:
            self._known.clear()
        over = float(claims["exp"]) + self._settings.token_leeway_seconds
        self._known[text] = _Known(caller, over=over, verified_at=time.monotonic())
        return caller

    async def _claims(self, text: str) -> dict[str, Any]:
        try:
            header = extract_compact(text.encode()).headers()
            if header.get("alg") not in ALGORITHMS:
                raise Unauthenticated(f"The token's algorithm is not allowed; use one of {', '.join(ALGORITHMS)}.")
            key = await self._keys.find(header.get("kid"))
            if key is None:
                raise Unauthenticated("The token is signed with a key that is not known here.")
            token = jwt.decode(text, key, algorithms=list(ALGORITHMS))
            self._registry().validate(token.claims)
            return token.claims
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated(f"The token is not valid here: {type(error).__name__}.") from None

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=self._settings.token_leeway_seconds,
            iss={"essential": True, "value": self._settings.token_issuer},
            aud={"essential": True, "value": self._settings.token_audience},
            exp={"essential": True},
        )

    def _caller(self, claims: dict[str, Any]) -> Caller:
        sub = _pseudonym(claims, self._settings.token_sub_claim, "MAGPIE_TOKEN_SUB_CLAIM")
        org = _pseudonym(claims, self._settings.token_org_claim, "MAGPIE_TOKEN_ORG_CLAIM")
        roles = claims.get("roles")
        if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise Unauthenticated("The token's claim roles must be a list of names.")
        return Caller(sub, org, frozenset(roles) & frozenset(ROLES))


def _pseudonym(claims: dict[str, Any], name: str, setting: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not PSEUDONYM.fullmatch(value):
        raise Unauthenticated(
            f"The token's claim {name} is not an opaque pseudonym ([a-z0-9][a-z0-9-]{{2,63}}); a mail address, say, "
            f"must not get in here. {setting} names another claim."
        )
    return value


def mint(
    *,
    org: str,
    role: str,
    state_dir: Path,
    sub: str | None = None,
    issuer: str = "magpie",
    audience: str = "magpie",
    seconds: int = 12 * 3600,
) -> str:
    """A development token. Without `sub` one member per org, the same each time."""
    for value in (org, sub or org):
        if not PSEUDONYM.fullmatch(value):
            raise ValueError("org and sub are pseudonyms: [a-z0-9][a-z0-9-]{2,63}")
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + seconds,
        "org": org,
        "sub": sub or f"m-{derived_id('member', org)[:13]}",
        "roles": [role],
    }
    return jwt.encode({"alg": "ES256", "kid": DEVELOPMENT_KID}, claims, development_key(state_dir))


def main() -> None:
    parser = argparse.ArgumentParser(description="Mints a development token; production refuses it.")
    parser.add_argument("--org", required=True, help="whose profiles it acts for")
    parser.add_argument("--role", choices=ROLES, default="participant")
    parser.add_argument("--sub", help="the member; one per org, the same each time, where not given")
    args = parser.parse_args()
    settings = ChassisSettings()
    try:
        token = mint(
            org=args.org,
            role=args.role,
            sub=args.sub,
            state_dir=settings.state_dir,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
        )
    except ValueError as error:
        parser.error(str(error))
    print(token)


if __name__ == "__main__":
    main()
