"""HTTP in: who calls, what is refused, how a command is run and answered, how a list continues."""

from .asking import Endpoint, EndpointAway, EndpointRefused
from .body_limits import LargeBody
from .pages import MAX_PAGE_BYTES, bounded
from .requests import (
    CallerDep,
    CauseDep,
    CommandRequest,
    CommandsDep,
    DatabaseDep,
    IfMatchDep,
    Input,
    Output,
    PagesDep,
    StrictRoute,
    provided,
)

__all__ = [
    "MAX_PAGE_BYTES",
    "CallerDep",
    "CauseDep",
    "CommandRequest",
    "CommandsDep",
    "DatabaseDep",
    "Endpoint",
    "EndpointAway",
    "EndpointRefused",
    "IfMatchDep",
    "Input",
    "LargeBody",
    "Output",
    "PagesDep",
    "StrictRoute",
    "bounded",
    "provided",
]
