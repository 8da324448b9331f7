"""Judges copies of the contract: a directory a line on standard input, an answer in JSON a line on standard output."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import jsonschema
import pydantic.json_schema
import yaml

LOADED = (pydantic.json_schema, yaml)
"""In memory before the first fork."""


def judged(directory: str) -> Any:
    """Generates what is generated, then says what is wrong beside, and what the gate says."""
    sys.path.insert(0, directory)
    os.chdir(directory)
    from schemas import compatibility, generate, publish, samples
    from schemas.catalogue import EVENTS
    from schemas.envelope import schema_path

    sys.stdout = sys.stderr
    generate.write()
    wrong = []
    for name in sorted(EVENTS):
        value = samples.example(name)["value"]
        if value is not None:
            schema = json.loads((publish.SCHEMAS / schema_path(name, "writer")).read_text())
            found = jsonschema.Draft202012Validator(schema).iter_errors(value)
            wrong += [f"{name}: {error.message}" for error in found]
    said = compatibility.digest_errors() + compatibility.breaks_of(generate.present())
    return {"beside": generate.stale() + wrong, "said": said}


def main() -> None:
    """Until the input ends."""
    for line in sys.stdin:
        if os.fork() == 0:
            out = sys.stdout
            try:
                answer = judged(line.strip())
            except BaseException:
                answer = {"beside": [traceback.format_exc()], "said": []}
            out.write(json.dumps(answer) + "\n")
            out.flush()
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    # Not this file's own folder: `schemas` is the copy's.
    sys.path = [path for path in sys.path if path and Path(path) != Path(__file__).parent]
    main()
