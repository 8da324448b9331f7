"""A MongoDB replica set of three members on this machine: one may be lost, and another one is elected."""

from __future__ import annotations

from pathlib import Path

from .mongo import REPLICA_SET, Mongo, is_primary
from .ports import HOST
from .processes import START_SECONDS

MEMBERS = 3
ELECTION_MS, HEARTBEAT_MS = 4000, 1000
"""MongoDB waits 10 s by default before it elects; that is for machines of their own."""


class Member(Mongo):
    """One mongod of the set. It takes up by itself what it has missed."""

    def start(self, seconds: float = START_SECONDS) -> None:
        """Starts mongod and waits until it accepts connections. Raises DidNotStart, FileNotFoundError."""
        self.launch(seconds)


class ReplicaSet:
    """Three members with their data in one directory; they survive kill and start of a member."""

    def __init__(self, directory: Path) -> None:
        """Nothing is started yet."""
        self.members = [Member(directory, name=f"mongo-{n}") for n in range(1, MEMBERS + 1)]

    @property
    def uri(self) -> str:
        """Connection string for clients, with all members: any of them tells of the primary."""
        hosts = ",".join(f"{HOST}:{member.port}" for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={REPLICA_SET}"

    def start(self, seconds: float = START_SECONDS) -> None:
        """Starts and initiates the set, and waits until it has a primary. Raises DidNotStart, FileNotFoundError."""
        for member in self.members:
            member.start(seconds)
        first = self.members[0]
        assert first.child
        members = [{"_id": n, "host": f"{HOST}:{member.port}"} for n, member in enumerate(self.members)]
        settings = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": HEARTBEAT_MS}
        with first.client() as client:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members, "settings": settings})
        first.child.wait_until(lambda: self.primary() is not None, seconds=seconds)

    def stop(self) -> None:
        """Stops all members. Their data stay."""
        for member in self.members:
            if member.child:
                member.child.stop()

    def primary(self) -> Member | None:
        """The member that takes writes now; None while there is none."""
        return next((member for member in self.members if _takes_writes(member)), None)


def _takes_writes(member: Member) -> bool:
    if member.child is None or not member.child.is_running:
        return False
    with member.client() as client:
        return is_primary(client)
