"""HTTP in: who calls, what is refused, how a command is run and answered, how a list continues."""

from .asking import Endpoint, EndpointAway, EndpointRefused
from .body_limits import LargeBody
from .browser import PageRoute, Pages, form_of, must_be_of_this_site, signed_in, signed_out, visiting
from .pages import MAX_PAGE_BYTES, bounded
from .rate_limit import TokenBuckets
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
    "TokenBuckets",
    "bounded",
    "form_of",
    "must_be_of_this_site",
    "provided",
    "signed_in",
    "signed_out",
    "visiting",
]
