"""`python -m deploy.installation secrets [--rotate GROUP] [--host NAME]`, or `access [--check]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from schemas.registry import registry

from . import access, access_page, secrets

DEPLOY = Path(__file__).parents[1]
GRANTS = DEPLOY / "kafka" / "grants"
PAGE = DEPLOY.parent / "docs" / "access.md"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.installation", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    making = acts.add_parser("secrets", help="make the secrets that are missing")
    making.add_argument("--dir", type=Path, default=DEPLOY / "secrets")
    making.add_argument("--host", action="append", default=[], help="a name under which it is reached from outside")
    making.add_argument("--rotate", choices=secrets.GROUPS, help="make these again")
    granting = acts.add_parser("access", help="write the grants that follow from the registry of topics")
    granting.add_argument("--check", action="store_true", help="only say whether they are as the registry has them")
    args = parser.parse_args()
    found = access.grants(registry())
    files = {GRANTS: access.text(found), PAGE: access_page.page(found)}
    if args.act == "secrets":
        made = secrets.Directory(args.dir, args.host).make(args.rotate)
        print(f"{len(made)} files made in {args.dir}" if made else f"nothing to make in {args.dir}")
    elif not args.check:
        for path, text in files.items():
            path.write_text(text)
    elif stale := [path.name for path, text in files.items() if path.read_text() != text]:
        names = " and ".join(stale)
        sys.exit(f"{names}: not as schemas/topics has it; run `make access`, and apply the grants where it runs.")


if __name__ == "__main__":
    main()
