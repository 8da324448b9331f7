"""If-Match: a write that is only meant for the revision that the client has read (RFC 9110, 13.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from .refusals import PreconditionMissing, StaleRevision


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The revisions that the client has seen; None where it sent no header. A use case checks it after its 404."""

    tags: frozenset[str] | None

    @staticmethod
    def of(header: str | None) -> IfMatch:
        """Parses the header's value. Tags are compared as text, so a malformed one simply never matches."""
        return IfMatch(None if header is None else frozenset(tag.strip() for tag in header.split(",")))

    def must_match(self, revision: int, *, required: bool = True) -> None:
        """Raises PreconditionMissing (428) or StaleRevision (412). A weak tag never matches (RFC 9110, 13.1.1)."""
        if self.tags is None:
            if required:
                raise PreconditionMissing
            return
        if "*" not in self.tags and etag(revision) not in self.tags:
            raise StaleRevision


def etag(revision: int) -> str:
    """The strong entity tag of a revision."""
    return f'"{revision}"'
