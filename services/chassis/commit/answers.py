"""Answers to commands, stored for a day with their Idempotency-Key so that a retry gets the same answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel

from ..model.documents import Collection, Document
from ..model.preconditions import etag
from ..mongo.database import Database


class Answer(BaseModel):
    """What a command is answered with once it is committed."""

    status: int
    body: bytes
    etag: str | None = None
    location: str | None = None
    subject: str = ""
    """The aggregate whose data it holds: a stored answer is removed when that is erased."""

    @classmethod
    def of(
        cls,
        body: BaseModel,
        *,
        subject: str,
        status: int = 200,
        revision: int | None = None,
        location: str | None = None,
    ) -> Answer:
        """An answer with a JSON body, without its null fields. `revision` becomes the ETag."""
        tag = None if revision is None else etag(revision)
        text = body.model_dump_json(exclude_none=True).encode()
        return cls(status=status, body=text, etag=tag, location=location, subject=subject)

    @classmethod
    def empty(cls) -> Answer:
        """204, without a body."""
        return cls(status=204, body=b"")


class StoredAnswer(Document):
    """An answer under its Idempotency-Key. `fingerprint` is the hash of the body that the key was first used with."""

    fingerprint: str
    subject: str = ""
    status: int = 0
    body: bytes = b""
    etag: str | None = None
    location: str | None = None
    answered_at: dt.datetime | None = None

    @classmethod
    def blank(cls, id: str, *, fingerprint: str) -> StoredAnswer:
        """A key that has no answer yet."""
        return cls(id=id, fingerprint=fingerprint)

    def holding(self, answer: Answer, *, at: dt.datetime) -> StoredAnswer:
        """The same key with its answer."""
        return self.model_copy(update={**answer.model_dump(), "answered_at": at})

    def answer(self) -> Answer:
        """The answer to repeat."""
        return Answer(status=self.status, body=self.body, etag=self.etag, location=self.location)


ANSWERS = Collection("answers", StoredAnswer)


async def forget_answers(database: Database, subjects: Sequence[str]) -> None:
    """Removes the answers about aggregates that were erased. Idempotent; no new ones come after an erasure."""
    await database.db[ANSWERS.name].delete_many({"subject": {"$in": list(subjects)}})
