"""HTTP in: who calls, what is refused, how a command is run and answered, how a list continues."""

from .page_tokens import page_start, page_token
from .requests import (
    CallerDep,
    CommandRequest,
    CommandsDep,
    DatabaseDep,
    IfMatchDep,
    Input,
    StrictRoute,
    provided,
)

__all__ = [
    "CallerDep",
    "CommandRequest",
    "CommandsDep",
    "DatabaseDep",
    "IfMatchDep",
    "Input",
    "StrictRoute",
    "page_start",
    "page_token",
    "provided",
]
