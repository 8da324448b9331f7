"""Whether what is written today can be read by those who read a released contract, and the other way round.

contract    what is compared: schemas, topic pages and headers, of today or of a release
shapes      a JSON Schema as fields, each with its types, bounds and vocabulary
events      the two-schema method: today's writer against released readers, released writers against today's reader
pages       topics and headers
breaks      a difference that breaks somebody, as a sentence
releases    released contracts, which never change, and how one is made
"""

from .breaks import Break
from .contract import Contract, pages_in
from .pages import compared
from .releases import RELEASED, Refused, breaks_of, digest_errors, release, versions

__all__ = [
    "RELEASED",
    "Break",
    "Contract",
    "Refused",
    "breaks_of",
    "compared",
    "digest_errors",
    "pages_in",
    "release",
    "versions",
]
