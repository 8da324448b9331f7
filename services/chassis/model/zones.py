"""Time zones of places, as people live in them."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

AREAS = frozenset("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split())
"""What the name of a place begins with. `Etc`, `US`, `EST`, `GMT`, `Factory`, `localtime` or `posixrules` are none:
they mean an offset, a country of several zones, nothing at all, or another thing on each machine."""


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name.partition("/")[0] in AREAS and "/" in name)


def place_zone(name: str) -> str:
    """The name itself, if it is that of a place in the IANA database, in its spelling. Raises ValueError."""
    if name not in _places():
        raise ValueError("is not the IANA time zone of a place, like Asia/Seoul")
    return name


PlaceZone = Annotated[str, Field(max_length=64), AfterValidator(place_zone)]
