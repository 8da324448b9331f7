"""Imports go down only. Each contract of import-linter goes red on an import that breaks it, and services use of the
chassis only what its rooms export."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "services", "deploy", "bench", "tests")
SERVICES = ("profiles", "matching", "notifications", "translation")
ROOMS = ("model", "mongo", "commit", "kafka_in", "http", "ops", "service", "main")
"""What services may import from: a room's `__init__`, `service.py`, or `main.py`."""

ROOMS_GO_DOWN = "Rooms of the chassis: imports go down only"
MODEL_IS_PURE = "The pure room of the chassis reaches no driver, loop or HTTP"
DOMAINS_ARE_PURE = "Domains are pure: no driver, loop, HTTP or metrics"
USECASES_KNOW_NO_HTTP = "Use cases know no HTTP"
C = "services.chassis"
INSIDE = {"webhooks": "notifications.webhooks"}
"""Rooms of services with layers of their own."""
PLANTS = (
    ("Services never import each other", "services.profiles.store", "services.matching.store"),
    ("The contract imports nothing of ours and no driver", "schemas.common", "pymongo"),
    ("The chassis knows no service", f"{C}.ops.logs", "services.profiles.settings"),
    ("Product code knows neither deployment nor tests", "services.matching.settings", "deploy.local.ports"),
    (ROOMS_GO_DOWN, f"{C}.model.ids", f"{C}.ops.logs"),
    (ROOMS_GO_DOWN, f"{C}.ops.health", f"{C}.mongo.clock"),
    (ROOMS_GO_DOWN, f"{C}.mongo.lease", f"{C}.commit.commands"),
    (ROOMS_GO_DOWN, f"{C}.commit.commands", f"{C}.http.problems"),
    (ROOMS_GO_DOWN, f"{C}.http.problems", f"{C}.kafka_in.decoding"),
    (ROOMS_GO_DOWN, f"{C}.kafka_in.decoding", f"{C}.kafka_out.relay"),
    (ROOMS_GO_DOWN, f"{C}.kafka_out.relay", f"{C}.service"),
    (MODEL_IS_PURE, f"{C}.model.refusals", "pymongo"),
    (MODEL_IS_PURE, f"{C}.model.caller", "asyncio"),
    (DOMAINS_ARE_PURE, "services.matching.domain.match", f"{C}.mongo.database"),
    (DOMAINS_ARE_PURE, "services.translation.domain.texts", "asyncio"),
    (USECASES_KNOW_NO_HTTP, "services.profiles.usecases.search", f"{C}.http.page_tokens"),
    (USECASES_KNOW_NO_HTTP, "services.notifications.usecases.forget", "fastapi"),
    *(
        (f"Layers of {name}: imports go down only", f"services.{place}.{lower}", f"services.{place}.{upper}")
        for name, pairs in {
            "profiles": [
                ("domain.members", "settings"),
                ("metrics", "store"),
                ("job_kinds", "usecases.access"),
                ("usecases.access", "dependencies"),
                ("dependencies", "api.members"),
                ("jobs", "api.members"),
                ("api.members", "app"),
            ],
            "matching": [
                ("domain.taxonomy", "settings"),
                ("settings", "embedders"),
                ("embedders", "encoder"),
                ("store", "usecases.access"),
                ("usecases.free_slots", "dependencies"),
                ("dependencies", "consumers"),
                ("consumers", "jobs"),
                ("api.profiles", "app"),
            ],
            "notifications": [
                ("domain.sentences", "metrics"),
                ("settings", "store"),
                ("mailing.smtp", "usecases.forget"),
                ("usecases.forget", "dependencies"),
                ("dependencies", "webhooks.jobs"),
                ("webhooks.jobs", "jobs"),
                ("consumers", "app"),
            ],
            "webhooks": [
                ("domain.signing", "job_kinds"),
                ("store", "usecases.deliver"),
                ("usecases.deliver", "jobs"),
                ("usecases.replay", "api.webhooks"),
            ],
            "translation": [
                ("domain.numbers", "settings"),
                ("settings", "engines.port"),
                ("engines.port", "usecases.documents"),
                ("usecases.documents", "dependencies"),
                ("dependencies", "consumers"),
                ("jobs", "app"),
            ],
            "operate": [
                ("installation", "store"),
                ("store", "bus"),
                ("bus", "letters"),
                ("letters", "status"),
                ("status", "views"),
                ("views", "commands"),
            ],
        }.items()
        for place in [INSIDE.get(name, name)]
        for lower, upper in pairs
    ),
)
"""(contract, a module, what it must not import)"""


