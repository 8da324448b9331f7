"""Decisions as they would be if each of their reads saw a moment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.mongo.database import Database


@contextmanager
def many_moments(database: Database) -> Iterator[None]:
    """In place of `Database.one_moment`."""
    yield None
