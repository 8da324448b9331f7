"""What an answer tells, without what names the request itself."""

from __future__ import annotations

import re
from typing import Any

OF_THE_REQUEST = ("x-trace-id", "x-correlation-id")
_TRACE = re.compile(r',?"trace_id":\s*"[0-9a-f]{32}"')


def told(answer: Any) -> tuple[int, tuple[tuple[str, str], ...], str]:
    """Status, headers and text of an answer, without the ids of the request: they are random, whatever was asked."""
    headers = tuple((name, value) for name, value in answer.headers.items() if name not in OF_THE_REQUEST)
    return answer.status_code, headers, _TRACE.sub("", answer.text)
