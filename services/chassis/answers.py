"""Answers to commands, kept for a day with their Idempotency-Key so that a retry hears the same."""

from __future__ import annotations

import datetime as dt

from fastapi import Response
from pydantic import BaseModel

from .database import Database
from .documents import Collection, Document


class Answer(BaseModel):
    """What a command is answered with once it is committed."""

    status: int
    body: bytes
    etag: str | None = None
    location: str | None = None
    subject: str = ""
    """The aggregate whose data it holds: a kept answer goes when that is erased."""

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
        tag = None if revision is None else f'"{revision}"'
        text = body.model_dump_json(exclude_none=True).encode()
        return cls(status=status, body=text, etag=tag, location=location, subject=subject)

    @classmethod
    def empty(cls) -> Answer:
        return cls(status=204, body=b"")

    def response(self) -> Response:
        headers = {"ETag": self.etag, "Location": self.location}
        return Response(
            self.body or None,
            self.status,
            {name: value for name, value in headers.items() if value is not None},
            media_type="application/json" if self.body else None,
        )


class StoredAnswer(Document):
    """An answer under its Idempotency-Key."""

    fingerprint: str
    subject: str = ""
    status: int = 0
    body: bytes = b""
    etag: str | None = None
    location: str | None = None
    answered_at: dt.datetime | None = None

    @classmethod
    def blank(cls, id: str, *, fingerprint: str) -> StoredAnswer:
        return cls(id=id, fingerprint=fingerprint)

    def holding(self, answer: Answer, *, at: dt.datetime) -> StoredAnswer:
        return self.model_copy(update={**answer.model_dump(), "answered_at": at})

    def answer(self) -> Answer:
        return Answer(status=self.status, body=self.body, etag=self.etag, location=self.location)


ANSWERS = Collection("answers", StoredAnswer)


async def forget_answers(database: Database, subjects: list[str]) -> None:
    """Removes what was answered about aggregates that are gone. Idempotent; after their erasure no new one comes."""
    await database.db[ANSWERS.name].delete_many({"subject": {"$in": subjects}})
