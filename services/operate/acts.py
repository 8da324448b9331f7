"""Who acts, whether they are sure, and the line that says what they did."""

from __future__ import annotations

import datetime as dt
import json
import os
import pwd
import re
import sys
from collections.abc import Callable
from typing import TextIO

OPERATOR, IN_CONTAINER = "MAGPIE_OPERATOR", "MAGPIE_IN_CONTAINER"
"""Variables: the name of who acts; set by the image."""
NAME = re.compile(r"[^\W\d_][\w .@-]{0,63}")


class NotSure(Exception):
    """The act was not confirmed, so nothing was changed."""


class Unnamed(Exception):
    """Who acts is not known, so nothing was changed."""


def operator(named: str | None = None) -> str:
    """Who acts: the operating-system user of this process, and by whom `sudo` was called, and the name that was given.

    In a container all are the same user, so there a name is needed, by `--as` or by MAGPIE_OPERATOR. Raises Unnamed."""
    given = named or os.environ.get(OPERATOR, "")
    if given and not NAME.fullmatch(given):
        raise Unnamed(
            "Nothing was changed: a name has 1 to 64 letters, digits, spaces and ._@- and begins with a letter."
        )
    if os.environ.get(IN_CONTAINER) and not given:
        raise Unnamed(
            "Nothing was changed: in a container all are the same user. Say who you are, with --as NAME or by "
            f"{OPERATOR}; it is written down with what you do."
        )
    return f"{given} ({_user()})" if given else _user()


def _user() -> str:
    """Not what a variable claims."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    sudo = os.environ.get("SUDO_UID", "")
    return f"{name}, sudo of uid {sudo}" if sudo.isascii() and sudo.isdigit() and len(sudo) < 11 else name


def _ask(prompt: str) -> str:
    """Not by `input(prompt)`: that would write to standard output, which may be JSON."""
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def confirm(question: str, *, yes: bool, ask: Callable[[str], str] = _ask) -> None:
    """Returns if the act is to be done. Raises NotSure."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotSure("Nothing was changed: there is no terminal to ask on. Say --yes where you are sure.")
    print(question, file=sys.stderr)
    if ask("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise NotSure("Nothing was changed.")


def log(act: str, *, by: str, to: TextIO | None = None, **said: object) -> None:
    """One line of JSON on standard error: who did what, with ids and counts only."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    line = {"event": "operator_act", "act": act, "by": by, **said, "timestamp": now}
    print(json.dumps(line, ensure_ascii=False), file=to or sys.stderr, flush=True)
