"""`python -m tests.contract.outside`: mypy over what is for other firms, as they have it: the examples, and the package
`magpie-events` with the models that its wheel takes from `schemas`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE, EXAMPLES = ROOT / "packages" / "magpie-events", ROOT / "examples" / "subscribers" / "python"


def unpacked(folder: Path) -> None:
    """The package as its wheel has it."""
    built = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for name in built["packages"]:
        shutil.copytree(PACKAGE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for source, target in built["force-include"].items():
        shutil.copy(PACKAGE / source, folder / target)


def judged(examples: Path = EXAMPLES) -> subprocess.CompletedProcess[str]:
    """What mypy says, with the rules of the whole project."""
    with tempfile.TemporaryDirectory(prefix="magpie-outside-") as name:
        unpacked(Path(name))
        cache = ["--cache-dir", str(ROOT / ".mypy_cache" / "outside")]
        command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), *cache]
        files = [*sorted(examples.glob("*.py")), *sorted((Path(name) / "magpie_events").glob("*.py"))]
        paths = f"{name}{os.pathsep}{examples}"
        env = os.environ | {"MYPYPATH": paths}
        return subprocess.run([*command, *map(str, files)], env=env, cwd=name, capture_output=True, text=True)


def main() -> None:
    """Exits with 1 where mypy finds something."""
    done = judged()
    print(done.stdout.rstrip() or done.stderr.rstrip())
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
