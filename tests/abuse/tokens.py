"""Tokens that must open nothing and break nothing."""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from typing import Any

import httpx2
from joserfc import jwt

from services.chassis.http.signing_keys import DEVELOPMENT_KID, development_key

from .attack import Seen
from .world import World

PATHS = {
    "profiles": "/v1/profiles",
    "matching": "/v1/matches?profile_id=x-1",
    "notifications": "/v1/recipients/kim-1",
    "translation": "/v1/glossary",
}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(world: World) -> dict[str, str]:
    """By what is wrong with it; the signature is right wherever there is one."""
    now = int(time.time())
    claims = {"iss": "magpie", "aud": "magpie", "iat": now, "exp": now + 600, "org": "trick-firm", "sub": "kim-1"}
    claims["roles"] = ["participant"]
    key = development_key(world.system.directory)

    def signed(kid: str = DEVELOPMENT_KID, **more: Any) -> str:
        return jwt.encode({"alg": "ES256", "kid": kid}, claims | more, key)

    right = signed()
    return {
        "exp of 400 digits": signed(exp=int("9" * 400)),
        "nbf that is text": signed(nbf="tomorrow"),
        "alg none": f"{part({'alg': 'none', 'kid': DEVELOPMENT_KID})}.{part(claims)}.",
        "alg HS256": f"{part({'alg': 'HS256', 'kid': DEVELOPMENT_KID})}.{part(claims)}.{right.rsplit('.', 1)[1]}",
        "unknown kid": signed(kid="somebody-elses"),
        "expired": signed(iat=now - 7200, exp=now - 3600),
        "wrong audience": signed(aud="another-product"),
        "changed claims": ".".join([right.split(".")[0], part(claims | {"org": "victim-firm"}), right.split(".")[2]]),
        "no token at all": "",
    }


async def tricks(world: World) -> Seen:
    tokens, said, seen = forged(world), Counter[int](), Seen()
    right = world.token("trick-firm")
    async with httpx2.AsyncClient(timeout=20) as client:
        for service, path in PATHS.items():
            for url in world.system.urls(service):
                for what, token in tokens.items():
                    headers = {"Authorization": f"Bearer {token}"} if token else {}
                    answer = await client.get(url + path, headers=headers)
                    said[answer.status_code] += 1
                    seen.expect(answer.status_code == 401, f"{what} at {service}: {answer.status_code}")
                joint = "&" if "?" in path else "?"
                answer = await client.get(f"{url}{path}{joint}access_token={right}&token={right}")
                said[answer.status_code] += 1
                seen.expect(answer.status_code == 401, f"a token in the query at {service}: {answer.status_code}")
                answer = await client.get(url + path, headers={"Authorization": f"Bearer {right}"})
                seen.expect(answer.status_code in (200, 404), f"a right token at {service}: {answer.status_code}")
    seen.text = f"answers {dict(said)}; a right token is served at each replica"
    return seen
