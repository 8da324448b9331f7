"""What few ask for: its libraries are loaded by the first call, because they take memory and a part of the start. Call
these in a thread, so that the event loop does not wait for that."""

from __future__ import annotations

import datetime as dt
import io

from ..domain.schedule import Schedule


def schedule_pdf(schedule: Schedule, now: dt.datetime) -> bytes:
    """The PDF of a schedule: A4, the same bytes for the same schedule and moment. It takes some milliseconds a line."""
    from . import pdf  # here: reportlab

    return pdf.schedule_pdf(schedule, now)


def member_feed(schedule: Schedule) -> bytes:
    """All meetings of a member as iCalendar. An entry has the UID of the invitation to the same meeting, so that a
    calendar that has both shows one."""
    from . import feed  # here: icalendar

    return feed.member_feed(schedule)


def busy_feed(schedule: Schedule) -> bytes:
    """When a member is taken, and nothing else, as iCalendar: for an assistant, or a calendar that others see."""
    from . import feed  # here: icalendar

    return feed.busy_feed(schedule)


def table_code_svg(code: str) -> bytes:
    """The code of a table as a QR picture to print, in SVG."""
    import segno

    target = io.BytesIO()
    segno.make(code, micro=False, error="m").save(target, kind="svg", scale=8, border=4)
    return target.getvalue()
