"""What each dashboard shows; a file of its own for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grafana_foundation_sdk.builders.dashboard import Dashboard

from .bridge import bridge
from .bus import bus
from .language import language
from .limits import limits
from .services import services

BOARDS: Mapping[str, Callable[[], Dashboard]] = {
    "bridge": bridge,
    "services": services,
    "bus": bus,
    "language": language,
    "limits": limits,
}
"""By the name of the file."""
