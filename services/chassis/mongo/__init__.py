"""A service's own MongoDB: the database, mongod's clock, leases, a collection in memory, a signal of changes."""

from .collection_cache import CollectionCache
from .database import GAPS, OPERATOR_ACTS, Database, open_database
from .errors import explain

__all__ = ["GAPS", "OPERATOR_ACTS", "CollectionCache", "Database", "explain", "open_database"]
