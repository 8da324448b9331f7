"""`deploy.local`: a second start in a directory, the end of a process that was killed, and wrong settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from deploy.local.run_file import RunFile
from deploy.local.services import PORTS
from deploy.local.system import Servers
from tests.support.waiting import eventually

WITHIN_SECONDS = 60.0


async def _topics(bootstrap: str, *, create: str = "") -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if create:
            await admin.create_topics([NewTopic(create, 1, 1)])
        topics: list[str] = await admin.list_topics()
        return topics
    finally:
        await admin.close()


async def test_a_second_start_in_the_same_directory_has_the_data_of_the_first_on_other_ports(tmp_path: Path) -> None:
    with Servers(tmp_path) as first:
        with MongoClient[dict[str, int]](first.uri) as client:
            client.books.pages.insert_one({"_id": 1})
        await _topics(first.bootstrap, create="kept")
    with Servers(tmp_path) as second:
        assert (second.mongo.port, second.kafka.port) != (first.mongo.port, first.kafka.port)
        with MongoClient[dict[str, int]](second.uri) as client:
            assert client.books.pages.find_one() == {"_id": 1}
        assert "kept" in await _topics(second.bootstrap)


@pytest.mark.long
async def test_up_that_was_killed_leaves_nothing_and_the_next_one_starts(tmp_path: Path) -> None:
    first = await _up(tmp_path)
    run = json.loads((tmp_path / "run.json").read_text())
    os.kill(first.pid, signal.SIGKILL)  # not waited for: it stays a zombie, as under a shell that does not collect it
    await eventually(lambda: psutil.Process(first.pid).status() == psutil.STATUS_ZOMBIE, "killed")
    await eventually(lambda: all(_is_gone(run[server]["pid"]) for server in ("kafka", "mongo")), "its servers ended")
    assert RunFile(tmp_path).running() is None
    second = await _up(tmp_path)
    second.terminate()
    assert (second.wait(30), first.wait(30)) == (0, -signal.SIGKILL)
    assert not (tmp_path / "run.json").exists()


async def test_a_demonstration_in_the_background_obeys_sigterm(tmp_path: Path) -> None:
    """A shell starts what runs in its background with SIGINT ignored."""
    command = [sys.executable, "-m", "deploy.demo", "--dir", str(tmp_path), "--base-port", "23400"]
    process = subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    await eventually(lambda: (tmp_path / "logs").exists(), "it has begun")
    process.terminate()
    assert process.wait(40) == 130


@pytest.mark.parametrize("service", PORTS)
def test_production_without_its_keys_does_not_start_and_says_what_is_missing(service: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAGPIE_")}
    command = [sys.executable, "-m", f"services.{service}"]
    done = subprocess.run(
        command, env={**env, "MAGPIE_ENVIRONMENT": "production"}, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    (line,) = map(json.loads, done.stdout.splitlines())
    assert "MAGPIE_JWKS" in line["reason"] and "MAGPIE_SECRET_KEY" in line["reason"]
    assert line["service"] == service and not done.stderr


async def _up(directory: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "deploy.local", "up", "--only-servers", "--dir", str(directory)]
    process = subprocess.Popen(command)
    file = RunFile(directory)

    def is_up() -> bool:
        run = file.running()
        return run is not None and bool(run["supervisor"]["pid"] == process.pid)

    await eventually(is_up, "it is up", WITHIN_SECONDS)
    return process


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
