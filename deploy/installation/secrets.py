"""Secrets of an installation, one file each: made once, kept, and made again where they are rotated.

The directory is for its owner only (0700). Files that a container mounts can be read by any user inside it (0444),
because a mounted file keeps the owner that it has outside. The keys that sign tokens and certificates are mounted
nowhere (0600)."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey

from services.chassis.http.signing_keys import SIGNING_KEY

from ..local.services import PORTS
from .access import PRINCIPALS
from .certificates import Pair, authority, canonical, is_signed_by, names, server

MOUNTED, OUTSIDE = 0o444, 0o600
OWN_HOSTS = ("localhost", "127.0.0.1", "::1")
MAX_KEYS = 2
"""Public keys that are trusted at once: after a rotation, tokens of the key before are still good."""
GROUPS = (
    *("mongo-password", "kafka-password", "kafka-listener", "gateway", "signing-key"),
    *("secret-key", "links-key", "grafana-password"),
)
"""What can be rotated, by the beginning of the files' names. The administrator's password of MongoDB and its keyfile
cannot: mongod has to be told of them by hand."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory with an installation's secrets."""

    path: Path
    hosts: Sequence[str] = ()
    """Names under which the gateway and Kafka are reached from outside, besides localhost."""

    def make(self, rotate: str | None = None) -> list[str]:
        """Makes the files that are missing, again those of the group `rotate`, and certificates that lack one of the
        `hosts`. Returns the names of what it has made."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        before = self._texts()
        if rotate is not None:
            self._forget(rotate)
        for name, make in self._plain().items():
            if not (self.path / name).exists():
                self._write(name, make())
        self._derived()
        self._certificates(before)
        return sorted(name for name, text in self._texts().items() if before.get(name) != text)

    def _texts(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.path.iterdir() if path.is_file()}

    def _forget(self, group: str) -> None:
        """Removes what `make` shall make again. Files that are derived from others follow by themselves."""
        for path in self.path.glob(f"{group}*"):
            path.unlink()

    def _plain(self) -> dict[str, Callable[[], str]]:
        """Files that depend on nothing else."""
        return {
            "mongo-keyfile": lambda: secrets.token_urlsafe(48).replace("-", "+").replace("_", "/"),
            "mongo-admin-password": _password,
            **{f"mongo-password-{service}": _password for service in PORTS},
            **{f"kafka-password-{principal}": _password for principal in ("admin", *PRINCIPALS)},
            **{f"secret-key-{service}": _password for service in PORTS},
            "links-key": _password,
            "grafana-password": _password,
            "smtp-password": str,
            "translation-key": str,
            SIGNING_KEY: lambda: json.dumps(_new_key().as_dict(private=True)),
        }

    def _derived(self) -> None:
        """Files that are made from other ones; written where they differ."""
        for service in PORTS:
            password = self.read(f"mongo-password-{service}")
            database = f"magpie_{service}"
            uri = f"mongodb://{service}:{password}@mongo:27017/?replicaSet=rs0&authSource={database}"
            self._write(f"mongo-uri-{service}", uri)
        admin = self.read("kafka-password-admin")
        self._write("kafka-broker.properties", f"admin={admin}\n")
        self._write("kafka-admin.properties", _kafka_client(admin))
        passwords = {name: self.read(f"kafka-password-{name}") for name in PRINCIPALS}
        self._write("kafka-users", "".join(f"{name} {password}\n" for name, password in passwords.items()))
        self._write("jwks.json", self._jwks())

    def _jwks(self) -> str:
        """The public part of the signing key, and of the one before it."""
        now = ECKey.import_key(json.loads(self.read(SIGNING_KEY))).as_dict(private=False)
        known = json.loads(self.read("jwks.json"))["keys"] if (self.path / "jwks.json").exists() else []
        return json.dumps({"keys": [now, *(key for key in known if key["kid"] != now["kid"])][:MAX_KEYS]})

    def _certificates(self, before: Mapping[str, str]) -> None:
        """`before`: the files that there were, also those that are rotated."""
        if not (self.path / "ca.key").exists():
            made = authority(dt.datetime.now(dt.UTC))
            self._write("ca.key", made.key)
            self._write("ca.crt", made.certificate)
        by = Pair(self.read("ca.crt") + "\n", self.read("ca.key"))
        if gateway := self._renewed("gateway.key", before.get("gateway.crt", ""), by, OWN_HOSTS):
            self._write("gateway.crt", gateway.certificate)
            self._write("gateway.key", gateway.key)
        listener = self._renewed("kafka-listener.pem", before.get("kafka-listener.pem", ""), by, (*OWN_HOSTS, "kafka"))
        if listener:
            self._write("kafka-listener.pem", listener.key + listener.certificate)

    def _renewed(self, file: str, old: str, by: Pair, own: Sequence[str]) -> Pair | None:
        """A certificate in place of `old`, with its names too: subscribers and callers reach it by them. None where
        the file is there and lacks nothing, or where `old` is the operator's, signed by someone else."""
        known, asked = names(old), [canonical(host) for host in self.hosts]
        if (self.path / file).exists() and (set(asked) <= set(known) or not is_signed_by(old, by)):
            return None
        return server(by, [*dict.fromkeys([*asked, *known, *own])], dt.datetime.now(dt.UTC))

    def read(self, name: str) -> str:
        """The content of a file, without white space around it."""
        return (self.path / name).read_text().strip()

    def _write(self, name: str, text: str) -> None:
        """Writes in place: a container that mounts the file sees the file that it began with, not its successor."""
        path = self.path / name
        if path.exists() and path.read_text() == text:
            return
        path.touch(OUTSIDE)
        path.chmod(OUTSIDE)
        path.write_text(text)
        path.chmod(OUTSIDE if name in (SIGNING_KEY, "ca.key") else MOUNTED)


def _password() -> str:
    """43 characters that need no quoting in addresses, shells and property files."""
    return secrets.token_urlsafe(32).replace("-", "x").replace("_", "y")


def _new_key() -> ECKey:
    kid = f"magpie-{secrets.token_hex(6)}"
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def _kafka_client(password: str) -> str:
    login = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return (
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
        f'sasl.jaas.config={login} required username="admin" password="{password}";\n'
    )
