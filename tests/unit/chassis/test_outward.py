"""Where URLs of others may lead. Each guard is needed: without it, what it refuses would pass."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.installation.certificates import authority, server
from services.chassis.model import targets
from services.chassis.model.targets import Target, is_public, parse_target, pinned
from services.chassis.ops import NotSent, OutwardClient, OutwardOptions, outward
from tests.support.receiver import receiver

GOOD = {
    "https://hooks.hanbit.example/magpie?key=1": Target("https", "hooks.hanbit.example", 443, "/magpie?key=1"),
    "HTTPS://Hooks.Hanbit.Example": Target("https", "hooks.hanbit.example", 443, "/"),
    "https://hooks.hanbit.example:8443/a": Target("https", "hooks.hanbit.example", 8443, "/a"),
    "https://한빛.example/": Target("https", "xn--xx3br43b.example", 443, "/"),
    "https://hooks.hanbit.example?a=b": Target("https", "hooks.hanbit.example", 443, "/?a=b"),
}
LOOPBACK = [
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0177.0.0.1", "0x7f000001", "0x7f.0.0.1"),
    *(
        "0x7f.1",
        "127.0.0.0x1",
        "0",
        "0.0.0.0",
        "127.0.0.1.",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
    ),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[fe80::1%25eth0]", "::1"),
    *("localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "a.localhost", "localhost.localdomain", "127.0.0.1.nip.io"),
]
METADATA = [
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[fd00:ec2::254]"),
    *("metadata.google.internal", "METADATA.google.internal.", "instance-data", "metadata", "100.100.100.200"),
]
INSIDE = [
    "mongo",
    "kafka",
    "db.corp",
    "nas.local",
    "router.lan",
    "printer.home.arpa",
    "10.0.0.1",
    "192.168.1.1",
    "1.1.1.1",
]
TRICKS = [
    *("user@hanbit.example", "user:pw@hanbit.example", "hanbit.example\\@127.0.0.1", "127.0.0.1#@hanbit.example"),
    *(
        "hanbit.example\r\nX: y",
        "hanbit .example",
        "-a.example",
        "a..example",
        "a_b.example",
        "",
        ".",
        "a" * 64 + ".example",
    ),
]


@pytest.mark.parametrize("url", GOOD)
def test_a_public_url_is_taken_apart(url: str) -> None:
    assert parse_target(url) == GOOD[url]


@pytest.mark.parametrize("host", [*LOOPBACK, *METADATA, *INSIDE, *TRICKS])
def test_a_host_inside_is_refused_in_every_spelling(host: str) -> None:
    for url in (f"https://{host}/", f"https://{host}:8443/a?b"):
        with pytest.raises(ValueError, match=r"URL|host") as refusal:
            parse_target(url)
        assert not host or len(host) < 4 or host not in str(refusal.value), "the URL is not repeated"


@pytest.mark.parametrize("url", ["http://hanbit.example/", "ftp://hanbit.example/", "https://hanbit.example:22/"])
def test_other_schemes_and_ports_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"https|port|URL"):
        parse_target(url)
    with pytest.raises(ValueError, match="port"):
        parse_target("https://hanbit.example:99999/")


GUARDS: dict[str, tuple[str, Any, list[str]]] = {
    "the names of the inside": ("_LOCAL", (), ["db.corp", "metadata.google.internal", "a.localhost"]),
    "names with an address in them": ("_ADDRESS_IN_NAME", (), ["127.0.0.1.nip.io"]),
    "what a name may look like": ("ascii_domain", str.lower, ["mongo", "localhost.x.", "a_b.example"]),
}


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("guard", GUARDS)
def test_each_guard_of_names_is_needed(guard: str, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    name, none, hosts = GUARDS[guard]
    if not guarded:
        monkeypatch.setattr(targets, name, none)
    for host in hosts:
        try:
            parse_target(f"https://{host}/")
            passed = True
        except ValueError:
            passed = False
        assert passed is not guarded, host


NOT_PUBLIC = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254"),
    *("100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8"),
    *("2002:7f00:1::", "2002:808:808::1", "2001::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
    *("2001:db8::1", "64:ff9b:1::1", "2606:4700::1111%eth0", "hanbit.example", ""),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_inside_is_never_connected_to(address: str) -> None:
    assert not is_public(address)
    assert pinned(["8.8.8.8", address]) is None, "one address inside is enough"


def test_public_addresses_pass_and_the_first_is_taken() -> None:
    assert pinned(["8.8.8.8", "2606:4700::1111"]) == "8.8.8.8" and pinned([]) is None


@pytest.mark.parametrize("guarded", [True, False])
def test_the_list_of_networks_is_needed_beside_the_standard_library(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python calls these global, and they end inside: tunnels, and a cloud's own services."""
    if not guarded:
        monkeypatch.setattr(targets, "_NOT_PUBLIC", ())
    found = [a for a in ("168.63.129.16", "64:ff9b::7f00:1", "2002:7f00:1::") if is_public(a)]
    assert ipaddress.ip_address("168.63.129.16").is_global and bool(found) is not guarded


