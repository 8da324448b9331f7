"""The environment of the peers: made once, from bench/peers/requirements.lock, in the project's state directory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_LOCK = _HERE / "requirements.lock"


def peer_python(directory: Path = _HERE.parents[1] / ".magpie" / "peers") -> Path:
    """The Python that has the packages of the peers. Installs them first where the lock has changed.

    Raises CalledProcessError where the packages cannot be had."""
    python, installed = directory / "bin" / "python", directory / "installed"
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if not installed.exists() or installed.read_text() != digest:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(directory)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(_LOCK)], check=True)
        installed.write_text(digest)
    return python
