"""Structured logs: one JSON object per line, with ids and counts only; never a path, a query, a header or a body."""

from __future__ import annotations

import json
import logging
import sys
from typing import cast

import structlog

from ..model.failures import safe_text

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
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(SafeLines(service))
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


class SafeLines(logging.Formatter):
    """What libraries log, in our format: their template without its arguments, and of an exception its class and place.

    A server's log of an exception would repeat it, and a validation error repeats its input."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line = {"event": str(record.msg).strip(), "level": record.levelname.lower(), "module": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            line |= {"event": str(record.msg).partition("\n")[0], "error": safe_text(record.exc_info[1])}
        return json.dumps({**line, "service": self._service}, ensure_ascii=False)


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a module. Pass event names in snake_case and fields as keywords."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(module=name))
