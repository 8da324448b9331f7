"""The compose file says what the code says; running it is for a machine with Docker."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.services import OPERATIONS_STEP, PORTS

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_every_service_is_there_on_its_port_with_its_own_check() -> None:
    for name, port in PORTS.items():
        service = COMPOSE["services"][name]
        assert service["command"] == ["python", "-m", f"services.{name}"] and find_spec(f"services.{name}.__main__")
        assert service["ports"] == [f"${{MAGPIE_{name.upper()}_PORTS:-{port}}}:{port}"]
        assert service["environment"]["MAGPIE_SERVICE"] == name and "healthcheck" in service
        assert service["depends_on"]["topics"]["condition"] == "service_completed_successfully"


def test_prometheus_finds_every_service() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    found = {entry["names"][0]: entry["port"] for entry in config["scrape_configs"][0]["dns_sd_configs"]}
    assert found == {name: port + OPERATIONS_STEP for name, port in PORTS.items()}, "the operators' ports"


def test_no_container_has_a_fixed_name_or_a_tag_that_moves() -> None:
    for service in COMPOSE["services"].values():
        assert "container_name" not in service
        assert service["image"] == "magpie" or not service["image"].endswith(":latest")


@pytest.mark.parametrize("name", ["notifications", "translation"])
def test_what_compose_passes_on_is_a_setting(name: str) -> None:
    module = importlib.import_module(f"services.{name}.settings")
    settings = getattr(module, f"{name.capitalize()}Settings")
    prefix = f"MAGPIE_{name.upper()}_"
    passed = [key for key, value in COMPOSE["services"][name]["environment"].items() if value is None]
    assert passed and {key.removeprefix(prefix).lower() for key in passed} <= set(settings.model_fields)