def test_each_contract_goes_red_on_a_planted_import(tmp_path: Path) -> None:
    """One copy of the tree with every plant in it; each plant is named below the contract that it breaks."""
    copy_sources(tmp_path)
    for _, module, imported in PLANTS:
        plant(tmp_path, module, imported)
    report = lint(tmp_path)
    broken = broken_contracts(report)
    unseen = [plant for plant in PLANTS if f"{plant[1]} -> {plant[2]} (l" not in broken.get(plant[0], "")]
    assert unseen == []


def test_no_contract_is_without_a_plant() -> None:
    contracts = re.findall(
        r'\[\[tool\.importlinter\.contracts\]\]\nname = "(.+)"', (ROOT / "pyproject.toml").read_text()
    )
    assert sorted(contracts) == sorted({contract for contract, _, _ in PLANTS})


def broken_contracts(report: str) -> dict[str, str]:
    """What the report says of each contract that does not hold."""
    details = report.partition("Broken contracts")[2]
    parts = re.split(r"^(.+)\n-{5,}\n", details, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def copy_sources(target: Path) -> None:
    """Sources only: the report needs no data files."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            copied = target / path.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copied)
    shutil.copy(ROOT / "pyproject.toml", target)


def plant(root: Path, module: str, imported: str) -> None:
    path = root / f"{module.replace('.', '/')}.py"
    path.write_text(f"{path.read_text()}\nimport {imported}\n")


def lint(root: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--verbose"]
    environment = {"COLUMNS": "400", "PYTHONPATH": str(root), "PATH": ""}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


# -- what services may use of the chassis


def chassis_imports(source: str) -> Iterator[tuple[str, str]]:
    """(module below the chassis, name)"""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("services.chassis"):
            for alias in node.names:
                yield (node.module or "")[len("services.chassis.") :], alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("services.chassis"):
                    yield alias.name[len("services.chassis.") :], ""


def forbidden(source: str, rooms: tuple[str, ...] = ROOMS) -> list[str]:
    """Imports of the chassis that no service may have: deeper than a room, or of a name that the room keeps private."""
    found = []
    for room, name in chassis_imports(source):
        exported = (
            getattr(importlib.import_module(f"services.chassis.{room}"), "__all__", None) if room in rooms else ()
        )
        if exported is not None and name not in exported:
            found.append(f"{room}.{name}")
    return found


@pytest.mark.parametrize(("service", "more"), [*((service, ()) for service in SERVICES), ("operate", ("topics",))])
def test_a_service_uses_what_the_rooms_export(service: str, more: tuple[str, ...]) -> None:
    files = (ROOT / "services" / service).rglob("*.py")
    found = {str(p.relative_to(ROOT)): forbidden(p.read_text(), (*ROOMS, *more)) for p in files}
    assert {path: names for path, names in found.items() if names} == {}


def test_private_parts_of_the_chassis_are_found() -> None:
    assert forbidden("from services.chassis.commit.committer import Committer") == ["commit.committer.Committer"]
    assert forbidden("from services.chassis.commit import Committer") == ["commit.Committer"]
    assert forbidden("import services.chassis.kafka_out.relay") == ["kafka_out.relay."]
    assert forbidden("from services.chassis.commit import UnitOfWork") == []


def test_the_map_of_the_chassis_is_complete() -> None:
    """Its README names every file, and no file that is not there."""
    chassis = ROOT / "services" / "chassis"
    readme = (chassis / "README.md").read_text()
    files = {p.relative_to(chassis) for p in chassis.rglob("*.py") if p.name != "__init__.py"}
    named = set(re.findall(r"`(?:\w+/)?(\w+\.py)`", readme))
    assert {path.name for path in files} - named == set()
    assert named - {path.name for path in files} == set()
