"""The attacks, in the order in which they are made: what fills the databases comes late."""

from __future__ import annotations

from . import connections, headers, load, people, records, stores, texts, tokens
from .attack import Attack

ATTACKS = (
    Attack("texts", "texts on which patterns explode, an address of 64,000 marks", texts.exploding),
    Attack("tokens", "forged, expired and misplaced tokens to all replicas", tokens.tricks),
    Attack("headers", "hostile traces, hosts, cursors and doubled names", headers.headers),
    Attack("asks", f"{people.ACTS} times request, decline, request", people.declined),
    Attack("meetings", f"{people.ACTS} times request a meeting, cancel it", people.meetings),
    Attack("crowding", "all profiles of one organisation ask one victim", people.crowding),
    Attack("records", "forged records: foreign tombstones, huge sequences, no instant", records.records),
    Attack("streams", f"{connections.STREAMS} inbox streams of one member", connections.streams),
    Attack("slowness", "100 connections with slow heads and bodies", connections.slowness),
    Attack("repeats", "publish again and again, each with a new Idempotency-Key", stores.repeats),
    Attack("erasures", "create, publish and erase, again and again", stores.erasures),
    Attack("unread", "12 connections list big profiles and never read", connections.answers_unread, True),
    Attack("load", "greedy, slow and ordinary clients at once", load.load, True),
)
