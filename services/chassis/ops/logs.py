"""Structured logs: one JSON object per line, with ids and counts only; never a path, a query, a header or a body."""

from __future__ import annotations

import logging
import sys
from typing import cast

import structlog

QUIET = ("aiokafka", "faststream", "uvicorn.access", "pymongo", "asyncio", "httpx2", "httpcore2")


def configure(service: str, level: str) -> None:
    """Sets up logging; called once per process, before anything logs.

    Loggers of libraries are limited to CRITICAL, because their texts may quote payloads; what they report reaches us as
    exceptions."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a module. Pass event names in snake_case and fields as keywords."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(module=name))
