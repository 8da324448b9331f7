"""`python -m deploy.local up | run -- COMMAND | fetch`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from . import kafka, mongo
from .ports import PortTaken
from .processes import DidNotStart
from .services import PORTS
from .supervisor import supervised
from .system import ONE_OF_EACH, AlreadyRunning, System


def _replicas(text: str) -> tuple[str, int]:
    """An argument like `matching=2`."""
    name, _, count = text.partition("=")
    if name not in PORTS or not count.isdigit() or not 0 < int(count) <= 12:
        raise argparse.ArgumentTypeError(f"like matching=2; services are {', '.join(PORTS)}, replicas 1 to 12")
    return name, int(count)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="act", required=True)
    commands.add_parser("fetch", help="make Kafka's jars and mongod ready")
    up = commands.add_parser("up", help="start everything and keep it in this terminal until Ctrl-C")
    run = commands.add_parser("run", help="start everything, run a command against it, stop everything")
    for one in (up, run):
        one.add_argument("--dir", type=Path, default=Path(".magpie"), help="data, logs and run.json (default .magpie)")
        one.add_argument("--replicas", type=_replicas, action="append", default=[], metavar="SERVICE=N")
        one.add_argument("--only-servers", action="store_true", help="Kafka and MongoDB without the services")
        one.add_argument("--kafka-port", type=int, default=0, help="default: any free port")
        one.add_argument("--mongo-port", type=int, default=0, help="default: any free port")
        one.add_argument("--base-port", type=int, default=PORTS["profiles"], help="port of profiles (default 8101)")
    run.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND ...")
    return parser


def _without_separator(command: list[str]) -> list[str]:
    """The command without a `--` in front of it; any later `--` belongs to the command."""
    return command[1:] if command[:1] == ["--"] else command


def main() -> int:
    """Returns the exit code: that of the command for `run`, 1 if the system could not start, else 0."""
    parser = _parser()
    args = parser.parse_args()
    if args.act == "fetch":
        jars = kafka.fetch().split(os.pathsep)
        print(f"Kafka {kafka.VERSION}: {len(jars)} jars\nJava: {kafka.java()}\nmongod: {mongo.fetch()}")
        return 0
    command = _without_separator(args.command) if args.act == "run" else []
    if args.act == "run" and not command:
        parser.error("run needs a command: run -- COMMAND ...")
    system = System(
        args.dir,
        replicas={} if args.only_servers else {**ONE_OF_EACH, **dict(args.replicas)},
        kafka_port=args.kafka_port,
        mongo_port=args.mongo_port,
        base_port=args.base_port,
    )
    return _keep_up(system, command)


def _keep_up(system: System, command: list[str]) -> int:
    """Keeps the system up until the command ends, or until a signal if there is no command. Returns the exit code."""
    stop_requested = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop_requested.set())
    try:
        system.start()
    except (AlreadyRunning, PortTaken, DidNotStart, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if command:
            return _run(system, command, stop_requested)
        _print_addresses(system)
        with supervised(system, say=lambda text: print(text, file=sys.stderr, flush=True)):
            stop_requested.wait()
        return 0
    finally:
        system.stop()


def _run(system: System, command: list[str], stop_requested: threading.Event) -> int:
    """Runs the command; a signal to this process ends it early. Returns its exit code."""
    with subprocess.Popen(command, env={**os.environ, **system.environment()}) as process:
        while process.poll() is None:
            if stop_requested.wait(0.1):
                process.terminate()
                break
        return process.wait()


def _print_addresses(system: System) -> None:
    print(f"Kafka    {system.servers.bootstrap}\nMongoDB  {system.servers.uri}")
    for name, replicas in system.services.items():
        print(f"{name:14} {' '.join(f'{s.url} (docs {s.operations_url}/docs)' for s in replicas)}")
    print(
        "A token: "
        f"MAGPIE_STATE_DIR={system.directory} python -m services.chassis.tokens --org acme --role participant\n"
        f"Logs are in {system.directory / 'logs'}; Ctrl-C stops everything.",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
