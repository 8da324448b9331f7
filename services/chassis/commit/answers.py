"""Answers to commands, stored for a day with their Idempotency-Key so that a retry gets the same answer.

An erasure empties them and never deletes a key: its retry would be taken for a new act, and done a second time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from ..model.documents import Collection, Doc, Document
from ..model.preconditions import etag
from ..mongo.database import Database


class Answer(BaseModel):
    """What a command is answered with once it is committed."""

    model_config = ConfigDict(hide_input_in_errors=True)

    status: int
    body: bytes
    etag: str | None = None
    location: str | None = None
    subject: str = ""
    """The aggregate whose data it holds: the body of a stored answer is removed when that is erased."""
    is_secret: bool = Field(default=False, exclude=True)
    """Its body is not stored: it is made again from its subject when the key is repeated."""

    @classmethod
    def of(
        cls,
        body: BaseModel,
        *,
        subject: str,
        status: int = 200,
        revision: int | None = None,
        location: str | None = None,
        is_secret: bool = False,
    ) -> Answer:
        """An answer with a JSON body, without its null fields. `revision` becomes the ETag."""
        tag = None if revision is None else etag(revision)
        text = body.model_dump_json(exclude_none=True).encode()
        return cls(status=status, body=text, etag=tag, location=location, subject=subject, is_secret=is_secret)

    @classmethod
    def empty(cls) -> Answer:
        """204, without a body."""
        return cls(status=204, body=b"")


class StoredAnswer(Document):
    """An answer under its Idempotency-Key. `fingerprint` is the hash of the body, and of the query if
    there was one, that the key was first used with.

    A body that is secret, or over MAX_STORED_BYTES, is not stored, and an erasure removes those of its organisation: it
    is made again from its subject when the key is repeated."""

    fingerprint: str
    org: str = ""
    subject: str = ""
    status: int = 0
    body: bytes = b""
    etag: str | None = None
    location: str | None = None
    answered_at: dt.datetime | None = None
    is_cut: bool = False
    """Whether its body is not stored: it was too large, or secret, or something of it was erased since."""

    @classmethod
    def blank(cls, id: str, *, org: str, fingerprint: str) -> StoredAnswer:
        """A key of an organisation that has no answer yet."""
        return cls(id=id, org=org, fingerprint=fingerprint)

    def holding(self, answer: Answer, *, at: dt.datetime) -> StoredAnswer:
        """The same key with its answer."""
        kept = answer.model_dump()
        is_cut = answer.is_secret or len(answer.body) > MAX_STORED_BYTES
        if is_cut:
            kept["body"] = b""
        return self.model_copy(update={**kept, "answered_at": at, "is_cut": is_cut})

    def answer(self) -> Answer:
        """The answer to repeat."""
        return Answer(status=self.status, body=self.body, etag=self.etag, location=self.location)


ANSWERS = Collection("answers", StoredAnswer)
MAX_STORED_BYTES = 4096
"""Of a body: most answers are smaller; a profile may have 222 KiB, and a key is used once in a day."""


async def forget_answers_of(database: Database, org: str) -> None:
    """Removes the bodies of what was answered to an organisation, when something of it is erased. Idempotent."""
    await _empty(database, {"org": org})


async def forget_answers(database: Database, subjects: Sequence[str]) -> None:
    """Removes the bodies of the answers about aggregates that were erased. Idempotent; no new ones come after an
    erasure."""
    await _empty(database, {"subject": {"$in": list(subjects)}})


async def _empty(database: Database, chosen: Doc) -> None:
    # Only those that have a body: one that never had any (204) is still the whole answer.
    await database.db[ANSWERS.name].update_many(
        {**chosen, "body": {"$ne": b""}}, {"$set": {"body": b"", "is_cut": True}}
    )
