"""What an error of the driver means for the work in hand: decide again, refuse, or wait."""

from __future__ import annotations

from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError

from ..model.failures import ConcurrentWrite, Rejected, TransactionTooLong, Unavailable, safe_text

WRITE_CONFLICT, DUPLICATE_KEY = 112, 11000
TRANSACTION_TOO_LARGE, BSON_TOO_LARGE, NO_SUCH_TRANSACTION = 257, 10334, 251
# Codes that describe the server, not the data: https://www.mongodb.com/docs/manual/reference/error-codes/
INFRASTRUCTURE = frozenset(
    {6, 7, 13, 18, 24, 46, 50, 89, 91, 189, 202, 246, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436, 14031}
)


def classify(error: Exception) -> Exception:
    """Returns ConcurrentWrite, Rejected or Unavailable for an error of the driver, and any other error unchanged.

    What is not known to be caused by the data counts as Unavailable, so that no outage is taken for a bad record."""
    match error:
        case BulkWriteError(details={"writeErrors": [{"code": int(code)} as first, *_]}):
            return _classify_write(code, first.get("keyPattern"))
        case DuplicateKeyError(details=details):
            return _classify_write(DUPLICATE_KEY, (details or {}).get("keyPattern"))
        case DocumentTooLarge():
            return Rejected("the document is larger than MongoDB takes")
        case OperationFailure(code=code):
            return _classify_operation(error, code)
        case PyMongoError() | ConnectionError() | TimeoutError():
            return _unavailable(error)
    return error


def _classify_operation(error: OperationFailure, code: int | None) -> Exception:
    if code == TRANSACTION_TOO_LARGE:
        return TransactionTooLong(f"code {code}")
    if code == NO_SUCH_TRANSACTION:
        return TransactionTooLong("the transaction had ended before its commit")
    if code == BSON_TOO_LARGE:
        return Rejected(f"code {code}")
    if code not in INFRASTRUCTURE and error.has_error_label("TransientTransactionError"):
        return ConcurrentWrite(f"code {code}")
    return _unavailable(error)


def _classify_write(code: int, key_pattern: object) -> Exception:
    # A duplicate _id is a lost race; a duplicate in any other unique index lies in the data.
    if code == WRITE_CONFLICT or (code == DUPLICATE_KEY and key_pattern in (None, {"_id": 1})):
        return ConcurrentWrite(f"code {code}")
    if code in INFRASTRUCTURE:
        return Unavailable(f"code {code}")
    return Rejected(f"code {code}")


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"{type(error).__name__} code {getattr(error, 'code', None)}")


def explain(error: BaseException) -> str:
    """`safe_text` of what an error means; for logs of everything that talks to MongoDB."""
    return safe_text(classify(error) if isinstance(error, Exception) else error)
