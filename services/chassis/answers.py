"""Answers to commands, kept for a day with their Idempotency-Key so that a retry hears the same."""

from __future__ import annotations

import datetime as dt

from fastapi import Response
from pydantic import BaseModel

from .documents import Collection, Document


class Answer(BaseModel):
    """What a command is answered with once it is committed."""

    status: int
    body: bytes
    etag: str | None = None
    location: str | None = None

    @classmethod
    def of(
        cls, body: BaseModel, *, status: int = 200, revision: int | None = None, location: str | None = None
    ) -> Answer:
        tag = None if revision is None else f'"{revision}"'
        return cls(status=status, body=body.model_dump_json(exclude_none=True).encode(), etag=tag, location=location)

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
    """`subject` is the aggregate whose data the answer holds: it goes when that is erased."""

    fingerprint: str
    subject: str
    status: int = 0
    body: bytes = b""
    etag: str | None = None
    location: str | None = None
    answered_at: dt.datetime | None = None

    @classmethod
    def blank(cls, id: str, *, fingerprint: str, subject: str) -> StoredAnswer:
        return cls(id=id, fingerprint=fingerprint, subject=subject)

    def holding(self, answer: Answer, *, at: dt.datetime) -> StoredAnswer:
        return self.model_copy(update={**answer.model_dump(), "answered_at": at})

    def answer(self) -> Answer:
        return Answer(status=self.status, body=self.body, etag=self.etag, location=self.location)


ANSWERS = Collection("answers", StoredAnswer)
