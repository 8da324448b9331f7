"""What people print and what calendars read: a schedule as a page, as a PDF and as iCalendar; a report as a page and as
a table; the code of a table as a picture."""

from .on_use import busy_feed, member_feed, schedule_pdf, table_code_svg
from .page import schedule_page
from .report import report_csv, report_page

__all__ = [
    "busy_feed",
    "member_feed",
    "report_csv",
    "report_page",
    "schedule_page",
    "schedule_pdf",
    "table_code_svg",
]
