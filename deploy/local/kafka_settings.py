"""The settings of a Kafka node, which is broker and controller at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .ports import HOST


@dataclass(frozen=True)
class Node:
    """One of the nodes of a Kafka, and the ports at which it listens for clients and for other controllers."""

    id: int
    port: int
    controller_port: int


AS_SERVERS_OF_ONE_MACHINE = (
    "auto.create.topics.enable=false",
    "offsets.topic.num.partitions=8",
    "transaction.state.log.num.partitions=8",
    # After a kill, the broker can register again only when its old session has expired: by default 9 s.
    "broker.session.timeout.ms=3000",
    "broker.heartbeat.interval.ms=500",
    "group.initial.rebalance.delay.ms=0",  # a group of one replica need not wait for others
    "group.min.session.timeout.ms=1000",
    "log.cleaner.backoff.ms=1000",
)


def settings_of(node: Node, nodes: Sequence[Node], *, advertised_port: int, data: Path) -> str:
    """The text of `server.properties`."""
    return "\n".join(
        (
            "process.roles=broker,controller",
            f"node.id={node.id}",
            f"listeners=PLAINTEXT://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
            f"advertised.listeners=PLAINTEXT://{HOST}:{advertised_port}",
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            _controllers(nodes),
            f"log.dirs={data}",
            *_copies(len(nodes)),
            *AS_SERVERS_OF_ONE_MACHINE,
            "",
        )
    )


def _copies(nodes: int) -> tuple[str, ...]:
    """Of each record; of several, two are written before it is acknowledged."""
    in_sync = min(2, nodes)
    return (
        f"default.replication.factor={nodes}",
        f"min.insync.replicas={in_sync}",
        f"offsets.topic.replication.factor={nodes}",
        f"transaction.state.log.replication.factor={nodes}",
        f"transaction.state.log.min.isr={in_sync}",
        f"share.coordinator.state.topic.replication.factor={nodes}",
        f"share.coordinator.state.topic.min.isr={in_sync}",
    )


def _controllers(nodes: Sequence[Node]) -> str:
    """One that is alone may get company; those of a cluster are known from the start."""
    if len(nodes) == 1:
        return f"controller.quorum.bootstrap.servers={HOST}:{nodes[0].controller_port}"
    return "controller.quorum.voters=" + ",".join(f"{node.id}@{HOST}:{node.controller_port}" for node in nodes)
