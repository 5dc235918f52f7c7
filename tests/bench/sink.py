"""A real SMTP server that takes every mail, keeps none and counts: `python -m tests.bench.sink [--port 2525]`.

Prints its port once it listens, and what it took, as JSON, when it is told to stop (Ctrl-C or SIGTERM).
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from dataclasses import dataclass, field

import click
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """What came in: mails, their bytes, how many each recipient got, and on how many connections."""

    n_bytes: int = 0
    recipients: Counter[str] = field(default_factory=Counter)
    connections: set[int] = field(default_factory=set)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take it; aiosmtpd looks for this name."""
        self.n_bytes += len(envelope.original_content or b"")
        self.recipients.update(envelope.rcpt_tos)
        self.connections.add(id(session))
        return "250 2.0.0 Ok: queued as 1"

    def to_json(self) -> dict[str, int]:
        """The counts."""
        return {
            "mails": self.recipients.total(),
            "recipients": len(self.recipients),
            "most_to_one": max(self.recipients.values(), default=0),
            "bytes": self.n_bytes,
            "connections": len(self.connections),
        }


@click.command(help="Take mails and count them until stopped.")
@click.option("--port", default=0, show_default="any free one", help="Port on this machine's loopback.")
def main(port: int) -> None:
    """In the foreground."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port or _free_port(), ready_timeout=60)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    controller.start()
    click.echo(controller.port)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()
    click.echo(json.dumps(sink.to_json()))


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
