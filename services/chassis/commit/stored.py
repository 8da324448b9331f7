"""Documents as MongoDB stores them: with a revision, as a gravestone once erased, encoded once."""

from __future__ import annotations

from bson import encode
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, UpdateOne

from ..model.documents import Doc
from ..model.events import Cause
from ..model.failures import Rejected
from .job_kind import JobKind, P

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 - 16 * 1024


def is_live(doc: Doc | None) -> bool:
    """Whether there is such a document: neither absent nor a gravestone."""
    return doc is not None and not doc.get("gone")


def as_read(before: Doc) -> Doc:
    """The filter that finds the document only if it is still the one that was read, and if nothing that expects it has
    been committed since: who writes it may have looked for that before, and not found it yet."""
    return {"_id": before["_id"], "revision": before["revision"], "guard": before.get("guard")}


def expectation(id: str, before: Doc | None) -> InsertOne[Doc] | UpdateOne:
    """A real change of a document that must still be as it was read: MongoDB detects conflicts between writes only, so
    two transactions that only read each other's documents would both commit (write skew). Of two that expect one
    document neither disturbs the other, unless they are committed at one moment."""
    if before is None:
        return InsertOne({"_id": id, "revision": 0, "at": 0, "gone": True})
    return UpdateOne({"_id": id, "revision": before["revision"]}, {"$inc": {"guard": 1}})


def encoded(doc: Doc) -> RawBSONDocument:
    """Encoded once, so that the size is exact, and later changes of the object change nothing. Raises Rejected."""
    raw = encode(doc)
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise Rejected("the document is larger than MongoDB takes")
    return RawBSONDocument(raw)


def job_doc(kind: JobKind[P], payload: P, cause: Cause) -> Doc:
    """A new job, without its times."""
    return {
        "kind": kind.name,
        "tries": 0,
        "payload": payload.model_dump(exclude_none=True),
        "correlation": cause.chain,
        "traceparent": cause.traceparent,
    }
