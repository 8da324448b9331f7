"""What people print and what calendars read: a schedule as a page, as a PDF and as iCalendar; a report as a page and as
a table."""

from .feed import busy_feed, member_feed
from .page import schedule_page
from .pdf import schedule_pdf
from .report import report_csv, report_page

__all__ = ["busy_feed", "member_feed", "report_csv", "report_page", "schedule_page", "schedule_pdf"]
