"""HTTP in: who calls, what is refused, how a command is run and answered, how a list continues."""

from .asking import Endpoint, EndpointAway, EndpointRefused
from .body_limits import LargeBody
from .browser import PageRoute, Pages, form_of, signed_in, signed_out
from .pages import MAX_PAGE_BYTES, bounded
from .requests import (
    CallerDep,
    CauseDep,
    CommandRequest,
    CommandsDep,
    DatabaseDep,
    Decide,
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
    "Decide",
    "Endpoint",
    "EndpointAway",
    "EndpointRefused",
    "IfMatchDep",
    "Input",
    "LargeBody",
    "Output",
    "PageRoute",
    "Pages",
    "PagesDep",
    "StrictRoute",
    "bounded",
    "form_of",
    "provided",
    "signed_in",
    "signed_out",
]
