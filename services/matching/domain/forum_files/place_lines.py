"""Lines of places: tables, and rooms beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from ..forums.setup import ForumSetup
from ..forums.venue import MAX_ROOMS, MAX_TABLES, Room, Table
from .cells import Ids, an_id, one_of
from .lines import Column, Sheet, read_lines
from .mistakes import Mistake

KIND = "tables"
COLUMNS = (
    Column("table", ("테이블", "테이블 번호", "桌号", "桌", "房间"), is_needed=True),
    Column("hall", ("홀", "행사장", "厅", "展厅"), is_needed=True),
    Column("type", ("종류", "유형", "类型")),
)
TYPES = {"table": ("테이블", "桌", "桌子"), "room": ("룸", "회의실", "房间", "会议室")}
PLACE_ID = r"[A-Za-z0-9][A-Za-z0-9-]{0,29}"


def read_places(sheet: Sheet, setup: ForumSetup) -> tuple[list[Table | Room], list[Mistake]]:
    """The tables and rooms of a sheet, and all of its mistakes."""
    read, found = read_lines(sheet, COLUMNS), dict[str, Table | Room]()
    halls, rooms = {hall.id for hall in setup.halls}, {room.id for room in setup.rooms}
    known = {table.id for table in setup.tables} | rooms
    ids, alike = Ids(PLACE_ID, known), {id.casefold(): id for id in known}
    for line in read.lines:
        if not line.needs("table", "hall"):
            continue
        id = line.read("table", ids.read, empty="")
        hall = line.read("hall", partial(an_id, pattern=PLACE_ID), empty="")
        usual = "room" if id in rooms and not line.has("type") else "table"
        kind = line.read("type", partial(one_of, words=TYPES), empty=usual)
        if hall and hall not in halls:
            line.wrong("hall", "no_such_hall", halls=", ".join(sorted(halls)))
        elif id in found:
            line.wrong("table", "twice")
        elif id not in known and alike.setdefault(id.casefold(), id) != id:
            line.wrong("table", "other_case")
        elif id and hall:
            found[id] = Table(id=id, hall=hall) if kind == "table" else Room(id=id, hall=hall)
    return list(found.values()), read.mistakes


def with_places(setup: ForumSetup, places: list[Table | Room]) -> tuple[ForumSetup, list[Mistake]]:
    """The setup with these places, each in its list; others stay. A room that becomes a table is no room any more."""
    tables = {table.id: table for table in setup.tables}
    rooms = {room.id: room for room in setup.rooms}
    for place in places:
        if isinstance(place, Table):
            rooms.pop(place.id, None)
            tables[place.id] = place
        else:
            tables.pop(place.id, None)
            rooms[place.id] = place
    mistakes = [
        Mistake(code, KIND, values={"most": most})
        for code, count, most in (
            ("too_many_tables", len(tables), MAX_TABLES),
            ("too_many_rooms", len(rooms), MAX_ROOMS),
        )
        if count > most
    ]
    lost = sorted({talk.room for talk in setup.talks if talk.room and talk.room not in rooms})
    mistakes += [Mistake("room_of_a_talk", KIND, column="type", values={"room": room}) for room in lost]
    return setup.model_copy(update={"tables": [*tables.values()], "rooms": [*rooms.values()]}), mistakes


def place_lines(setup: ForumSetup) -> Iterator[Mapping[str, str]]:
    """The lines of its tables and rooms, as `read_places` reads them."""
    for kind, places in (("table", setup.tables), ("room", setup.rooms)):
        for place in places:
            yield {"table": place.id, "hall": place.hall, "type": kind}
