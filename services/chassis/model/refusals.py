"""Business rejections: what a rule refuses, and how the caller is told. No driver, no loop, no HTTP in here."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """A business rule rejected the request.

    `detail` is shown to callers and written to dead letters, so it holds no payload and no personal data. `type` is
    the stable last segment of the problem's type URI. `extra` is added to the problem document."""

    def __init__(self, type: str, detail: str, *, extra: Mapping[str, object] | None = None) -> None:
        super().__init__(detail)
        self.type, self.detail, self.extra = type, detail, dict(extra or {})


class Unauthenticated(Refused):
    """401: there is no token, or it is not valid here. `detail` says why and never repeats the token."""

    def __init__(self, detail: str) -> None:
        super().__init__("unauthenticated", detail)


class NotJudged(Refused):
    """503: what it takes to judge the request is away, so nothing is said of it. It may be sent again, as it is, after
    `retry_after` seconds."""

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__("unavailable", detail)
        self.retry_after = retry_after


class Forbidden(Refused):
    """403: the caller's role may not do this at all, for any owner of the resource."""

    def __init__(self, detail: str) -> None:
        super().__init__("forbidden", detail)


class NotFound(Refused):
    """404: unknown, not arrived yet, or somebody else's. The three look the same from outside."""

    def __init__(self, detail: str, *, retry_after: int | None = None, awaits: tuple[str, str] | None = None) -> None:
        """`retry_after` (seconds): the id may be on its way; the client may ask again after this. `awaits` (collection
        and id) names what may be on its way: the request waits for it a moment before it is refused."""
        super().__init__("not-found", detail)
        self.retry_after, self.awaits = retry_after, awaits


class Invalid(Refused):
    """422: the request cannot be right as it stands. `pointer` (JSON Pointer) names the field, never its value."""

    def __init__(self, detail: str, *, pointer: str = "", type: str = "invalid") -> None:
        super().__init__(type, detail, extra={"errors": [{"pointer": pointer, "detail": detail}]})


class PreconditionMissing(Refused):
    """428: the write needs If-Match and has none."""

    def __init__(self) -> None:
        super().__init__(
            "precondition-required",
            "This write needs If-Match with the ETag of the revision that you read; read it first.",
        )


class StaleRevision(Refused):
    """412: the revision in If-Match is not the current one."""

    def __init__(self) -> None:
        super().__init__("stale", "Somebody has written since the revision in If-Match; read it again and decide anew.")


class InvalidState(Refused):
    """409: the present state does not allow the act. `type` says which rule, for example `taken`."""


class QuotaReached(Refused):
    """429: the caller has, or has asked for, as much as it may. `type` says which quota; `detail` says when there is
    room again; `retry_after` (seconds) when to ask. `quota` is its name in metrics, if several have the same type."""

    def __init__(self, type: str, detail: str, *, retry_after: int, quota: str | None = None) -> None:
        super().__init__(type, detail)
        self.retry_after, self.quota = retry_after, quota or type


class Unreadable(Refused):
    """A record does not follow the contract. It becomes a dead letter and never pauses its partition."""

    def __init__(self, detail: str) -> None:
        super().__init__("unreadable", detail)
