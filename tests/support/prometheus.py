"""Prometheus and promtool for tests, which are skipped where they cannot be had."""

from __future__ import annotations

import pytest

from deploy.local import prometheus


def program(name: str) -> str:
    try:
        return prometheus.program(name)
    except FileNotFoundError as error:
        pytest.skip(str(error))
