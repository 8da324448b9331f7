"""Signs tokens for an installation, or for development: `python -m services.chassis.tokens --org acme`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from joserfc import jwt

from .http.signing_keys import signing_key
from .model.caller import ROLES
from .model.ids import derived_id
from .model.pseudonyms import PSEUDONYM, is_pseudonym
from .ops.settings import ChassisSettings


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
    """A token, signed with the key in `state_dir`; production refuses the development key. Without `sub` it names one
    member per organisation, the same each time. Raises ValueError for an `org` or `sub` that is no pseudonym."""
    for value in (org, sub or org):
        if not is_pseudonym(value):
            raise ValueError(f"org and sub are pseudonyms: {PSEUDONYM}, and no phone number or resident's number")
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
    key = signing_key(state_dir)
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description="Signs a token, with signing-key.json in MAGPIE_STATE_DIR or else the development key."
    )
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
