"""What the two statements of an evidence are about, for readers of a match."""

from __future__ import annotations

from collections.abc import Mapping

from services.chassis.mongo import Database

from .. import store
from ..domain.match import Match

Nodes = Mapping[tuple[str, int], Mapping[str, float]]
"""By entry and first character of the statement: the nodes of the taxonomy, each with its probability."""


async def nodes_of(database: Database, match: Match) -> Nodes:
    """The nodes of all statements that both profiles have now. A match of an earlier revision may name others."""
    fields = ("entries.id", "entries.text_id", "entries.statements.start", "entries.statements.nodes")
    docs = await store.documents(database, store.INDEXED, match.parties, fields=fields)
    cited = {(e.id, e.text_id) for pair in match.evidence for e in (pair.need, pair.offer)}
    return {
        (entry["id"], statement["start"]): statement.get("nodes", {})
        for doc in docs
        for entry in doc["entries"]
        if (entry["id"], entry["text_id"]) in cited
        for statement in entry.get("statements", ())
    }
