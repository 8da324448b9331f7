"""Writes `dashboards/*.json` from the boards: `python -m deploy.grafana [--check]`."""

from __future__ import annotations

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from .asking import DASHBOARDS
from .boards import BOARDS


def text(name: str) -> str:
    """The JSON of a dashboard."""
    return json.dumps(BOARDS[name]().build(), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def stale() -> list[str]:
    """Names of files that are missing, are not as the code has them, or belong to no board."""
    wanted = {f"{name}.json": text(name) for name in BOARDS}
    found = {path.name: path.read_text() for path in DASHBOARDS.glob("*.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def main() -> None:
    """The command. With `--check` it writes nothing and exits with 1 if a file is not as the code has it."""
    if "--check" in sys.argv:
        if names := stale():
            sys.exit(f"deploy/grafana/dashboards: {', '.join(names)} not as the code has it; run `make dashboards`.")
        return
    for name in BOARDS:
        (DASHBOARDS / f"{name}.json").write_text(text(name))


if __name__ == "__main__":
    main()
