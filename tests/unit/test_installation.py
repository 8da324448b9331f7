"""Secrets that are made once, and grants that follow from the registry of topics."""

from __future__ import annotations

import datetime as dt
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509

from deploy.installation.access import READERS, SERVICES, Grant, grants, text
from deploy.installation.access_page import KINDS, resource
from deploy.installation.certificates import Pair, authority, names, server
from deploy.installation.secrets import GROUPS, Directory
from schemas.registry import Topic, registry

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 8, 4, tzinfo=dt.UTC)
NEVER_MOUNTED = {"signing-key.json", "ca.key"}


def contents(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "secrets")
    assert set(directory.make()) == set(contents(directory.path))
    before = contents(directory.path)
    assert directory.make() == [] and contents(directory.path) == before
    long = [name for name in before if "password" in name and before[name]]
    assert len({before[name] for name in long}) == len(long) > 10, "no two are the same"


def test_only_the_owner_enters_the_directory_and_reads_what_no_container_mounts(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "secrets")
    directory.make()
    assert mode(directory.path) == 0o700
    for path in directory.path.iterdir():
        assert mode(path) == (0o600 if path.name in NEVER_MOUNTED else 0o444), path.name


@pytest.mark.parametrize("group", GROUPS)
def test_a_rotation_makes_its_group_again_and_what_is_derived_from_it(group: str, tmp_path: Path) -> None:
    directory = Directory(tmp_path / "secrets")
    directory.make()
    before = contents(directory.path)
    changed = set(directory.make(group))
    derived = {
        "mongo-password": {f"mongo-uri-{service}" for service in SERVICES},
        "kafka-password": {"kafka-users", "kafka-broker.properties", "kafka-admin.properties"},
        "signing-key": {"jwks.json"},
    }
    assert changed == {name for name in before if name.startswith(group)} | derived.get(group, set())


def test_tokens_of_the_key_before_are_good_after_a_rotation(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "secrets")
    seen = []
    for _ in range(3):
        directory.make("signing-key")
        keys = json.loads(directory.read("jwks.json"))["keys"]
        assert all("d" not in key for key in keys)
        seen.append([key["kid"] for key in keys])
    assert [len(kids) for kids in seen] == [1, 2, 2] and seen[2][1] == seen[1][0]


