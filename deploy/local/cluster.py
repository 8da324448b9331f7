"""Servers of which any one may be lost, on this machine: Kafka with three brokers, and a replica set of three."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .kafka import Kafka, cluster_id
from .kafka_settings import Node
from .mongo import Mongo
from .ports import free_port
from .replica_set import ReplicaSet
from .system import Servers

BROKERS = 3


def brokers(directory: Path) -> list[Kafka]:
    """Three brokers that make one Kafka. Nothing is started yet."""
    nodes = [Node(n, free_port(), free_port()) for n in range(1, BROKERS + 1)]
    cluster = cluster_id()
    return [Kafka(directory, node=node, nodes=nodes, cluster=cluster) for node in nodes]


def start_together(kafkas: Sequence[Kafka]) -> None:
    """Starts brokers that are not ready without each other. Raises DidNotStart, FileNotFoundError."""
    for kafka in kafkas:
        kafka.launch()
    for kafka in kafkas:
        kafka.wait()


class Cluster(Servers):
    """Three of each. Topics have three copies, of which two are written before a record is acknowledged. Its ports are
    its own, so a directory is for one cluster."""

    replication = BROKERS

    def __init__(self, directory: Path) -> None:
        """Nothing is started yet."""
        self.directory, self._kafkas, self.members = directory, brokers(directory), ReplicaSet(directory)
        self.kafka, self.mongo = self._kafkas[0], self.members.members[0]

    @property
    def kafkas(self) -> Sequence[Kafka]:
        """All brokers."""
        return self._kafkas

    @property
    def mongos(self) -> Sequence[Mongo]:
        """All members of the replica set."""
        return self.members.members

    @property
    def bootstrap(self) -> str:
        """`host:port` of all brokers for clients."""
        return ",".join(kafka.bootstrap for kafka in self._kafkas)

    @property
    def uri(self) -> str:
        """Connection string of MongoDB, with all members."""
        return self.members.uri

    def _start(self) -> None:
        self.members.start()
        start_together(self._kafkas)
