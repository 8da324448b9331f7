"""Mails as bytes (RFC 5322, 2045 to 2047): what others have written is encoded here, and nothing is ever parsed.

Python's `email` reads what it is given: an encoded word in a name would be decoded, and its line ends would become
headers of ours."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_LINE = 76
"""Of a line with an encoded word (RFC 2047, section 2)."""
MAX_PLAIN_LINE = 998
"""Of any other line (RFC 5322, 2.1.1)."""
_PREFIX, _SUFFIX = "=?utf-8?b?", "?="
_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
# Controls, line and paragraph separators, and what turns the direction of writing.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Foreign:
    """A text that somebody else has written, or that may contain such a text. It can stand in any header and stays
    text there."""

    text: str


@dataclass(frozen=True)
class Part:
    """One alternative of a mail: its media type with parameters, and its text."""

    content_type: str
    text: str


def one_line(text: str) -> str:
    """The text without line ends and controls; each run of them becomes one blank. All other blanks are kept."""
    return _BREAKS.sub(" ", text).strip()


def header(name: str, *values: str | Foreign) -> str:
    """One header with its line end, as plain ASCII. The only place where headers are made.

    A `str` is ours and stands there as it is. A `Foreign` becomes encoded words, or stays as it is if it has only
    Latin letters, digits and single blanks: so an encoded word in it is shown as it was written. Blanks separate the
    values. Raises ValueError for a name or a value of ours that is not printable ASCII or too long for a line."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header")
    lines = [f"{name}:"]
    for value in values:
        words = _encoded(value.text, len(name) + 2) if isinstance(value, Foreign) else [_plain(name, value)]
        for word in words:
            if _joins(lines, word):
                lines[-1] += f" {word}"
            else:
                lines.append(f" {word}")
    if any(len(line) > MAX_PLAIN_LINE for line in lines):
        raise ValueError(f"{name} is too long for a line of a mail")
    return "".join(f"{line}\r\n" for line in lines)


def _joins(lines: Sequence[str], word: str) -> bool:
    """Whether a word stands on the last line. The first one always does: a header must not begin with an empty line."""
    return (len(lines) == 1 and " " not in lines[0]) or len(lines[-1]) + 1 + len(word) <= MAX_LINE


def _plain(name: str, value: str) -> str:
    if not _PLAIN.fullmatch(value):
        raise ValueError(f"the value of {name} is not printable ASCII")
    return value


def _encoded(text: str, used: int) -> Iterator[str]:
    """The words of a foreign text. `used` is what stands before the first one on its line."""
    shown = one_line(text)
    if _PLAIN_TEXT.fullmatch(shown) and used + len(shown) <= MAX_LINE:
        yield shown
        return
    chunk = b""
    for character in shown:
        octets = character.encode()
        if chunk and len(chunk) + len(octets) > _room(used):
            yield _word(chunk)
            chunk, used = b"", 1
        chunk += octets
    if chunk:
        yield _word(chunk)


def _room(used: int) -> int:
    """Octets for one encoded word: base64 makes four characters of three. A long name of a header leaves at least one
    character of UTF-8."""
    return max(4, (MAX_LINE - used - len(_PREFIX) - len(_SUFFIX)) // 4 * 3)


def _word(octets: bytes) -> str:
    return f"{_PREFIX}{base64.b64encode(octets).decode()}{_SUFFIX}"


def alternatives(headers: Sequence[str], parts: Sequence[Part]) -> bytes:
    """A whole mail: headers made by `header`, and its alternatives from the plainest to the richest (RFC 2046)."""
    boundary = _boundary(parts)
    lines = [
        *headers,
        header("MIME-Version", "1.0"),
        header("Content-Type", "multipart/alternative;", f'boundary="{boundary}"'),
        "\r\n",
    ]
    for part in parts:
        lines += [f"--{boundary}\r\n", *_part(part)]
    return "".join([*lines, f"--{boundary}--\r\n"]).encode("ascii")


def _boundary(parts: Sequence[Part]) -> str:
    """Derived, so that a repeated mail is identical. `=_` occurs in no base64."""
    texts = "\0".join(part.text for part in parts).encode("utf-8", "replace")
    return f"=_{hashlib.sha256(texts).hexdigest()[:32]}"


def _part(part: Part) -> Iterator[str]:
    # base64: Korean and Chinese text passes servers without 8BITMIME, and no line exceeds SMTP's limit.
    yield header("Content-Type", part.content_type)
    yield header("Content-Transfer-Encoding", "base64")
    yield "\r\n"
    text = _LINE_END.sub("\r\n", part.text)
    yield base64.encodebytes(text.encode("utf-8", "replace")).decode().replace("\n", "\r\n")
