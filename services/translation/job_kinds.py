"""Kinds of jobs of translation, with their payloads as they are stored."""

from __future__ import annotations

from services.chassis.commit import JobKind, Payload


class TranslationJob(Payload):
    """A text and the language to translate it into."""

    text_id: str
    lang: str
    owner: str = ""


class TextJob(Payload):
    """A text."""

    text_id: str


TRANSLATE = JobKind("translate", TranslationJob)
SWEEP = JobKind("sweep", TextJob)
