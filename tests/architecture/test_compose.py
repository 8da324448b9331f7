"""The compose files say what the code says, and are restricted as they should be; `make e2e-compose` runs them."""

from __future__ import annotations

import importlib
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.installation.secrets import Directory
from deploy.local.services import OPERATIONS_STEP, PORTS
from schemas.registry import registry

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = ("compose.yaml", "compose.secure.yaml", "compose.demo.yaml")
COMPOSE, SECURE, DEMO = (yaml.safe_load((DEPLOY / name).read_text()) for name in FILES)
WATCHED = "MAGPIE_WATCH_CERTIFICATES"
"""Of one service, which is enough."""
ONE_SHOTS = {"topics", "mongo-init"}
FIXED = {"replica", "kafka_protocol", "topic_prefix", "database_prefix", "demo_clock", "operations_port"}
"""What the files decide, or what no two replicas may share."""
FOR_TESTS = {"linked_calendar_open", "webhook_open", "webhook_ca_file"}
BEGINS_EMPTY = {"MAGPIE_TRANSLATION_OPENAI_KEY_FILE", "MAGPIE_NOTIFICATIONS_SMTP_PASSWORD_FILE"}


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = COMPOSE["services"]
    return found


def test_every_service_runs_on_its_port_behind_the_gateway() -> None:
    caddyfile = (DEPLOY / "gateway" / "Caddyfile").read_text()
    for name, port in PORTS.items():
        service = services()[name]
        assert service["command"] == ["python", "-m", f"services.{name}"] and find_spec(f"services.{name}.__main__")
        assert service["environment"]["MAGPIE_HTTP_PORT"] == port and "healthcheck" in service
        assert f"import service {name} {port}\n" in caddyfile
        assert "ports" not in service
        assert service["depends_on"]["topics"]["condition"] == "service_completed_successfully"


def test_the_gateway_knows_which_service_serves_the_schema_of_each_event() -> None:
    caddyfile = (DEPLOY / "gateway" / "Caddyfile").read_text()
    for topic in registry():
        for event in topic.events:
            aggregate = event.split(".")[1]
            assert f"import schemas {aggregate} {topic.producer} {PORTS[topic.producer]}\n" in caddyfile


def test_the_certificates_that_are_shown_outside_are_watched() -> None:
    for given, ports in ((COMPOSE, {"gateway:8443"}), (SECURE, {"gateway:8443", "kafka:9095"})):
        watched = given["services"]["profiles"]["environment"]["MAGPIE_WATCH_CERTIFICATES"]
        assert set(watched.removeprefix("${MAGPIE_WATCH_CERTIFICATES:-").removesuffix("}").split(",")) == ports
    assert SECURE["services"]["kafka"]["ports"][0].endswith(":9095"), "and that is the port that is published"


