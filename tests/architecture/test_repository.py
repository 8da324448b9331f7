"""Rules that we set ourselves about the tree, each with a check that goes red."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest
from pydantic import BaseModel

import schemas
import services

ROOT = Path(__file__).parents[2]
# Built from pieces, so that this file names none of them.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("proxy", "golang", "org"),
        ("static", "crates", "io"),
        ("deb", "debian", "org"),
    )
]
MACHINE_PATHS = re.compile("|".join(f"(?<![\\w.])/{name}/" for name in ("root", "home/[a-z]+", "work", "tmp/w")))


def committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def offending(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS))
    assert offending(hosts, committed()) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert offending(MACHINE_PATHS, committed()) == []


@pytest.mark.parametrize("line", [f"index = https://{REGISTRY_HOSTS[0]}/simple", "/" + "root/x", "cd /" + "home/kim/x"])
def test_the_two_checks_can_go_red(line: str, tmp_path: Path) -> None:
    patterns = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS) + "|" + MACHINE_PATHS.pattern)
    assert patterns.search(line)


@pytest.mark.parametrize(
    ("name", "least"), [("requirements.lock", 20), ("requirements-dev.lock", 20), ("requirements-solver.lock", 1)]
)
def test_locks_pin_every_package_by_hash_and_name_no_index(name: str, least: int) -> None:
    text = (ROOT / name).read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) >= least
    assert [r.splitlines()[0] for r in requirements if "==" not in r or "--hash=sha256:" not in r] == []
    assert not re.search(r"^-|--index|--find-links|https?://", text, re.MULTILINE)


def test_nothing_is_committed_that_a_tool_makes() -> None:
    made = {".whl", ".gz", ".zip", ".tgz", ".pyc", ".log", ".jar"}
    assert [path.name for path in committed() if path.suffix in made] == []


def test_what_the_user_fixed_is_there() -> None:
    for name in ("profiles", "matching", "notifications", "translation"):
        assert (ROOT / "services" / name / "__init__.py").is_file()
    for name in ("schemas", "deploy", "tests"):
        assert (ROOT / name).is_dir()
    dependencies = (ROOT / "pyproject.toml").read_text()
    for name in ("faststream", "aiokafka", "pydantic", "motor", "prometheus-client", "pytest-asyncio"):
        assert f'"{name}' in dependencies


def test_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line.split()[0] for line in shown.stdout.splitlines()} == targets


def test_only_stores_and_the_chassis_reach_mongodb() -> None:
    """So that another client can take Motor's place in a few files."""
    driver = re.compile(r"^\s*(from|import) (motor|pymongo|bson)\b", re.MULTILINE)
    services = [p for p in (ROOT / "services").rglob("*.py") if driver.search(p.read_text())]
    others = [p for p in services if not {"chassis", "operate"} & set(p.parts)]  # operate looks into all databases
    assert [str(p.relative_to(ROOT)) for p in others if p.name != "store.py"] == []


def test_production_code_never_subscribes_publishes_or_opens_mongodb_itself() -> None:
    direct = re.compile(r"\b(AIOKafkaProducer|AIOKafkaConsumer|KafkaBroker|AsyncIOMotorClient|start_transaction)\(")
    # operate reads logs from outside of any group, and sends nothing itself: it writes to an outbox.
    services = [p for p in (ROOT / "services").rglob("*.py") if not {"chassis", "operate"} & set(p.parts)]
    assert [str(p.relative_to(ROOT)) for p in services if direct.search(p.read_text())] == []


OWNERS = {"MATCHES": "save_match.py", "PAIRS": "save_match.py"} | dict.fromkeys(
    ("MEETINGS", "DIARIES", "CLAIMS"), "save_meeting.py"
)


def writers(source: str) -> set[str]:
    """Collections that a source writes."""
    return set(re.findall(r"\buow\.(?:put|create|delete)\(\s*([A-Z]+)\b", source))


def test_what_changes_together_has_one_writer() -> None:
    """A match, its pair and its desks; a meeting, its diary and its claims (decision 0014)."""
    for path in (ROOT / "services" / "matching").rglob("*.py"):
        for collection in writers(path.read_text()) & OWNERS.keys():
            assert path.name == OWNERS[collection], f"{path.name} writes {collection}"
    assert writers("uow.put(\n    MATCHES, m)\nawait uow.create(PAIRS, p)") == {"MATCHES", "PAIRS"}


