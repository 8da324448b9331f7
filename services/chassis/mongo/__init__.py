"""A service's own MongoDB: the database, mongod's clock, leases, a collection in memory, a signal of changes."""

from .collection_cache import CollectionCache
from .database import OPERATOR_ACTS, Database, open_database
from .errors import explain

__all__ = ["OPERATOR_ACTS", "CollectionCache", "Database", "explain", "open_database"]
