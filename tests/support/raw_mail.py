"""Reads a mail from its bytes (RFC 5322, 2045 to 2047), as strictly as it can and without Python's `email`.

What Python's parser thinks of a mail is not what every reader thinks of it, and it is the parser that was fooled."""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from functools import cached_property

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+):(.*)", re.DOTALL)
_WORD = re.compile(rb"=\?([A-Za-z0-9-]+)\?([BbQq])\?([\x21-\x3e\x40-\x7e]*)\?=")
_BETWEEN_WORDS = re.compile(rb"(\?=)[ \t]+(?==\?)")


@dataclass(frozen=True)
class RawMail:
    """A mail, or a part of one, as it went over the wire."""

    raw: bytes

    @cached_property
    def fields(self) -> list[tuple[str, bytes]]:
        """Name and unfolded value of each header, undecoded. Fails for a line that no reader must accept."""
        found: list[tuple[str, bytes]] = []
        for line in self._lines():
            if line[:1] in (b" ", b"\t"):
                assert found, "the head begins with a continuation"
                found[-1] = (found[-1][0], found[-1][1] + line)
                continue
            field = _FIELD.fullmatch(line)
            assert field, f"not a header: {line!r}"
            found.append((field[1].decode("ascii"), field[2]))
        return [(name, value.strip()) for name, value in found]

    @property
    def head(self) -> bytes:
        """The head as it is, folded."""
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """All that follows the head."""
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def names(self) -> list[str]:
        """The names of all headers, in order."""
        return [name for name, _ in self.fields]

    def raw_value(self, name: str) -> bytes | None:
        """The undecoded value of a header that occurs at most once."""
        found = [value for known, value in self.fields if known.lower() == name.lower()]
        assert len(found) <= 1, f"{name} occurs {len(found)} times"
        return found[0] if found else None

    def __getitem__(self, name: str) -> str:
        """The value as its reader sees it; empty if there is no such header."""
        return decoded(self.raw_value(name) or b"")

    @cached_property
    def parts(self) -> dict[str, RawMail]:
        """The parts of a multipart, by media type."""
        kind = self["Content-Type"]
        boundary = re.search(r'boundary="([^"]+)"', kind)
        assert kind.startswith("multipart/alternative") and boundary, kind
        chunks = self.body.split(b"--" + boundary[1].encode())
        assert chunks[-1].strip() == b"--", "the last boundary is missing"
        parts = [RawMail(chunk.removeprefix(b"\r\n")) for chunk in chunks[1:-1]]
        return {part["Content-Type"].partition(";")[0]: part for part in parts}

    @property
    def text(self) -> str:
        """The decoded text of a part. Its line ends are those of the wire."""
        assert self["Content-Transfer-Encoding"] == "base64"
        assert all(len(line) <= 76 for line in self.body.split(b"\r\n"))
        return base64.b64decode(self.body.replace(b"\r\n", b""), validate=True).decode("utf-8")

    def _lines(self) -> list[bytes]:
        lines = self.head.split(b"\r\n")
        for line in lines:
            assert line.isascii() and b"\r" not in line and b"\n" not in line and b"\0" not in line, line
            assert len(line) <= 998 and line.strip(), line
            words = [word[0] for word in _WORD.finditer(line)]
            assert not words or len(line) <= 76, "a line with an encoded word has at most 76 characters"
            assert all(len(word) <= 75 for word in words), "an encoded word has at most 75 characters"
        return lines


def decoded(value: bytes) -> str:
    """A header's value as its reader sees it: encoded words are decoded once (RFC 2047, section 6.2)."""
    joined = _BETWEEN_WORDS.sub(rb"\1", value)
    out, end = "", 0
    for word in _WORD.finditer(joined):
        out += joined[end : word.start()].decode("ascii")
        # Each word is decoded alone: a character must not be split between two of them.
        out += _octets(word).decode(word[1].decode())
        end = word.end()
    return out + joined[end:].decode("ascii")


def _octets(word: re.Match[bytes]) -> bytes:
    if word[2] in b"Bb":
        return base64.b64decode(word[3], validate=True)
    return quopri.decodestring(word[3].replace(b"_", b" "))
