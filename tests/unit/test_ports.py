"""Systems that start side by side are given ports of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deploy.local import ports, services
from deploy.local.ports import reserve

FAR = 61_000
"""No system is given these: their files are only of this test."""


def test_a_port_is_reserved_once_until_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_reserved", [])
    assert reserve([FAR, FAR + 1])
    assert not reserve([FAR + 1, FAR + 2])
    assert reserve([FAR + 2])  # what could not be had whole is not held in part
    monkeypatch.setattr(ports, "_reserved", [(0.0, file) for _, file in ports._reserved])
    assert reserve([FAR + 1])


def test_another_process_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_reserved", [])
    assert reserve([FAR + 3])
    ask = f"from deploy.local.ports import reserve; print(reserve([{FAR + 3}]))"
    assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize("guarded", [True, False])
def test_two_systems_that_do_not_listen_yet_have_different_bases(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    monkeypatch.setattr(ports, "_reserved", [])
    if not guarded:
        monkeypatch.setattr(services, "reserve", lambda ports: True)
    bases = iter([40_000, 40_000, 41_000, 40_050])
    monkeypatch.setattr("random.randrange", lambda *range: next(bases))
    found = (services.free_base(), services.free_base())
    # The operators' ports of the first are the ports of the third.
    assert found == ((40_000, 40_050) if guarded else (40_000, 40_000))
