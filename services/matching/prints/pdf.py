"""A schedule as a PDF. Its Korean and Chinese letters are those of the fonts that every reader of PDFs brings or
replaces (Adobe's character collections), so no font is shipped."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator
from html import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from ..domain import schedule_words as words
from ..domain.schedule import Line, Schedule
from .page import ShownZone, made_at, shown_zones, title_of

HANGUL, HAN, LATIN = "HYSMyeongJo-Medium", "STSong-Light", "Helvetica"
_RUNS = re.compile(r"(?P<latin>[\x20-\x7e]+)|(?P<hangul>[ᄀ-ᇿ㄰-㆏가-힣㈀-㈞㉠-㉿₩￦]+)|(?P<han>.)", re.DOTALL)
_FONTS = {"latin": LATIN, "hangul": HANGUL, "han": HAN}
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
"""What the fonts have no glyphs for."""
BODY = ParagraphStyle("body", fontName=LATIN, fontSize=10, leading=14, wordWrap="CJK")
TITLE = ParagraphStyle("title", parent=BODY, fontSize=16, leading=22)
HEADING = ParagraphStyle("heading", parent=BODY, fontSize=12, leading=18, spaceBefore=8)
GRID = TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor("#767676")), ("VALIGN", (0, 0), (-1, -1), "TOP")])
WIDTHS = [32 * mm, 32 * mm, 58 * mm, 52 * mm]


def schedule_pdf(schedule: Schedule, now: dt.datetime) -> bytes:
    """The PDF of a schedule: A4, the same bytes for the same schedule and moment. It takes some milliseconds a line."""
    for name in (HANGUL, HAN):
        if name not in getRegisteredFontNames():
            registerFont(UnicodeCIDFont(name))
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, title=title_of(schedule), author="Magpie", lang=schedule.lang, invariant=1
    )
    document.build(list(_flowables(schedule, now)))
    return target.getvalue()


def _flowables(schedule: Schedule, now: dt.datetime) -> Iterator[Flowable]:
    yield Paragraph(_marked(title_of(schedule)), TITLE)
    yield Paragraph(_marked(made_at(schedule, now)), BODY)
    zones, days = shown_zones(schedule), list(schedule.days())
    for day, lines in days:
        yield Paragraph(_marked(day), HEADING)
        head = [zone.words for zone in zones] + [words.WHO[schedule.lang], words.WHERE[schedule.lang]]
        rows = [head, *([*_cells(line, zones, schedule.lang)] for line in lines)]
        cells = [[Paragraph(_marked(text), BODY) for text in row] for row in rows]
        yield Table(cells, colWidths=WIDTHS, style=GRID, repeatRows=1)
    if not days:
        yield Spacer(0, 4 * mm)
        yield Paragraph(_marked(words.NOTHING[schedule.lang]), BODY)


def _cells(line: Line, zones: list[ShownZone], lang: str) -> Iterator[str]:
    yield from (line.clock(zone.info) for zone in zones)
    yield " · ".join(line.names)
    yield " ".join([line.place or words.ONLINE[lang], *line.links])


def _marked(text: str) -> str:
    """The text with the font of each run of letters."""
    # Syllables as whole ones: the fonts have no single parts of them.
    runs = _RUNS.finditer(_BEYOND.sub("□", unicodedata.normalize("NFC", text)))
    return "".join(f'<font name="{_FONTS[run.lastgroup or ""]}">{escape(run[0])}</font>' for run in runs)
