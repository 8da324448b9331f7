"""What is wrong with a MongoDB that does not serve, and what to do: said at the start, for who reads the log."""

from __future__ import annotations

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from ..model.documents import Doc

OUT_OF_DISK_SPACE = 14031
LOOK_MS = 2000
CLOCK_TOLERANCE_SECONDS = 60.0
"""As much as a token's leeway: beyond it tokens are refused that are good, or taken that have ended."""
FULL = (
    "mongod has no room on its disk and refuses every write. Free some space there, or give it a larger volume; "
    "nothing is lost, and the service goes on by itself."
)


async def why_unusable(uri: str, error: PyMongoError) -> str | None:
    """What keeps the service from its MongoDB, as far as a direct look at each server shows it; None where nothing can
    be seen (it does not answer at all)."""
    if isinstance(error, OperationFailure):
        return FULL if error.code == OUT_OF_DISK_SPACE else None
    try:
        found = parse_uri(uri)
    except (PyMongoError, ConfigurationError):
        return None
    wanted = found["options"].get("replicaSet")
    options = {name: value for name, value in found["options"].items() if name.startswith("tls")}
    for host, port in found["nodelist"]:
        hello = await _hello(host, port or 27017, options)
        if hello is not None and (why := what_is_wrong(hello, f"{host}:{port or 27017}", wanted)):
            return why
    return None


async def _hello(host: str, port: int, options: Doc) -> Doc | None:
    """What the server says of itself, whatever state it is in."""
    client: AsyncIOMotorClient[Doc] = AsyncIOMotorClient(
        host, port, directConnection=True, serverSelectionTimeoutMS=LOOK_MS, connectTimeoutMS=LOOK_MS, **options
    )
    try:
        said: Doc = await client.admin.command("hello")
        return said
    except PyMongoError:
        return None
    finally:
        client.close()


def what_is_wrong(hello: dict[str, Any], address: str, wanted: str | None) -> str | None:
    """What a server's own description says against its use under this address and replica set."""
    name, hosts = hello.get("setName"), hello.get("hosts", [])
    if name is None and not hello.get("isreplicaset"):
        return f"mongod at {address} runs without a replica set; start it with --replSet and initiate the set."
    if name is None:
        return (
            f"mongod at {address} has a replica set that does not name this host, or none yet. Data that were made "
            "under another host name or port: start mongod under that name again, or write the present one into the "
            "set (rs.reconfig with force: true). New data: rs.initiate()."
        )
    if wanted is not None and name != wanted:
        return f"mongod at {address} is of the replica set {name}, and MAGPIE_MONGO_URI names {wanted}; correct one."
    if address not in hosts and not hello.get("isWritablePrimary"):
        return (
            f"The replica set of mongod at {address} names {', '.join(hosts)}, and none of them can be reached as its "
            "primary from here. Make these names resolve, or write reachable ones into the set (rs.reconfig)."
        )
    return None


def clock_off(seconds: float) -> str | None:
    """What to do about a clock that is `seconds` ahead of mongod's; None where the difference does not matter."""
    if abs(seconds) <= CLOCK_TOLERANCE_SECONDS:
        return None
    where = "ahead of" if seconds > 0 else "behind"
    return (
        f"The clock of this machine is {abs(seconds):.0f} s {where} mongod's. Deadlines go by mongod's clock, and "
        "tokens by this machine's, so good ones may be refused and ended ones taken. Set both by the same time server."
    )
