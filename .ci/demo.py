"""What `make demo` runs: prepare everything, then serve the demo in the foreground until somebody stops it.

Prepares the schema, the demo data, the index and the matches with the same commands a person would type,
starts the web server, the jobs and the encoder as processes of their own, waits until the site answers that
it is ready, and says where to look. Ctrl-C or SIGTERM stops them and ends with 0; one of them ending by itself
stops the others and ends with 1. The encoder needs some seconds more to load its model: until then pages that
ask it say that they go by words.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from models.config import Settings  # noqa: E402  (only importable once the checkout is on the path)

HOST = "127.0.0.1"
LOGINS_FILE = "demo-logins.json"
# In this order: each needs what the one before it left. All of them are quick when there is nothing to do.
SCHEMA_AND_DATA = (("Schema", ("models", "upgrade")), ("Demo data", ("models", "seed")))
# The first index takes a minute or more and shows how far it is; later ones are a matter of the job below.
FIRST_INDEX = ("Model and index", ("matcher", "index", "update"))
MATCHES = ("Matches", ("jobs", "once", "reindex"))
READY_WITHIN_SECONDS = 120
POLL_SECONDS = 0.1


class CannotServe(Exception):
    """The demo cannot go on; the message is for the person who started it."""


@dataclass
class Supervisor:
    """The processes of the demo, and whether somebody asked to stop them."""

    environment: dict[str, str]
    stop_within_seconds: float = 15
    stop_asked: bool = False
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def listen_for_stop(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the same wish."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember_stop)

    def _remember_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked = True

    def start(self, name: str, *arguments: str, **variables: str) -> None:
        """Start `python -m ARGUMENTS` under this name, with these variables beside the common ones.

        In a session of its own, so that Ctrl-C in the terminal reaches us alone and a child is stopped once.
        """
        command = [sys.executable, "-m", *arguments]
        self.children[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ended(self) -> str | None:
        """Name of a child that has ended by itself, if one has."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def run(self, name: str, *arguments: str) -> None:
        """Run one command to its end, or until somebody asks to stop.

        Raises CannotServe when the command fails; what went wrong it has said itself.
        """
        self.start(name, *arguments)
        while self.ended() is None and not self.stop_asked:
            time.sleep(POLL_SECONDS)
        if self.stop_asked:
            return
        if self.children.pop(name).returncode != 0:
            raise CannotServe(f"{name}: `python -m {' '.join(arguments)}` failed, see above.")

    def stop(self) -> None:
        """End every child: politely, then after a while for good."""
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + self.stop_within_seconds
        for child in self.children.values():
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self.children.clear()


def check_port_is_free(port: int) -> None:
    """Raise CannotServe if something listens on this port already: better now than after the preparations."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as err:
            raise CannotServe(
                f"Port {port} cannot be used ({err.strerror}): stop what listens there, or choose another,"
                f" e.g. make demo PORT={port + 1 if port < 65535 else 8001}"
            ) from err


def is_ready(port: int) -> bool:
    """Whether the site says that database, index and jobs are all there."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:  # not listening yet
        return False
    finally:
        connection.close()


def wait_until_ready(supervisor: Supervisor, port: int) -> None:
    """Return once the site is ready or somebody asks to stop. Raises CannotServe if it never gets there."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not supervisor.stop_asked and not is_ready(port):
        if name := supervisor.ended():
            raise CannotServe(f"{name} ended before the site was ready, see above.")
        if time.monotonic() > deadline:
            raise CannotServe(
                f"Not ready after {READY_WITHIN_SECONDS} seconds: see http://{HOST}:{port}/readyz"
            )
        time.sleep(POLL_SECONDS)


def watch(supervisor: Supervisor) -> None:
    """Return when somebody asks to stop. Raises CannotServe when a child ends by itself."""
    while not supervisor.stop_asked:
        if name := supervisor.ended():
            raise CannotServe(f"{name} ended by itself, see above.")
        time.sleep(POLL_SECONDS)


def welcome(settings: Settings, port: int) -> str:
    """What the person sees once everything runs: the address and the demo log-ins."""
    lines = ["", f"READY  http://{HOST}:{port}", "", *login_lines(settings.data_dir / LOGINS_FILE)]
    if settings.second_factor == "optional":
        lines += [
            "",
            "Two-factor log-in is not asked for in this demo (DUIJIE_SECOND_FACTOR=required asks for it).",
        ]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])


def login_lines(path: Path) -> list[str]:
    """One line a demo account; none are kept where the database was filled with something else first."""
    if not path.is_file():
        return ["(The database held other data already, so there are no demo log-ins.)"]
    accounts = json.loads(path.read_text(encoding="utf-8"))
    return [f"  {row['role']:<16} {row['email']:<24} {row['password']}" for row in accounts]


def preparations(settings: Settings) -> list[tuple[str, tuple[str, ...]]]:
    """The steps before the start, each with a name for the person who waits and the command that does it."""
    first_index = [] if settings.index_dir.exists() else [FIRST_INDEX]
    return [*SCHEMA_AND_DATA, *first_index, MATCHES]


def serve(supervisor: Supervisor, settings: Settings, port: int) -> None:
    """Prepare, start, wait, say so, and keep going. Returns when somebody asked to stop."""
    for name, arguments in preparations(settings):
        print(f"{name} ...", flush=True)
        supervisor.run(name, *arguments)
        if supervisor.stop_asked:
            return
    # The site answers many people at once: a small matrix product gains nothing from a second thread.
    serve_at = ("--host", HOST, "--port", str(port))
    supervisor.start("The web server", "web", "serve", *serve_at, OPENBLAS_NUM_THREADS="1")
    supervisor.start("The jobs", "jobs", "run")
    supervisor.start("The encoder", "matcher", "serve-encoder")
    wait_until_ready(supervisor, port)
    if not supervisor.stop_asked:
        print(welcome(settings, port), flush=True)
    watch(supervisor)


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(description="Prepare and serve the demo until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8000, help="port on this machine (default: 8000)")
    port = parser.parse_args().port
    # Whoever looks around has no time to set up a phone; the account page says that a real site asks for it.
    os.environ.setdefault("DUIJIE_SECOND_FACTOR", "optional")
    supervisor = Supervisor({**os.environ, "DUIJIE_BASE_URL": f"http://{HOST}:{port}"})
    supervisor.listen_for_stop()
    try:
        check_port_is_free(port)
        serve(supervisor, Settings(), port)
    except CannotServe as err:
        print(err, file=sys.stderr)
        return 1
    finally:
        supervisor.stop()
    print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