def asking(**more: Any) -> OutwardOptions:
    return OutwardOptions(span="test", **more)


def resolving(*answers: Sequence[str]) -> Any:
    """A name server that answers in turn, the last one for good."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_name_that_leads_inside_by_now_is_not_connected_to(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(targets, "is_public", lambda address: True)
    async with receiver() as inside:
        port = int(inside.url.rpartition(":")[2].partition("/")[0])
        target = Target("http", "hooks.hanbit.example", port, "/hook")
        sender = OutwardClient(asking(timeout_seconds=2), resolving(["127.0.0.1"]))
        try:
            await sender.post(target, {}, b"{}")
            reason = ""
        except NotSent as failure:
            reason = failure.reason
        assert (reason, len(inside.received)) == (("not_public", 0) if guarded else ("", 1))


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_name_is_resolved_once_and_the_connection_goes_there(
    guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that says something public first and the inside to the next question gets no next question."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    if not guarded:  # the request goes to the name, which the client then resolves by itself

        async def the_name(self: OutwardClient, target: Target) -> str:
            await resolve(target.host, target.port)
            return target.host

        monkeypatch.setattr(OutwardClient, "_address", the_name)
    async with receiver() as there:
        port = int(there.url.rpartition(":")[2].partition("/")[0])
        sender = OutwardClient(asking(timeout_seconds=2, is_open=True), resolve)
        try:
            await sender.post(Target("http", "no-such-host.invalid", port, "/hook"), {}, b"{}")
        except NotSent:
            assert not guarded
        assert asked == ["no-such-host.invalid"] and len(there.received) == (1 if guarded else 0)
        if guarded:
            assert there.received[0].headers["host"] == f"no-such-host.invalid:{port}"


async def test_a_name_server_that_does_not_answer_meets_the_deadline() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(NotSent, match=outward.TIMEOUT):
        await OutwardClient(asking(timeout_seconds=0.05), never).post(Target("https", "a.example", 443, "/"), {}, b"")
    with pytest.raises(NotSent, match=outward.NO_ADDRESS):
        await OutwardClient(asking(), resolving([])).post(Target("https", "a.example", 443, "/"), {}, b"")


async def test_the_certificate_must_be_the_names_although_the_connection_goes_to_an_address(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    by = authority(now)
    made = server(by, ["magpie.example"], now)
    files = {name: tmp_path / name for name in ("certificate", "key", "ca")}
    for name, text in zip(files, (made.certificate, made.key, by.certificate), strict=True):
        files[name].write_text(text)
    chain = {"ssl_certfile": str(files["certificate"]), "ssl_keyfile": str(files["key"])}
    async with receiver(**chain) as there:
        port = int(there.url.rpartition(":")[2].partition("/")[0])
        options = asking(timeout_seconds=5, is_open=True, ca_file=files["ca"])
        sender = OutwardClient(options, resolving(["127.0.0.1"]))
        assert (await sender.post(Target("https", "magpie.example", port, "/hook"), {}, b"{}")).status == 204
        with pytest.raises(NotSent, match=outward.NO_TLS):
            await sender.post(Target("https", "other.example", port, "/hook"), {}, b"{}")
        with pytest.raises(NotSent, match=outward.NO_TLS):  # signed by an authority that no one else trusts
            await OutwardClient(asking(is_open=True), resolving(["127.0.0.1"])).post(
                Target("https", "magpie.example", port, "/hook"), {}, b"{}"
            )
        assert len(there.received) == 1
