"""docs/subscribers.md: what it tells to type works as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.system import Servers
from tests.integration.subscribers import history, programs
from tests.integration.subscribers.history import state
from tests.integration.subscribers.programs import Program
from tests.support.kafka import make_topics

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "subscribers.md").read_text()
LEFT_BEHIND = shutil.ignore_patterns("node_modules", "target", ".venv", "__pycache__", ".git")


def commands(name: str) -> list[str]:
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert found, name
    return found[1].splitlines()


def test_the_address_is_where_it_says(tmp_path: Path) -> None:
    (tmp_path / ".magpie").mkdir()
    (tmp_path / ".magpie" / "run.json").write_text('{"kafka": {"bootstrap": "127.0.0.1:1234"}}')
    script = "\n".join([*commands("address"), "echo $KAFKA_BOOTSTRAP"])
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "127.0.0.1:1234"


async def test_one_that_is_built_beside_shows_the_same(servers: Servers, run_id: str, tmp_path: Path) -> None:
    topic = f"{run_id}.profiles.v1"
    await make_topics(servers.bootstrap, topic)
    await history.write_all(servers.bootstrap, topic, list(history.lives(seed=3, keys=8, turns=5)))
    command = " ".join(programs.python(tmp_path))
    _, follow, *shows = [line.replace(".venv/bin/python directory.py", command) for line in commands("beside")]
    env = programs.environment(servers.bootstrap, topic, tmp_path)
    apart = tmp_path / "apart"
    apart.mkdir()
    first = Program(["bash", "-c", f"exec {command} follow"], tmp_path, env)
    second = Program(["bash", "-c", f"exec {follow}"], apart, env)
    try:
        for program in (first, second):
            program.start()
            await program.says("whole")
        hashes = [
            subprocess.check_output(["bash", "-c", line], env=env, cwd=folder)
            for line, folder in zip(shows, (apart, tmp_path), strict=True)
        ]
    finally:
        first.kill()
        second.kill()
    assert hashes[0] == hashes[1] and (apart / "directory.new").exists()


async def test_ctrl_c_ends_it_without_a_word(servers: Servers, run_id: str, tmp_path: Path) -> None:
    topic = f"{run_id}.profiles.v1"
    await make_topics(servers.bootstrap, topic)
    program = Program(programs.python(tmp_path), tmp_path, programs.environment(servers.bootstrap, topic, tmp_path))
    program.start()
    await program.says("whole")
    assert program.interrupt() == 0 and "Traceback" not in program.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "tool"), [("python", "python3"), ("javascript", "npm"), ("java", "mvn"), ("typed", "python3")]
)
@pytest.mark.timeout(300)
async def test_the_commands_of_the_guide_work(
    name: str, tool: str, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"there is no {tool}")
    for part in ("examples", "packages", "schemas"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=LEFT_BEHIND)
    shutil.copy(ROOT / "LICENSE", tmp_path)
    topic = f"{run_id}.profiles.v1"
    await make_topics(servers.bootstrap, topic)
    await history.write_all(servers.bootstrap, topic, [[state("hanbit", 1), state("huaqiao", 1)]])
    folder, *lines = commands("python")[:3] + commands(name)[1:] if name == "typed" else commands(name)
    env = programs.environment(servers.bootstrap, topic, tmp_path)
    shown = ""
    for line in lines:
        if line.endswith(" follow"):
            program = Program(["bash", "-c", f"exec {line}"], tmp_path / folder.removeprefix("cd "), env)
            program.start()
            await program.says("whole")
            program.kill()
        else:
            script = f"set -e\n{folder}\n{line}"
            done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            shown = done.stdout
    assert "hanbit" in shown and "huaqiao" in shown
