"""A Kafka with a listener as subscribers outside find it: TLS, logins by SCRAM, and the grants of an installation. What
`compose.secure.yaml` sets up in containers is here on the local broker, from the same certificates and grants."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

from aiokafka.protocol.admin import CreateAclsRequest

from deploy.installation.access import Grant, grants
from deploy.installation.certificates import authority, server
from deploy.local.kafka import Kafka
from deploy.local.ports import HOST, free_port
from schemas.registry import registry
from tests.support.kafka import admin

LOGINS = {"reader": "reader-secret", "partner": "partner-secret"}
ALLOW = 3
KINDS = {"topic": 2, "group": 3}
OPERATIONS = {"Read": 3, "Describe": 8, "DescribeConfigs": 10}
LITERAL, PREFIXED = 3, 4


class SecuredKafka(Kafka):
    """Without a login everything may be done on the inner listener, as the broker itself does; on the outer one nothing
    that was not granted."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.outer_port = free_port()
        self.ca_file, self._listener = directory / "ca.crt", directory / "listener.pem"
        now = dt.datetime.now(dt.UTC)
        signer = authority(now)
        shown = server(signer, [HOST, "localhost"], now)
        self.ca_file.write_text(signer.certificate)
        self._listener.write_text(shown.key + shown.certificate)

    @property
    def outside(self) -> str:
        """The address for subscribers."""
        return f"{HOST}:{self.outer_port}"

    def login(self, name: str) -> dict[str, str]:
        """What the examples take from the environment."""
        return {
            "KAFKA_BOOTSTRAP": self.outside,
            "KAFKA_USERNAME": name,
            "KAFKA_PASSWORD": LOGINS[name],
            "KAFKA_CA_FILE": str(self.ca_file),
            "GROUP": f"{name}.directory",
        }

    def start(self, seconds: float = 60.0) -> None:
        """Starts it, and grants what the registry of topics grants."""
        super().start(seconds)
        asyncio.run(self._grant([grant for grant in grants(registry()) if grant.principal in LOGINS]))

    async def _grant(self, found: list[Grant]) -> None:
        async with admin(self.bootstrap) as client:
            for grant in found:
                for operation in grant.operations:
                    pattern = PREFIXED if grant.prefixed else LITERAL
                    who = f"User:{grant.principal}"
                    request = CreateAclsRequest(
                        KINDS[grant.kind], grant.name, pattern, who, "*", OPERATIONS[operation], ALLOW
                    )
                    answer: Any = await client._send_request(request)
                    assert all(code == 0 for code, _ in answer.creation_responses), answer

    def _format_options(self) -> list[str]:
        logins = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in LOGINS.items()]
        return [word for login in logins for word in ("--add-scram", login)]

    def _settings(self) -> str:
        replaced = {
            "listeners=": f",OUTER://{HOST}:{self.outer_port}",
            "advertised.listeners=": f",OUTER://{HOST}:{self.outer_port}",
            "listener.security.protocol.map=": ",OUTER:SASL_SSL",
        }
        lines = [
            line + next((more for name, more in replaced.items() if line.startswith(name)), "")
            for line in super()._settings().splitlines()
        ]
        return "\n".join([*lines, *self._security()]) + "\n"

    def _security(self) -> list[str]:
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return [
            "inter.broker.listener.name=PLAINTEXT",
            "listener.name.outer.sasl.enabled.mechanisms=SCRAM-SHA-512",
            f"listener.name.outer.scram-sha-512.sasl.jaas.config={scram}",
            "listener.name.outer.ssl.keystore.type=PEM",
            f"listener.name.outer.ssl.keystore.location={self._listener}",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users=User:ANONYMOUS",
            "allow.everyone.if.no.acl.found=false",
        ]
