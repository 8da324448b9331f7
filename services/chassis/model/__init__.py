"""What documents, events and refusals are. Pure: no driver, no event loop, no HTTP. Domains may use this room only."""

from .caller import ROLES, Caller
from .documents import AnyCollection, Collection, Doc, Document, Index, Projection, Ref, is_newer
from .events import IDENTIFIER, Cause, Incoming
from .failures import ConcurrentWrite, Rejected, Unavailable, WorkFailed, safe_text, safe_traceback
from .folding import fold
from .ids import derived_id, fresh_id
from .preconditions import IfMatch, etag
from .pseudonyms import PSEUDONYM, Pseudonym, is_pseudonym, opaque, personal_number
from .refusals import (
    Forbidden,
    Invalid,
    InvalidState,
    NotFound,
    NotJudged,
    PreconditionMissing,
    QuotaReached,
    Refused,
    StaleRevision,
    Unauthenticated,
)
from .retry_after import retry_after_seconds
from .targets import MAX_URL_LENGTH, Target, ascii_domain, parse_target, pinned
from .texts import (
    Instant,
    PrivateText,
    PublicName,
    PublicText,
    PublicUrl,
    Slug,
    clean,
    confirming_public,
    public_text,
    public_url,
)
from .topic_names import TopicNames
from .zones import PlaceZone, place_zone

__all__ = [
    "IDENTIFIER",
    "MAX_URL_LENGTH",
    "PSEUDONYM",
    "ROLES",
    "AnyCollection",
    "Caller",
    "Cause",
    "Collection",
    "ConcurrentWrite",
    "Doc",
    "Document",
    "Forbidden",
    "IfMatch",
    "Incoming",
    "Index",
    "Instant",
    "Invalid",
    "InvalidState",
    "NotFound",
    "NotJudged",
    "PlaceZone",
    "PreconditionMissing",
    "PrivateText",
    "Projection",
    "Pseudonym",
    "PublicName",
    "PublicText",
    "PublicUrl",
    "QuotaReached",
    "Ref",
    "Refused",
    "Rejected",
    "Slug",
    "StaleRevision",
    "Target",
    "TopicNames",
    "Unauthenticated",
    "Unavailable",
    "WorkFailed",
    "ascii_domain",
    "clean",
    "confirming_public",
    "derived_id",
    "etag",
    "fold",
    "fresh_id",
    "is_newer",
    "is_pseudonym",
    "opaque",
    "personal_number",
    "parse_target",
    "pinned",
    "place_zone",
    "public_text",
    "public_url",
    "retry_after_seconds",
    "safe_text",
    "safe_traceback",
]
