"""Data of another machine, and a disk without room: the start says what is wrong and what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local import mongo, space
from deploy.local.kafka import Kafka, cluster_id
from deploy.local.mongo import Mongo
from deploy.local.ports import HOST, free_port, is_listening
from deploy.local.processes import Child, DidNotStart
from deploy.local.system import Servers


def renamed(directory: Path, host: str) -> None:
    """The replica set of these data names another host, as on a volume that comes from elsewhere."""
    port = free_port()
    command = [mongo.fetch(), "--bind_ip", HOST, "--port", str(port), "--dbpath", str(directory / "mongo")]
    child = Child("mongod", command, log=directory / "logs" / "alone.log")
    try:
        child.wait_until(lambda: is_listening(port), seconds=60)
        with MongoClient[Any](HOST, port, directConnection=True) as client:
            client.local["system.replset"].update_one({}, {"$set": {"members.0.host": host}})
    finally:
        child.stop()


@pytest.mark.parametrize("guarded", [True, False])
def test_a_replica_set_of_another_host_is_said_and_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    first = Mongo(tmp_path)
    first.start()
    assert first.child
    first.child.stop()
    renamed(tmp_path, "mongo.elsewhere:27017")
    if not guarded:
        monkeypatch.setattr(mongo, "OWN_HOSTS", ("mongo.elsewhere",))
    second = Mongo(tmp_path)
    try:
        if not guarded:
            second.start()
            return
        with pytest.raises(DidNotStart, match=r"belong to the replica set of mongo\.elsewhere:27017") as error:
            second.start()
        assert "--dir" in str(error.value) and "delete" in str(error.value)
        assert second.child and not second.child.is_running, "nothing stays behind"
    finally:
        assert second.child
        second.child.stop()


def test_kafkas_data_of_another_cluster_are_said_before_it_starts(tmp_path: Path) -> None:
    first = Kafka(tmp_path)
    first.start()
    assert first.child
    first.child.stop()
    meta = tmp_path / "kafka" / "data" / "meta.properties"
    own, other = (tmp_path / "kafka-cluster-id").read_text().strip(), cluster_id()
    assert own in meta.read_text()
    meta.write_text(meta.read_text().replace(own, other))
    second = Kafka(tmp_path)
    with pytest.raises(DidNotStart, match=f"of Kafka cluster {other}, and this directory is that of cluster {own}"):
        second.start()
    assert second.child is None


def test_a_disk_without_room_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "MIN_FREE_BYTES", shutil.disk_usage(tmp_path).total * 2)
    servers = Servers(tmp_path)
    with pytest.raises(DidNotStart, match=r"MB left.*--dir"):
        servers.start()
    assert servers.mongo.child is None and servers.kafka.child is None


@pytest.mark.parametrize("log", ["java.io.IOException: No space left on device", '"error":"OutOfDiskSpace: 14031"'])
def test_a_server_that_finds_the_disk_full_is_explained(tmp_path: Path, log: str) -> None:
    assert "is full" in str(space.with_advice(DidNotStart(f"Kafka ended with code 1.\n{log}"), tmp_path))
    other = DidNotStart("Kafka ended with code 1.\nOutOfMemoryError")
    assert space.with_advice(other, tmp_path) is other


def test_up_says_it_and_ends(tmp_path: Path) -> None:
    """As a person sees it, on a disk that is really full, where this machine lets a test make one."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine mounts nothing")
    try:
        command = [sys.executable, "-m", "deploy.local", "up", "--only-servers", "--dir", str(small)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "MB left" in done.stderr and "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", str(small)], check=True)
