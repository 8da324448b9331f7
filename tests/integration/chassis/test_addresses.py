"""Several addresses of Kafka: a service finds it by any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.ops import KafkaConnection
from tests.chaos.witness import build
from tests.support.services import chassis_settings, running


async def test_a_service_finds_kafka_by_the_second_of_two_addresses(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    """It is ready, so its consumer has joined its group and knows where to read."""
    settings = chassis_settings(servers, run_id, tmp_path)
    several = settings.model_copy(update={"kafka_bootstrap": f"{HOST}:{free_port()}, {servers.bootstrap}"})
    async with running(build(several)) as found:
        assert not found.service.health.unready()


@pytest.mark.parametrize("said", ["a:1,b:2", "a:1, b:2"])
def test_addresses_are_separated_by_commas(said: str) -> None:
    connection = KafkaConnection(said)
    assert connection.addresses == connection.options()["bootstrap_servers"] == ["a:1", "b:2"]
