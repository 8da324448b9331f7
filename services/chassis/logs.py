"""Structured logs: one JSON object a line, ids and counts only. Never a path, a query, a header or a body."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

import structlog

QUIET = ("aiokafka", "faststream", "uvicorn.access", "pymongo", "asyncio", "httpx2", "httpcore2")


def configure(service: str, level: str) -> None:
    """Once a process, before anything logs. Libraries' own loggers, whose texts may quote payloads, speak only from
    CRITICAL on; what they have to say reaches us as exceptions."""
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
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(module=name))


Fields = dict[str, Any]
