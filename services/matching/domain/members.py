"""Who a person is: a member of an organisation. The same pseudonym in another organisation is another person."""

from __future__ import annotations


def member_key(org: str, member_id: str) -> str:
    """The id of a member across organisations. Neither part has a slash, so no two members share one."""
    return f"{org}/{member_id}"
