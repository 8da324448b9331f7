"""`python -m tests.contract.node`: does the official parser take asyncapi.yaml? If not, exits with 1 and says why."""

from __future__ import annotations

import sys

from schemas import asyncapi

from . import ask

ERROR = 0
"""Of the parser's severities."""

(answer,) = ask("asyncapi.cjs", [str(asyncapi.FILE)])
errors = [f"schemas/asyncapi.yaml, {where}: {what}" for severity, where, what in answer["found"] if severity == ERROR]
if errors or not answer["valid"]:
    sys.exit("\n".join(errors) or "schemas/asyncapi.yaml is no AsyncAPI document")
print(f"asyncapi.yaml: {answer['channels']} channels, valid for the official parser")