def test_each_decision_has_a_number_and_a_line_of_its_own() -> None:
    """Those that are written side by side take the same number easily."""
    names = sorted(p.name for p in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [name[:4] for name in names] == [f"{n + 1:04}" for n in range(len(names))]
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert re.findall(r"^- \[\d{4}\]\(([^)]+)\)", listed, re.MULTILINE) == names


def test_nobody_uses_wait_for() -> None:
    """Up to Python 3.11 `asyncio.wait_for` swallows a cancellation that comes as its work ends: a relay once went on
    for ever after SIGTERM. `asyncio.timeout` does not."""
    waiting = re.compile(r"\basyncio\.wait_for\(")
    files = [p for name in ("services", "deploy") for p in (ROOT / name).rglob("*.py")]
    assert [str(p.relative_to(ROOT)) for p in files if waiting.search(p.read_text())] == []


def test_no_test_sleeps() -> None:
    """Waiting is `eventually`; a sleep hides a race or costs time. What simulates slow work says so beside it."""
    allowed = {
        "tests/integration/http/test_limits.py",
        "tests/support/postbox.py",  # a slow server is what is tested
        "tests/support/proxy.py",
        "tests/support/prometheus.py",  # a program is awaited outside of any loop
        "tests/support/turns.py",  # what is measured is when the loop turns again
        "tests/support/waiting.py",
        "tests/chaos/faults.py",  # a pause is the fault
        "tests/chaos/people.py",  # people think between two acts
        "tests/integration/chassis/test_jobs.py",
        "tests/integration/chassis/test_mirror.py",  # an owner that takes long is what is tested
        "tests/integration/chassis/test_decisions.py",
        "tests/integration/chassis/test_relay.py",
        "tests/integration/chassis/test_outage.py",  # what must be told after 15 s is looked at after 15 s
        "tests/integration/http/test_strangers.py",  # one who does not read for a while is the attack
    }
    sleeping = re.compile(r"\b(asyncio|time|anyio)\.sleep\(")
    found = {str(p.relative_to(ROOT)) for p in (ROOT / "tests").rglob("*.py") if sleeping.search(p.read_text())}
    assert found - allowed - {"tests/architecture/test_repository.py"} == set()


def test_no_test_has_a_stopwatch_of_its_own() -> None:
    """A fixed number of milliseconds fails on a slower machine, or when garbage is collected meanwhile. What work costs
    is compared with itself, on less, by `cpu_seconds`; how long others had no turn is `longest_hold`."""
    allowed = {
        "tests/support/timing.py",
        "tests/support/turns.py",
        "tests/abuse/watcher.py",  # a table of milliseconds is what it makes
        "tests/integration/matching/test_busy_calendars.py",  # that a rule is endless: it takes its limit, not less
        "tests/unit/matching/test_plan_maker.py",  # a part of the time that the plan is given
    }
    stopwatch = re.compile(r"\b(process_time|thread_time|perf_counter)(_ns)?\(")
    found = {str(p.relative_to(ROOT)) for p in (ROOT / "tests").rglob("*.py") if stopwatch.search(p.read_text())}
    assert found - {"tests/architecture/test_repository.py"} == allowed


BY_CHANCE = re.compile(r"""["'][0-9a-f]{1,6}["'] not in \w+\.(text|content)\b""")


def test_no_test_fails_by_chance() -> None:
    """An answer ends with the random id of its trace, in hexadecimal digits: "138" stood in one of 150 of them. What
    is that short is looked for in what `tests.support.answers.told` leaves."""
    assert BY_CHANCE.search('assert "138" not in phone.text') and not BY_CHANCE.search('"kim" not in page.text')
    assert offending(BY_CHANCE, [p for p in (ROOT / "tests").rglob("*.py") if p.name != "test_repository.py"]) == []


DAY_TO_COME = re.compile(r"\b(202[7-9]|20[3-9]\d)(-\d\d-\d\d|, ?\d+, ?\d)")
"""The years after the one in which the tests were begun."""


def test_no_test_of_services_with_the_time_of_day_names_a_day_to_come() -> None:
    """It would fail once that day is over; `tests/support/days.py` has days that are always to come. Notifications have
    an office with a clock of its own, and what is announced of a contract is compared on a day that is given."""
    folders = [ROOT / "tests/e2e", *(ROOT / "tests/integration" / name for name in ("http", "matching", "profiles"))]
    found = [path for path in committed() if path.suffix == ".py" and set(path.parents) & set(folders)]
    assert len(found) > 50 and offending(DAY_TO_COME, found) == []


@pytest.mark.parametrize("line", ['"date": "2027-03-04"', "dt.datetime(2027, 3, 4)", 'f"2031-01-01T{clock}"'])
def test_a_day_to_come_is_found(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.architecture.test_repository.ROOT", tmp_path)
    (tmp_path / "test.py").write_text(line)
    assert offending(DAY_TO_COME, [tmp_path / "test.py"]) == ["test.py:1"]


def test_no_route_or_dependency_goes_to_a_thread() -> None:
    """FastAPI runs plain functions in one, each call: that costs more than most of them do."""
    found = [name for path in (ROOT / "services").rglob("*.py") for name in plain_functions(path.read_text())]
    assert found == []
    assert plain_functions("x = Depends(_a)\ndef _a(): ...\n@router.get('/')\ndef b(): ...") == ["_a", "b"]


def plain_functions(source: str) -> list[str]:
    """Routes and dependencies that are no coroutines."""
    dependencies = re.findall(r"Depends\((\w+)\)", source)
    plain = [name for name in dependencies if re.search(rf"^\s*def {name}\(", source, re.MULTILINE)]
    return plain + re.findall(r"^@router\.[^\n]*\n(?:[^\n]*\n)??def (\w+)", source, re.MULTILINE)


def test_no_model_repeats_its_input_in_an_error() -> None:
    """A validation error of a stored document or of a record may reach a log."""
    for package in (schemas, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    ours = [m for m in subclasses(BaseModel) if m.__module__.split(".")[0] in ("schemas", "services")]
    assert len(ours) > 100
    assert [m.__qualname__ for m in ours if not m.model_config.get("hide_input_in_errors")] == []


def subclasses(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [found for child in model.__subclasses__() for found in (child, *subclasses(child))]
