"""The snippets of docs/subscribers.md do what the text beside them says. Its commands for the examples are run by
tests/integration/subscribers/test_guide.py."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import shutil
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest
from standardwebhooks import Webhook

from schemas.guide import FILE
from schemas.registry import registry
from services.notifications.webhooks.api.bodies import WebhookIn
from tests.contract import node
from tests.support.contract import valid

GUIDE = FILE.read_text()
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"specversion": "1.0", "type": "magpie.profile.erased", "data": None})
NEEDS_NODE = pytest.mark.skipif(shutil.which("npm") is None, reason="the snippet runs on Node.js")
RUN_ELSEWHERE = {"address", "python", "javascript", "java", "typed", "beside"}
JAVA = FILE.parents[1] / "examples" / "subscribers" / "java" / "src" / "main" / "java" / "Directory.java"


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def signed() -> dict[str, str]:
    now = dt.datetime.now(dt.UTC)
    signature = Webhook(SECRET).sign("e-1", now, BODY)
    return {"webhook-id": "e-1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def by_node(script: str, **given: Any) -> Any:
    before = f"const given = {json.dumps(given)};\nconst {{Webhook}} = require('standardwebhooks');\n"
    before += "const {CloudEvent} = require('cloudevents');\nconst {secret, body, headers, message} = given;\n"
    # As clients give them: values as bytes.
    before += "for (const name in message?.headers) message.headers[name] = Buffer.from(message.headers[name]);\n"
    done = subprocess.run(
        ["node", "-e", f"{before}{script}\nconsole.log(JSON.stringify(event));"],
        env=os.environ | {"NODE_PATH": str(node.modules())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_snippet_is_run_somewhere() -> None:
    marked = set(re.findall(r"<!-- (\w+) -->\n```sh\n", GUIDE))
    assert marked == RUN_ELSEWHERE | {"login"}
    others = [text for text in snippets("sh") if not any(f"<!-- {name} -->\n```sh\n{text}" in GUIDE for name in marked)]
    assert [text.split()[0] for text in others] == ["make", "curl"]
    assert (len(snippets("js")), len(snippets("python"))) == (2, 1)
    assert len(re.findall(r"^```\w+$", GUIDE, re.MULTILINE)) == len(marked) + len(others) + 4


def test_the_login_is_what_the_examples_take() -> None:
    (export,) = [text for text in snippets("sh") if text.startswith("export KAFKA_BOOTSTRAP=kafka")]
    given = [word.partition("=")[0] for word in shlex.split(export)[1:]]
    examples = FILE.parents[1] / "examples" / "subscribers"
    for file in ("python/directory.py", "javascript/directory.mjs", "java/src/main/java/Directory.java"):
        assert all(name in (examples / file).read_text() for name in given), file


def test_the_settings_for_java_are_those_of_the_example() -> None:
    (properties,) = snippets("properties")
    text = JAVA.read_text()
    for name, _, value in (line.partition("=") for line in properties.splitlines()):
        assert f'found.put("{name}"' in text
        fixed = value if name not in ("bootstrap.servers", "sasl.jaas.config", "ssl.truststore.location") else ""
        assert f'found.put("{name}", "{fixed}"' in text or not fixed


@NEEDS_NODE
def test_an_erasure_is_made_of_its_headers_in_javascript() -> None:
    example = valid("magpie.profile.erased")["tombstone"]
    event = by_node(snippets("js")[0], message={"headers": example["headers"]})
    assert (event["type"], event["subject"]) == ("magpie.profile.erased", example["key"])
    assert event["sequence"] == example["headers"]["ce_sequence"] and "data" not in event


@NEEDS_NODE
def test_a_webhook_is_verified_in_javascript() -> None:
    assert by_node(snippets("js")[1], secret=SECRET, body=BODY, headers=signed()) == json.loads(BODY)


def test_a_webhook_is_verified_in_python() -> None:
    names: dict[str, Any] = {"Webhook": Webhook, "secret": SECRET}
    exec(snippets("python")[0], names | {"request": SimpleNamespace(body=BODY, headers=signed())}, names)
    assert names["event"] == json.loads(BODY)


def test_what_registers_a_webhook_is_taken() -> None:
    (command,) = [text for text in snippets("sh") if text.startswith("curl")]
    words = shlex.split(command)
    body = WebhookIn.model_validate_json(words[words.index("-d") + 1])
    public = {event for topic in registry() if topic.classification == "public" for event in topic.events}
    assert body.types and set(body.types) <= public
    (address,) = [word for word in words if word.startswith("https://...")]
    assert (
        address.removeprefix("https://.../notifications") == "/v1/webhooks" and words[words.index("-X") + 1] == "POST"
    )
