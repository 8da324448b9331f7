"""What README tells to type works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.services import PORTS, free_base

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_whole_line_by_hand(tmp_path: Path) -> None:
    """Only ports and the folder of the environment differ from what a reader types."""
    readme = (ROOT / "README.md").read_text()
    found = re.search(r"<!-- by hand:.*?-->\n```sh\n(.*?)```", readme, re.DOTALL)
    assert found
    script, base = found[1].replace(".venv/bin/python", sys.executable), free_base()
    for n, port in enumerate(PORTS.values()):
        script = script.replace(f"127.0.0.1:{port}", f"127.0.0.1:{base + n}")
    (tmp_path / "by-hand.sh").write_text("set -euo pipefail\n" + script)
    command = [sys.executable, "-m", "deploy.local", "run", "--dir", str(tmp_path), "--base-port", str(base)]
    done = subprocess.run(
        [*command, "--", "bash", str(tmp_path / "by-hand.sh")], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    inboxes = done.stdout.splitlines()[-2:]
    assert "미팅 확정 — 华桥汽车电子" in inboxes[0] and "会面已确定：Hanbit Sensor" in inboxes[1]


def test_every_link_and_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for path in [*ROOT.glob("*.md"), *(ROOT / "services").glob("*/README.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text()
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
        for target in re.findall(r"`make ([a-z0-9-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{path.name}: make {target}"
