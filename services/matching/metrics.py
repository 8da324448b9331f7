"""The metrics of matching."""

from __future__ import annotations

from prometheus_client import Gauge

from services.chassis.model import Doc

holiday_table = Gauge("magpie_holiday_table", "1 for the table of holidays that this replica sees.", ["version"])
holiday_table_revision = Gauge("magpie_holiday_table_revision", "How often a table of holidays was loaded.")


def no_table() -> None:
    """Before it is known which table is loaded."""
    holiday_table.clear()
    holiday_table_revision.set(0)


def table_seen(id: str, doc: Doc | None) -> None:
    """The table as it is stored."""
    no_table()
    if doc is not None:
        holiday_table.labels(doc["version"]).set(1)
        holiday_table_revision.set(doc["revision"])
