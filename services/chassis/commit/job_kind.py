"""What a job is about. Whatever plans a job and whatever runs it share one `JobKind`, so they agree on its payload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """What a job is about: ids and instants only, never content, which may be erased before the job runs."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class JobKind(Generic[P]):
    """A kind of job by its stored name, with the type of its payload."""

    name: str
    payload: type[P]
