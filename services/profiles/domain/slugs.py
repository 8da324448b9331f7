"""Topics and groups: short names in small Latin letters that firms choose, so that all of them write the same one."""

from __future__ import annotations

import re

from services.chassis.model import fold

PATTERN = r"^[a-z0-9]([a-z0-9_-]{0,60}[a-z0-9])?$"
"""For the documentation of the API: a refusal says it in words."""
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,60}[a-z0-9])?")
_BETWEEN = re.compile(r"[\s_-]+")
_FORM = "small letters a-z and digits, at most 62, with `-` between words"


def must_be_slug(text: str, example: str) -> str:
    """The text as it is. Raises ValueError, which says what a slug is, with an example."""
    if not _SLUG.fullmatch(text):
        raise ValueError(f"is not in the short form: {_FORM}, for example `{example}`")
    return text


def slug_of(typed: str) -> str:
    """The slug that a person means: case, width and what stands between the words do not count. Raises ValueError for
    what no slug can be, for example a word in Hangul."""
    slug = _BETWEEN.sub("-", fold(typed).strip())
    if not _SLUG.fullmatch(slug):
        raise ValueError(
            f"is no topic: one has {_FORM}, for example `semiconductor`; to search for words of any language, use q"
        )
    return slug


def spellings(slug: str) -> list[str]:
    """The forms under which firms may have stored a slug of `slug_of`."""
    return list(dict.fromkeys((slug, slug.replace("-", "_"), slug.replace("-", ""))))
