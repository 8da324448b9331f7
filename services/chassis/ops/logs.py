"""Structured logs: one JSON object per line, with ids and counts only; never a path, a query, a header or a body."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from pydantic_core import to_json

from ..model.failures import safe_text, safe_traceback
from .traces import current_trace

QUIET = ("aiokafka", "faststream", "uvicorn.access", "pymongo", "asyncio", "httpx2", "httpcore2", "urllib3", "requests")
Line = Mapping[str, object]
_level, _service = logging.INFO, ""
_output: TextIO | None = None


def configure(service: str, level: str, *, output: TextIO | None = None) -> None:
    """Sets up logging; called once per process, before anything logs. `output`: where lines go; if
    not given, where they went before, at first standard output.

    Loggers of libraries are limited to CRITICAL, because their texts may quote payloads; what they report reaches us as
    exceptions. What Python itself reports (warnings, errors that no one has caught) becomes a line, too."""
    global _level, _service, _output
    _output = output or _output
    _level, _service = logging.getLevelNamesMapping()[level.upper()], service
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _with_service_and_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_level),
        logger_factory=structlog.WriteLoggerFactory(file=_output or sys.stdout),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(_output or sys.stdout)
    lines.setFormatter(SafeLines(service))
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _catch_what_is_left()


def _json(line: Line, **_: object) -> str:
    return to_json(line, fallback=repr).decode()


def _with_service_and_trace(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    line["service"] = _service
    if "trace" not in line and (trace := current_trace()):
        line["trace"] = trace
    return line


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a module. Pass event names in snake_case and fields as keywords."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(module=name))


def says(level: int) -> bool:
    """Whether lines of this level are written, so that no one makes them for nothing."""
    return level >= _level and bool(_service)


def encoded(line: Line) -> str:
    """A line for `write`; not empty."""
    return _json(line)


def write(lines: Iterable[str], *, module: str) -> None:
    """Many lines of level `info` by one call of the system. Through a logger each would cost
    several times as much, and a busy consumer has thousands a second."""
    common = _json({"module": module, "level": "info", "service": _service, "timestamp": _now()})
    output = _output or sys.stdout
    output.write("".join(f"{line[:-1]},{common[1:]}\n" for line in lines))
    output.flush()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")


class SafeLines(logging.Formatter):
    """What libraries log, in our format: their template without its arguments, and of an exception its class and place.

    A server's log of an exception would repeat it, and a validation error repeats its input."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line = {"event": str(record.msg).strip(), "level": record.levelname.lower(), "module": record.name}
        if isinstance(record.msg, BaseException):
            line["event"] = safe_text(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            said = {"error": safe_text(error), "traceback": safe_traceback(error)}
            line |= {"event": str(record.msg).partition("\n")[0], **said}
        return _json({**line, "service": self._service, "timestamp": _now()})


# -- what no one catches


def _catch_what_is_left() -> None:
    """Python would write these as text of several lines, with values in it."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
    sys.unraisablehook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
    warnings.showwarning = _warned


def _uncaught(kind: type[BaseException], error: BaseException | None, place: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    found = error or kind()
    logger(__name__).error("uncaught", error=safe_text(found), traceback=safe_traceback(found))


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    """Without the text: those of pydantic quote what they warn of."""
    logger(__name__).warning("python_warns", kind=category.__name__, place=f"{PurePath(filename).name}:{lineno}")


def loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's handler of errors that no one awaits. What it says of a callback may quote its arguments, so
    only its first words are taken."""
    said = re.match(r"[A-Za-z' ]*", str(context.get("message", "")))
    error = context.get("exception")
    found = {"error": safe_text(error), "traceback": safe_traceback(error)} if error is not None else {}
    logger(__name__).error("loop_error", says=said[0].strip() if said else "", **found)
