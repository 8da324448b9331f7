"""How clients reach Kafka: its address, and what it wants to know about them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
SECURITY = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Name and password of one principal."""

    mechanism: Mechanism
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """`bootstrap` is `host:port`, several with commas between. `ca_file` holds the certificates to trust instead of the
    system's own."""

    bootstrap: str
    protocol: Protocol = "PLAINTEXT"
    login: Login | None = None
    ca_file: Path | None = None

    @property
    def addresses(self) -> list[str]:
        """`bootstrap`, one by one: FastStream takes a text with commas for a single address."""
        return [address.strip() for address in self.bootstrap.split(",")]

    def options(self) -> dict[str, Any]:
        """Arguments for the clients of aiokafka."""
        found: dict[str, Any] = {"bootstrap_servers": self.addresses, "security_protocol": self.protocol}
        if self.login:
            found |= {
                "sasl_mechanism": self.login.mechanism,
                "sasl_plain_username": self.login.username,
                "sasl_plain_password": self.login.password,
            }
        return found | ({"ssl_context": self._ssl()} if self._is_encrypted else {})

    def security(self) -> BaseSecurity | None:
        """The same for FastStream's broker; None for one that asks nothing."""
        context = self._ssl() if self._is_encrypted else None
        if self.login is None:
            return BaseSecurity(ssl_context=context, use_ssl=True) if context else None
        kind = SECURITY[self.login.mechanism]
        return kind(self.login.username, self.login.password, ssl_context=context, use_ssl=self._is_encrypted)

    @property
    def _is_encrypted(self) -> bool:
        return self.protocol.endswith("SSL")

    def _ssl(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
