"""Remains of HTML in a text, masked without moving a character, so that spans of the mask are spans of the text."""

from __future__ import annotations

import re

BREAK, BLANK = "\x1e", "\x1f"
"""Where a statement ends; a blank that ends none. Both are white space to `re` and `str`."""
_BLOCKS = (
    "address|article|blockquote|br|center|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|th|thead|tr|ul"
)
_INLINE = "a|b|em|font|i|img|small|span|strong|sub|sup|u"
# Only names of HTML: `<LED lamps>` is a title in angle brackets.
_MARKUP = re.compile(
    rf"</?(?:(?P<block>{_BLOCKS})|{_INLINE})(?:\s[^<>]{{0,200}})?/?>"
    r"|&(?:(?P<kept>amp)|(?P<mark>bull|middot|hellip)|nbsp|ensp|emsp|lt|gt|quot|apos|ndash|mdash|rarr|copy|reg|trade"
    r"|times|deg|#\d{1,6}|#x[0-9a-f]{1,5});|&nbsp(?![a-z])",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """A text of the same length: tags of blocks and marks of lists are BREAK, all other markup is BLANK."""
    return _MARKUP.sub(_mask, text) if "<" in text or "&" in text else text


def _mask(found: re.Match[str]) -> str:
    if found["kept"]:
        return "&" + BLANK * (len(found[0]) - 1)
    return (BREAK if found["block"] or found["mark"] else BLANK) * len(found[0])
