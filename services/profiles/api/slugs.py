"""Topics and groups as they are sent: what is no slug is refused in words."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from services.chassis.model import public_text

from ..domain.slugs import PATTERN, must_be_slug

_SHAPE = WithJsonSchema({"type": "string", "pattern": PATTERN})
Topic = Annotated[
    str, AfterValidator(partial(must_be_slug, example="semiconductor")), AfterValidator(public_text), _SHAPE
]
Group = Annotated[str, AfterValidator(partial(must_be_slug, example="sk-hynix")), AfterValidator(public_text), _SHAPE]
