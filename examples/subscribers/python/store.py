"""The projection and how far it was read, in one SQLite file: both change in one transaction, or neither does."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists reading (
    one integer primary key check (one = 1), topic_id text not null, building integer not null, shown integer not null,
    whole_at real not null, taken integer not null);
create table if not exists positions (
    generation integer, partition integer, next integer not null, primary key (generation, partition));
create table if not exists organisations (
    generation integer, key text, sequence integer not null, body text, primary key (generation, key));
create table if not exists dead_letters (
    partition integer, offset integer, key text, reason text not null, value blob, primary key (partition, offset));
"""


class Store:
    """A generation is one reading of the topic from its beginning. While a new one is built the old one is shown."""

    def __init__(self, file: Path) -> None:
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.executescript(TABLES)

    def reading(self) -> dict[str, Any] | None:
        """What is being read; None before the first start."""
        names = ("topic_id", "building", "shown", "whole_at", "taken")
        row = self.db.execute(f"select {', '.join(names)} from reading").fetchone()
        return dict(zip(names, row, strict=True)) if row else None

    def begin(self, topic_id: str) -> None:
        """Starts to read from the beginning, into a new generation. Nothing is hidden before it is whole."""
        was = self.reading()
        building = was["building"] + 1 if was else 1
        row = (topic_id, building, was["shown"] if was else building, time.time())
        with self.db:
            self.db.execute("begin immediate")
            self.db.execute("insert or replace into reading values (1, ?, ?, ?, ?, 0)", row)
            for table in ("positions", "organisations"):
                self.db.execute(f"delete from {table} where generation not in (?, ?)", (building, row[2]))
            self.db.execute("delete from dead_letters")

    def positions(self) -> dict[int, int]:
        """The next offset of each partition of which something was read."""
        where = "where generation = (select building from reading)"
        return dict(self.db.execute(f"select partition, next from positions {where}").fetchall())

    def is_whole(self, at: float) -> None:
        """Everything that was in the log at this time has been read: the generation that was built is shown."""
        with self.db:
            self.db.execute("begin immediate")
            self.db.execute("update reading set shown = building, whole_at = ?", (at,))
            for table in ("positions", "organisations"):
                self.db.execute(f"delete from {table} where generation <> (select shown from reading)")

    def organisations(self) -> list[dict[str, Any]]:
        """The directory, by key."""
        rows = self.db.execute(
            "select key, sequence, body from organisations, reading "
            "where generation = shown and body is not null order by key"
        )
        return [{"id": key, "sequence": sequence, **json.loads(body)} for key, sequence, body in rows]


class Batch:
    """Records of one partition that take effect together with their position."""

    def __init__(self, db: sqlite3.Connection, partition: int, next_offset: int) -> None:
        self.db, self.partition, self.next = db, partition, next_offset
        self.generation = 0

    def __enter__(self) -> Batch:
        self.db.execute("begin immediate")
        (self.generation,) = self.db.execute("select building from reading").fetchone()
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            row = (self.generation, self.partition, self.next)
            self.db.execute("insert or replace into positions values (?, ?, ?)", row)
        self.db.execute("rollback" if failed else "commit")

    def take(self, key: str, sequence: int, body: dict[str, Any] | None) -> None:
        """Keeps the state of a key, unless it has a later one: events may come again. Of a key without a body only the
        sequence stays, so that an event that comes again does not bring it back."""
        text = None if body is None else json.dumps(body, ensure_ascii=False)
        done = self.db.execute(
            "insert into organisations values (?, ?, ?, ?) on conflict (generation, key) do update "
            "set sequence = excluded.sequence, body = excluded.body where excluded.sequence > sequence",
            (self.generation, key, sequence, text),
        )
        self.db.execute("update reading set taken = taken + ?", (done.rowcount,))

    def forget(self, key: str) -> None:
        """Deletes what else was kept of the key: here, dead letters."""
        self.db.execute("delete from dead_letters where key = ?", (key,))

    def set_aside(self, offset: int, key: str | None, reason: str, value: bytes | None) -> None:
        """Keeps a record that cannot be read for a person to look at; reading goes on."""
        row = (self.partition, offset, key, reason, value)
        self.db.execute("insert or replace into dead_letters values (?, ?, ?, ?, ?)", row)
