"""Official JavaScript libraries of the contract's standards, installed once from the lock file, and asked by tests."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc")


def modules(project: Path = HERE) -> Path:
    """The folder of the project's installed packages, beside Python's own: one for each content of the lock file.
    Installs them where they are missing, which takes some seconds."""
    content = b"".join((project / name).read_bytes() for name in FILES)
    place = Path(sys.prefix) / "share" / "magpie-node" / hashlib.sha256(content).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of one test run come at the same time
        if not (place / ".ready").exists():
            for name in FILES:
                shutil.copy(project / name, place / name)
            subprocess.run(["npm", "ci", "--silent"], cwd=place, check=True, timeout=120)
            (place / ".ready").touch()
    return place / "node_modules"


def ask(script: str, question: object) -> Any:
    """What a script of this folder answers: JSON to its standard input, JSON from its standard output."""
    done = subprocess.run(
        ["node", str(HERE / script)],
        input=json.dumps(question),
        env=os.environ | {"NODE_PATH": str(modules())},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