def test_a_certificate_is_for_the_names_it_was_made_for() -> None:
    by = authority(NOW)
    made = server(by, ["magpie.example", "127.0.0.1"], NOW)
    leaf, signer = x509.load_pem_x509_certificates(made.certificate.encode())
    leaf.verify_directly_issued_by(signer)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["magpie.example"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert leaf.not_valid_after_utc - NOW < dt.timedelta(days=398), "what browsers take"


CERTIFICATES = {"gateway": "gateway.crt", "kafka-listener": "kafka-listener.pem"}


@pytest.mark.parametrize(("group", "file"), CERTIFICATES.items())
def test_a_certificate_that_is_rotated_keeps_the_names_of_the_one_before(group: str, file: str, tmp_path: Path) -> None:
    directory = Directory(tmp_path / "secrets", ["magpie.example", "10.0.0.7"])
    directory.make()
    before = names(directory.read(file))
    assert {"magpie.example", "10.0.0.7", "localhost", "127.0.0.1", "::1"} <= set(before)
    assert file in Directory(directory.path).make(group)
    assert names(directory.read(file)) == before
    assert file in Directory(directory.path, ["other.example"]).make(group)
    assert set(names(directory.read(file))) == {"other.example", *before}


def test_certificates_without_a_wanted_name_are_made_again_with_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    Directory(path, ["first.example"]).make()
    later = Directory(path, ["second.example", "0:0::7"])
    assert set(later.make()) == {"gateway.crt", "gateway.key", "kafka-listener.pem"}
    for file in CERTIFICATES.values():
        assert {"first.example", "second.example", "::7", "localhost"} <= set(names(later.read(file))), file
    assert later.make() == Directory(path, ["SECOND.example"]).make() == Directory(path).make() == []


def test_a_certificate_of_another_authority_is_made_again_only_when_it_is_rotated(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "secrets", ["first.example"])
    directory.make()
    own = server(authority(NOW), ["shop.example"], NOW)
    for name, pem in (("gateway.crt", own.certificate), ("gateway.key", own.key)):
        (directory.path / name).chmod(0o600)
        (directory.path / name).write_text(pem)
    directory.make()
    assert Pair((directory.path / "gateway.crt").read_text(), (directory.path / "gateway.key").read_text()) == own
    directory.make("gateway")
    assert {"shop.example", "first.example"} <= set(names(directory.read("gateway.crt")))


@pytest.mark.parametrize("pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_has_no_names(pem: str) -> None:
    assert names(pem) == []


def test_only_its_producer_writes_a_topic() -> None:
    found = grants(registry())
    for topic in registry():
        on_it = [grant for grant in found if grant.kind == "topic" and grant.name == topic.full_name("magpie")]
        assert [grant.principal for grant in on_it if "Write" in grant.operations] == [topic.producer]
        inside = {grant.principal for grant in on_it if "Read" in grant.operations} & set(SERVICES)
        assert inside == {topic.owner, *topic.consumers}


@pytest.mark.parametrize(
    ("classification", "readers"),
    [
        ("public", {"reader", "partner", "operator"}),
        ("by grant", {"partner", "operator"}),
        ("owner, operators", {"operator"}),
    ],
)
def test_the_class_of_a_topic_says_who_outside_reads_it(classification: str, readers: set[str]) -> None:
    topic = registry()[0].model_copy(update={"classification": classification, "name": "things", "consumers": []})
    found = grants([Topic.model_validate(topic.model_dump())])
    reading = {g.principal for g in found if g.name == "magpie.things.v1" and "Read" in g.operations}
    assert reading & READERS.keys() == readers


@pytest.mark.parametrize("principal", [*SERVICES, "operator"])
def test_every_service_may_ask_how_far_every_group_is(principal: str) -> None:
    described = {
        (g.kind, g.name) for g in grants(registry()) if g.principal == principal and g.operations == ("Describe",)
    }
    for topic in registry():
        for consumer in topic.consumers:
            assert described >= {("group", f"magpie.{consumer}"), ("topic", topic.full_name("magpie"))}


Granted = set[tuple[str, str, str, str]]
"""Principal, operation, kind of resource and name, with a `*` for all that begin so."""


def applied() -> Granted:
    """What the secure compose file makes kafka-acls.sh add."""
    found: Granted = set()
    for line in (ROOT / "deploy" / "kafka" / "grants").read_text().splitlines():
        words = line.removeprefix("--").split(" --") if not line.startswith("#") else []
        said = [word.partition(" ") for word in words]
        principal = next((value for name, _, value in said if name == "allow-principal"), "")
        star = "*" * any((name, value) == ("resource-pattern-type", "prefixed") for name, _, value in said)
        operations = [value for name, _, value in said if name == "operation"]
        named = [(name, value) for name, _, value in said if name in ("topic", "group", "transactional-id")]
        found |= {(principal.removeprefix("User:"), o, kind, name + star) for o in operations for kind, name in named}
    return found


def shown(text: str) -> Granted:
    """What the tables of the page say."""
    found: Granted = set()
    kinds = {title: kind for kind, title in KINDS.items()}
    for section in text.split("\n## ")[1:]:
        title, _, table = section.partition("\n")
        head, _, *rows = [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in table.strip().splitlines()]
        for row in rows:
            for principal, cell in zip(head[1:], row[1:], strict=True):
                found |= {(principal, operation, kinds[title], row[0]) for operation in cell.split(", ") if operation}
    return found


def test_the_table_for_people_is_the_registry_and_what_the_secure_compose_file_applies() -> None:
    text = (ROOT / "docs" / "access.md").read_text()
    of_registry = {(g.principal, o, g.kind, resource(g)) for g in grants(registry()) for o in g.operations}
    assert shown(text) == applied() == of_registry and len(of_registry) > 50
    assert shown(text.replace(" Read |", " Write |", 1)) != of_registry
    mounted = (ROOT / "deploy" / "kafka" / "access.sh").read_text()
    assert "/opt/magpie/grants" in mounted and "./kafka:/opt/magpie" in (ROOT / "deploy/compose.yaml").read_text()


def test_what_is_granted_is_said_in_few_calls() -> None:
    found = [Grant("a", ("Read",), False, "topic", "t1"), Grant("a", ("Read",), False, "topic", "t2")]
    lines = text(found).splitlines()
    assert lines[1:] == [
        "--allow-principal User:a --operation Read --topic t1 --topic t2 --resource-pattern-type literal"
    ]


def test_the_committed_grants_are_those_of_the_registry() -> None:
    subprocess.run([sys.executable, "-m", "deploy.installation", "access", "--check"], check=True)
