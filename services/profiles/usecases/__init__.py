"""What profiles does: load, decide, save.

profiles   create, edit, publish, withdraw, erase, read
members    a person's own record at a profile
search     public profiles, a page at a time
documents  writes a profile or a member together with the document that lists it
access     who may act on a profile or a record
answers    empties stored answers that may hold erased data
census     counts what there is, for the gauges
"""

from .members import MemberResult, forget_member, read_member, save_member
from .profiles import (
    create_profile,
    erase_profile,
    publish_profile,
    read_profile,
    replace_profile,
    withdraw_profile,
)
from .search import SearchPage, search_profiles

__all__ = [
    "MemberResult",
    "SearchPage",
    "create_profile",
    "erase_profile",
    "forget_member",
    "publish_profile",
    "read_member",
    "read_profile",
    "replace_profile",
    "save_member",
    "search_profiles",
    "withdraw_profile",
]
