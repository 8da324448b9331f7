"""Tokens of a real OpenID provider, as docs/operations.md describes it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from deploy.local.ports import free_port
from services.chassis.http.authenticator import Authenticator
from services.chassis.model.refusals import Unauthenticated
from services.chassis.ops.settings import ChassisSettings
from tests.support.waiting import eventually

HERE = Path(__file__).parent
AUDIENCE = "https://magpie.example"
pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="the provider runs on Node.js")


@dataclass(frozen=True)
class Provider:
    issuer: str

    async def is_there(self) -> bool:
        try:
            async with httpx2.AsyncClient() as http:
                return (await http.get(f"{self.issuer}/.well-known/openid-configuration")).is_success
        except httpx2.TransportError:
            return False

    async def discovered(self, name: str) -> str:
        async with httpx2.AsyncClient() as http:
            return str((await http.get(f"{self.issuer}/.well-known/openid-configuration")).json()[name])

    async def token(self) -> str:
        async with httpx2.AsyncClient(auth=("portal", "of-the-test-only")) as http:
            answer = await http.post(await self.discovered("token_endpoint"), data={"grant_type": "client_credentials"})
            return str(answer.json()["access_token"])


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    folder, port = tmp_path_factory.mktemp("issuer"), free_port()
    install = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), "oidc-provider@8"]
    subprocess.run(install, check=True, timeout=120)
    shutil.copy(HERE / "issuer.mjs", folder)
    command = ["node", "issuer.mjs", str(port), AUDIENCE]
    with subprocess.Popen(command, cwd=folder, env=dict(os.environ), stderr=subprocess.DEVNULL) as process:
        yield Provider(f"http://127.0.0.1:{port}")
        process.terminate()


async def settings(provider: Provider) -> ChassisSettings:
    return ChassisSettings(
        jwks=await provider.discovered("jwks_uri"),
        token_issuer=await provider.discovered("issuer"),
        token_audience=AUDIENCE,
        token_org_claim="organisation",
        token_sub_claim="member",
    )


async def test_tokens_of_a_real_provider_say_who_calls(provider: Provider) -> None:
    await eventually(provider.is_there, "the provider answers")
    token = await provider.token()
    caller = await Authenticator(await settings(provider)).caller(f"Bearer {token}")
    assert (caller.org, caller.sub, caller.roles) == ("hanbit", "kim-1", frozenset({"participant"}))


@pytest.mark.parametrize("change", [{"token_audience": "other"}, {"token_issuer": "other"}, {"token_org_claim": "org"}])
async def test_tokens_for_someone_else_are_refused(provider: Provider, change: dict[str, str]) -> None:
    await eventually(provider.is_there, "the provider answers")
    other = (await settings(provider)).model_copy(update=change)
    with pytest.raises(Unauthenticated):
        await Authenticator(other).caller(f"Bearer {await provider.token()}")
