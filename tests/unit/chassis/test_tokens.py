"""Who may speak for whom, and what no token may contain."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr, ValidationError

from services.chassis.http import problems
from services.chassis.http.authenticator import Authenticator
from services.chassis.http.signing_keys import (
    DEVELOPMENT_KID,
    FIRST_READ_SECONDS,
    SigningKeys,
    development_key,
    signing_key,
)
from services.chassis.model.caller import Caller
from services.chassis.model.refusals import NotJudged, Unauthenticated
from services.chassis.ops.settings import DEVELOPMENT_SECRET, ChassisSettings
from services.chassis.tokens import mint

SECRET = SecretStr("a secret of at least thirty-two characters")
EC, RSA = ECKey.generate_key("P-256", {"kid": "ec"}), RSAKey.generate_key(2048, {"kid": "rsa"})


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    base = {
        "iss": "magpie",
        "aud": "magpie",
        "exp": now + 600,
        "org": "hanbit",
        "sub": "kim-1",
        "roles": ["participant"],
    }
    return {name: value for name, value in (base | changes).items() if value is not None}


def authenticator(tmp_path: Path, *keys: Any, **settings: Any) -> Authenticator:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys or (EC,)]}))
    return Authenticator(ChassisSettings(jwks=str(jwks), state_dir=tmp_path, **settings))


def signed(payload: dict[str, Any], key: Any = EC, *, alg: str = "ES256", kid: str | None = "ec") -> str:
    header = {"alg": alg} | ({"kid": kid} if kid else {})
    return f"Bearer {jwt.encode(header, payload, key, algorithms=[alg])}"


async def test_a_good_token_tells_who_calls(tmp_path: Path) -> None:
    caller = await authenticator(tmp_path).caller(signed(claims()))
    assert caller == Caller("kim-1", "hanbit", frozenset({"participant"}))


async def test_without_a_kid_the_only_key_is_meant(tmp_path: Path) -> None:
    assert (await authenticator(tmp_path).caller(signed(claims(), kid=None))).org == "hanbit"
    with pytest.raises(Unauthenticated):
        await authenticator(tmp_path, EC, RSA).caller(signed(claims(), kid=None))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"},
        {"aud": "else"},
        {"exp": 1_600_000_000},
        {"exp": None},
        {"org": None},
        {"org": "hong@example.com"},
        {"sub": "홍길동"},
        {"sub": "a"},
        {"org": 5},
        {"roles": "participant"},
        {"roles": None},
    ],
)
async def test_a_token_that_says_too_little_or_too_much_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await authenticator(tmp_path).caller(signed(claims(**change)))
    assert "hong" not in refusal.value.detail and "홍" not in refusal.value.detail


async def test_another_claim_may_hold_the_pseudonym(tmp_path: Path) -> None:
    token = signed(claims(org="hong@example.com", tenant="hanbit"))
    assert (await authenticator(tmp_path, token_org_claim="tenant").caller(token)).org == "hanbit"


@pytest.mark.parametrize("authorization", [None, "", "Basic x", "Bearer", "Bearer x.y.z", "Bearer a.b", "Bearer ...."])
async def test_what_is_no_token_is_refused(authorization: str | None, tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator(tmp_path).caller(authorization)


async def test_algorithms_cannot_be_confused(tmp_path: Path) -> None:
    """HS256 with the public key as secret, no signature at all, and one key's kid with another key's algorithm."""
    public = OctKey.import_key(json.dumps(EC.as_dict(private=False)))
    none = f"Bearer {jwt.encode({'alg': 'none', 'kid': 'ec'}, claims(), EC, algorithms=['none'])}"
    crossed = signed(claims(), EC, kid="rsa")
    for token in (signed(claims(), public, alg="HS256"), none, crossed):
        with pytest.raises(Unauthenticated):
            await authenticator(tmp_path, EC, RSA).caller(token)


async def test_leeway_is_a_minute(tmp_path: Path) -> None:
    now = int(time.time())
    assert await authenticator(tmp_path).caller(signed(claims(exp=now - 30)))
    with pytest.raises(Unauthenticated):
        await authenticator(tmp_path).caller(signed(claims(exp=now - 90)))


class Counting(SigningKeys):
    looks = 0

    async def _load(self) -> list[object]:
        self.looks += 1
        return await super()._load()


async def test_strange_kids_cost_one_look_a_cooldown_and_a_source_that_is_away_costs_nothing(tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [EC.as_dict(private=False)]}))
    keys = Counting(str(jwks), state_dir=tmp_path, production=True, cooldown_seconds=30)
    assert await keys.find("ec")
    jwks.unlink()
    strange = await asyncio.gather(*(keys.find(f"strange-{n}") for n in range(500)), keys.find("ec"))
    assert (strange[:500], keys.looks) == ([None] * 500, 1) and strange[500] is not None
    keys._asked_at = float("-inf")
    assert await keys.find("strange") is None and await keys.find("ec") is not None and keys.looks == 2


async def test_a_withdrawn_key_is_refused_after_the_cooldown(tmp_path: Path) -> None:
    """Also a token that was verified before, and although no unknown key ever comes."""
    found = authenticator(tmp_path, EC, RSA, jwks_cooldown_seconds=0.2)
    token = signed(claims())
    assert (await found.caller(token)).org == "hanbit"
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [RSA.as_dict(private=False)]}))
    assert (await found.caller(token)).org == "hanbit", "known until the source is read again"
    found._keys._asked_at -= 0.2
    with pytest.raises(Unauthenticated):
        await found.caller(token)


async def test_no_token_is_wrong_before_any_key_was_read(tmp_path: Path) -> None:
    """503 and not 401, at which clients throw good tokens away; also in what /readyz asks."""
    found = Authenticator(ChassisSettings(jwks="https://127.0.0.1:9/jwks", state_dir=tmp_path))
    assert found.has_keys(), "nothing is known of it yet"
    with pytest.raises(NotJudged) as refusal:
        await found.caller(signed(claims()))
    answer = problems.refusal(refusal.value)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5") and not found.has_keys()
    assert "WWW-Authenticate" not in answer.headers
    with pytest.raises(Unauthenticated):
        await found.caller("Bearer x.y.z")


async def test_a_source_that_is_away_later_leaves_unknown_keys_unknown(tmp_path: Path) -> None:
    found = authenticator(tmp_path)
    assert await found.caller(signed(claims()))
    (tmp_path / "jwks.json").unlink()
    found._keys._asked_at = float("-inf")
    with pytest.raises(Unauthenticated, match="not known"):
        await found.caller(signed(claims(), RSA, alg="RS256", kid="rsa"))
    assert await found.caller(signed(claims())) and not found.has_keys()


async def test_a_source_that_comes_back_is_asked_again_soon(tmp_path: Path) -> None:
    """Until the keys were read once the cooldown, which may be long, does not count."""
    found = authenticator(tmp_path, jwks_cooldown_seconds=3600)
    (tmp_path / "jwks.json").rename(tmp_path / "away.json")
    with pytest.raises(NotJudged):
        await found.caller(signed(claims()))
    (tmp_path / "away.json").rename(tmp_path / "jwks.json")
    found._keys._asked_at -= FIRST_READ_SECONDS
    with pytest.raises(NotJudged):  # no one waits for a source that did not answer the last time
        await found.caller(signed(claims()))
    assert found._keys._refreshing
    await found._keys._refreshing
    assert (await found.caller(signed(claims()))).org == "hanbit"


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "EC", "crv": "P-999", "kid": "x", "x": "AA", "y": "AA"},
        "no object",
        None,
        {"kty": "RSA", "kid": "x", "n": "AQ", "e": "AQAB"},
        {"kid": "x"},
        [],
        RSAKey.generate_key(1024, {"kid": "weak"}).as_dict(private=False),
    ],
)
async def test_a_bad_entry_does_not_spoil_the_others(entry: Any, tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [entry, EC.as_dict(private=False)]}))
    keys = SigningKeys(str(jwks), state_dir=tmp_path, production=True, cooldown_seconds=30)
    assert await keys.find("ec") and not await keys.find("x") and not await keys.find("weak")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": 5}', "no json", '{"keys": null}'])
async def test_a_source_that_is_no_jwks_counts_as_away(text: str, tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [EC.as_dict(private=False)]}))
    keys = SigningKeys(str(jwks), state_dir=tmp_path, production=True, cooldown_seconds=30)
    jwks.write_text(text)
    assert await keys.find("ec") is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "FileNotFoundError"),
        ("no json", "JSONDecodeError"),
        ('{"keys": []}', "no key can be used"),
        (json.dumps({"keys": [EC.as_dict(private=True)]}), "private key"),
        (json.dumps({"keys": [EC.as_dict(private=False) | {"kid": "magpie-development"}]}), "no key can be used"),
    ],
)
def test_a_file_that_can_verify_no_token_ends_the_start(text: str | None, what: str, tmp_path: Path) -> None:
    jwks = tmp_path / "jwks.json"
    if text is not None:
        jwks.write_text(text)
    with pytest.raises(ValueError, match=what):
        SigningKeys(str(jwks), state_dir=tmp_path, production=True, cooldown_seconds=30)


def test_an_installation_signs_with_its_own_key(tmp_path: Path) -> None:
    assert signing_key(tmp_path).kid == "magpie-development"
    (tmp_path / "signing-key.json").write_text(json.dumps(EC.as_dict(private=True)))
    assert signing_key(tmp_path).kid == "ec"


def test_keys_over_plain_http_are_not_trusted(tmp_path: Path) -> None:
    for source, production in (("http://keys.example/jwks", False), ("http://127.0.0.1:1/jwks", True)):
        with pytest.raises(ValueError, match="plain http"):
            SigningKeys(source, state_dir=tmp_path, production=production, cooldown_seconds=30)


@pytest.mark.parametrize("exp", [10**400, -(10**400), 1e308, "soon", True, [], 1 << 63])
async def test_an_expiry_that_is_no_instant_is_refused(exp: Any, tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator(tmp_path).caller(signed(claims(exp=exp)))


async def test_a_shared_secret_in_a_jwks_is_no_key(tmp_path: Path) -> None:
    secret = OctKey.generate_key(256, {"kid": "oct"})
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [secret.as_dict(private=True), EC.as_dict(private=False)]}))
    keys = SigningKeys(str(jwks), state_dir=tmp_path, production=False, cooldown_seconds=30)
    assert await keys.find("oct") is None


async def test_production_refuses_the_development_key(tmp_path: Path) -> None:
    token = f"Bearer {mint(org='hanbit', role='participant', state_dir=tmp_path)}"
    development = Authenticator(ChassisSettings(state_dir=tmp_path))
    assert (await development.caller(token)).org == "hanbit"
    with pytest.raises(ValueError, match="MAGPIE_JWKS"):
        Authenticator(ChassisSettings(state_dir=tmp_path, environment="production", secret_key=SECRET))
    with pytest.raises(ValueError, match="no key can be used"):
        authenticator(tmp_path, development_key(tmp_path), environment="production", secret_key=SECRET)
    with pytest.raises(Unauthenticated):
        both = authenticator(tmp_path, development_key(tmp_path), EC, environment="production", secret_key=SECRET)
        await both.caller(token)
    assert development_key(tmp_path).kid == DEVELOPMENT_KID


def test_production_does_not_start_without_a_secret_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="MAGPIE_SECRET_KEY"):
        ChassisSettings(state_dir=tmp_path, environment="production")
    with pytest.raises(ValidationError, match="everyone knows"):
        ChassisSettings(environment="production", jwks="x", secret_key=SecretStr(DEVELOPMENT_SECRET))


def test_minting_names_one_member_an_org_and_takes_no_address(tmp_path: Path) -> None:
    def sub(token: str) -> Any:
        return jwt.decode(token, development_key(tmp_path), algorithms=["ES256"]).claims["sub"]

    first, again = (mint(org="acme", role="participant", state_dir=tmp_path) for _ in range(2))
    assert sub(first) == sub(again) != sub(mint(org="other", role="participant", state_dir=tmp_path))
    with pytest.raises(ValueError, match="pseudonyms"):
        mint(org="a@b.example", role="participant", state_dir=tmp_path)


def test_a_participant_acts_for_its_own_and_an_organiser_for_nobody() -> None:
    participant = Caller("kim-1", "hanbit", frozenset({"participant"}))
    organiser = Caller("kim-1", "hanbit", frozenset({"organiser"}))
    assert participant.owns("hanbit") and not participant.owns("other") and not participant.may_read("other")
    assert organiser.may_read("other") and not organiser.owns("hanbit")