def test_prometheus_finds_every_service() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    found = {entry["names"][0]: entry["port"] for entry in config["scrape_configs"][0]["dns_sd_configs"]}
    assert found == {name: port + OPERATIONS_STEP for name, port in PORTS.items()}, "the operators' ports"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_container_is_restricted(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and not service.get("privileged")
    assert service["security_opt"] == ["no-new-privileges"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert "container_name" not in service and not service["image"].endswith(":latest")
    assert name in ONE_SHOTS or service["deploy"]["resources"]["limits"].keys() == {"memory", "pids"}
    assert name not in ONE_SHOTS or service["restart"] == "no"


def test_the_image_is_built_once_and_never_pulled_by_chance() -> None:
    ours = {name: service for name, service in services().items() if "magpie" in service["image"]}
    assert {*PORTS, "topics"} == ours.keys()
    assert {name for name, service in services().items() if "build" in service} == {"topics"}
    assert len({service["image"] for service in ours.values()}) == 1
    assert {service["pull_policy"] for service in ours.values()} == {"${MAGPIE_PULL_POLICY:-never}"}


def test_every_published_port_is_on_loopback_unless_said_otherwise() -> None:
    ports = [p for file in (COMPOSE, SECURE, DEMO) for s in file["services"].values() for p in s.get("ports", ())]
    assert len(ports) == 6
    for port in ports:
        assert re.match(r"(\$\{MAGPIE_BIND[A-Z_]*:-127\.0\.0\.1\}|127\.0\.0\.1):", port), port


def test_services_have_no_way_out_but_to_mail_and_translation() -> None:
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    ways = {name: set(services()[name]["networks"]) for name in (*PORTS, "kafka", "mongo")}
    inner = {"inner"}
    assert ways == dict.fromkeys(ways, inner) | dict.fromkeys(("notifications", "translation"), inner | {"outward"})


def test_what_a_service_is_given_is_a_setting_of_its_own_and_a_secret_that_is_made(tmp_path: Path) -> None:
    Directory(tmp_path / "s").make()
    made = {path.name for path in (tmp_path / "s").iterdir()}
    declared = {name: Path(entry["file"]).name for name, entry in (COMPOSE["secrets"] | SECURE["secrets"]).items()}
    assert set(declared.values()) <= made
    assert not {"signing-key.json", "ca.key"} & set(declared.values()), "the keys that sign stay outside"
    for name in PORTS:
        given = services()[name]["environment"] | SECURE["services"][name]["environment"]
        mounted = {*services()[name]["secrets"], *SECURE["services"][name]["secrets"]}
        module = importlib.import_module(f"services.{name}.settings")
        own = getattr(module, f"{name.capitalize()}Settings").model_fields
        shared = importlib.import_module("services.chassis.ops.settings").ChassisSettings.model_fields
        for variable, value in given.items():
            if variable.startswith("OTEL_EXPORTER_OTLP_"):
                continue  # OpenTelemetry's own
            setting = variable.removesuffix("_FILE").removeprefix("MAGPIE_").lower()
            assert setting in shared or setting.removeprefix(f"{name}_") in own, variable
            if variable.endswith("_FILE"):
                assert Path(str(value)).name in mounted, variable
                empty = (tmp_path / "s" / declared[Path(str(value)).name]).read_text() == ""
                assert empty == (variable in BEGINS_EMPTY), variable


def lacking(name: str, given: set[str], pages: str) -> set[str]:
    """The settings of a service that it is not given: all of its own, and those of all services that pages name."""
    own = getattr(importlib.import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings").model_fields
    shared = importlib.import_module("services.chassis.ops.settings").ChassisSettings.model_fields
    named = set(re.findall(r"`(?:MAGPIE_)?([A-Z_]+)[`=]", pages))
    wanted = {f"MAGPIE_{name}_{field}".upper() for field in own.keys() - FOR_TESTS}
    wanted |= {f"MAGPIE_{field}".upper() for field in shared.keys() - FIXED if field.upper() in named}
    wanted |= {variable for variable in named if variable.startswith("OTEL_")}
    return wanted - {variable.removesuffix("_FILE") for variable in given}


@pytest.mark.parametrize("name", PORTS)
def test_every_setting_that_the_pages_name_for_operators_reaches_its_container(name: str) -> None:
    pages = "".join((ROOT / page).read_text() for page in ("README.md", "docs/operations.md", "docs/runbook.md"))
    given = set(services()[name]["environment"]) | (set(services()["profiles"]["environment"]) & {WATCHED})
    assert lacking(name, given, pages) == set()
    left_out = {"MAGPIE_RATE_PER_SECOND", "MAGPIE_REQUESTS_PER_DAY", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"}
    assert lacking(name, given - left_out, pages) == left_out, "the pages name them"


def test_every_command_of_the_operations_page_is_typed_by_a_test() -> None:
    """Here, as those tests need a Docker engine: what is missing there would be seen only where one answers."""
    page = (ROOT / "docs" / "operations.md").read_text()
    named = re.findall(r"<!-- ([a-z]+) -->\n```sh\n", page)
    typed = re.findall(r'type_in\(tree, stack, "([a-z]+)"', (ROOT / "tests/compose/test_operations.py").read_text())
    assert len(re.findall(r"^```sh$", page, re.MULTILINE)) == len(named) and set(named) == set(typed)
