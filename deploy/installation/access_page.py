"""`docs/access.md`: the same grants as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .access import PRINCIPALS, Grant

HEAD = """# Who may do what on Kafka
Made from `schemas/topics` by `make access`, together with `deploy/kafka/grants`, which `deploy/compose.secure.yaml`
applies. What is not here is denied. A name that ends in `*` stands for all names that begin so; `Read` and `Write` let
a principal also describe. `reader`, `partner` and `operator` are outside; the others are inside the installation.
[operations.md](operations.md) says how they log in, and the page of a topic how access to it is granted.
"""
KINDS = {"topic": "Topics", "group": "Consumer groups", "transactional-id": "Transactional ids"}


def page(found: Sequence[Grant]) -> str:
    """The whole file."""
    return HEAD + "".join(_section(kind, [grant for grant in found if grant.kind == kind]) for kind in KINDS)


def _section(kind: str, found: Sequence[Grant]) -> str:
    return f"\n## {KINDS[kind]}\n" + "\n".join(_lines(found)) + "\n"


def _lines(found: Sequence[Grant]) -> Iterator[str]:
    yield _row(["", *PRINCIPALS])
    yield _row(["---"] * (1 + len(PRINCIPALS)))
    for name in sorted({resource(grant) for grant in found}):
        yield _row([f"`{name}`", *(_operations(found, principal, name) for principal in PRINCIPALS)])


def resource(grant: Grant) -> str:
    """Its name, with a `*` where it stands for all names that begin so."""
    return grant.name + "*" * grant.prefixed


def _operations(found: Sequence[Grant], principal: str, name: str) -> str:
    named = [grant.operations for grant in found if grant.principal == principal and resource(grant) == name]
    return ", ".join(sorted({operation for operations in named for operation in operations}))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
