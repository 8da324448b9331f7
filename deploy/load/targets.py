"""Where the load goes: the services of a system that runs here, and never to another host."""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

VARIABLE = "MAGPIE_LOAD_TARGETS"


class NotLoopback(Exception):
    """An address is not on the loopback interface of this machine, so nothing is sent to it."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Base URLs by service, and the directory with the key that signs tokens there."""

    urls: Mapping[str, str]
    state_dir: Path

    def __post_init__(self) -> None:
        for url in self.urls.values():
            must_be_loopback(url)

    def environment(self) -> dict[str, str]:
        """What a process needs to find the targets by `from_environment`."""
        return {VARIABLE: json.dumps({"urls": dict(self.urls), "state_dir": str(self.state_dir)})}


def from_environment() -> Targets:
    """The targets that `make load` hands on. Raises NotLoopback, KeyError."""
    found = json.loads(os.environ[VARIABLE])
    return Targets(found["urls"], Path(found["state_dir"]))


def must_be_loopback(url: str) -> None:
    """Raises NotLoopback unless the host of the URL is `localhost` or an address of the loopback interface."""
    host = urlsplit(url).hostname or ""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise NotLoopback(
            f"{host or url} is not this machine, so nothing was sent. Load goes to loopback addresses only; start a "
            "system here: make up."
        )
