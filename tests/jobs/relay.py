"""A real SMTP server on this machine that does as it is told: accepts, refuses at a stage, or hangs up."""

# ruff: noqa: N802  (aiosmtpd looks its handlers up by these names)

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG_UP = "hang up"
TAKE_AND_HANG_UP = "take and hang up"
_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(<[^>]+>)")


@dataclass
class Taken:
    """A mail the relay took responsibility for."""

    message_id: str
    recipient: str
    data: bytes


@dataclass
class Relay:
    """What the server did, and what it is to do: `replies[stage]` is used up from the front, one per mail.

    Stages: connect, mail, rcpt, data (answer to DATA), dot (answer to the final dot). `log` is written at the moment
    of acceptance, like the log of a real relay.
    """

    log: Path
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sessions: dict[int, tuple[Session, bool]] = field(default_factory=dict)
    wait_before_250_seconds: float = 0.0
    envelopes: list[Envelope] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def n_connections(self) -> int:
        """Connections on which a mail was begun."""
        return len(self.sessions)

    @property
    def n_tls(self) -> int:
        """Those of them that were encrypted."""
        return sum(is_tls for _, is_tls in self.sessions.values())

    @property
    def message_ids(self) -> list[str]:
        return [mail.message_id for mail in self.taken]

    def wait_until_quiet(self, *, seconds: float = 30) -> None:
        """Until every connection has ended: nothing that a dead sender left behind is taken after that."""
        give_up_at = time.monotonic() + seconds
        while self.connections:
            assert time.monotonic() < give_up_at, f"{len(self.connections)} connections are still open"
            time.sleep(0.005)

    def next_reply(self, stage: str) -> str | None:
        waiting = self.replies[stage]
        return waiting.pop(0) if waiting else None

    def take(self, envelope: Envelope) -> str:
        data = bytes(envelope.original_content or b"")
        found = _MESSAGE_ID.search(data)
        message_id = found[1].decode() if found else ""
        with self.log.open("a") as log:
            log.write(f"accepted {message_id}\n")
        self.taken.append(Taken(message_id, envelope.rcpt_tos[0], data))
        return f"250 2.0.0 Ok: queued as Q{len(self.taken)}"


class _Server(SMTP):
    """aiosmtpd's server, with a say in the answers to the greeting and to DATA."""

    relay: Relay

    def connection_made(self, transport: Any) -> None:
        self.relay.connections.add(id(self))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.relay.connections.discard(id(self))

    async def push(self, status: Any) -> None:
        text = status.decode() if isinstance(status, bytes) else str(status)
        reply = self.relay.next_reply("connect") if text.startswith("220 relay") else None
        if reply == HANG_UP:
            self.transport.abort()
            return
        await super().push(reply or status)

    async def smtp_DATA(self, arg: str) -> None:
        reply = self.relay.next_reply("data")
        if reply is None:
            await super().smtp_DATA(arg)
        elif reply == HANG_UP:
            await self.push("354 go on")
            self.transport.abort()
        else:
            await self.push(reply)


class _Handler:
    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        is_tls = server.transport.get_extra_info("sslcontext") is not None
        self.relay.sessions[id(session)] = (session, is_tls)
        envelope.mail_from = address
        return self._answer(server, "mail")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._answer(server, "rcpt")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.relay.envelopes.append(envelope)
        reply = self.relay.next_reply("dot")
        if reply == HANG_UP:
            server.transport.abort()
            return "451 unheard"
        if reply is not None and reply != TAKE_AND_HANG_UP:
            return reply
        accepted = self.relay.take(envelope)
        if reply == TAKE_AND_HANG_UP:
            server.transport.abort()
        await asyncio.sleep(self.relay.wait_before_250_seconds)
        return accepted

    def _answer(self, server: SMTP, stage: str) -> str:
        reply = self.relay.next_reply(stage)
        if reply == HANG_UP:
            server.transport.abort()
        return reply or "250 OK"


class RelayController(Controller):
    """Runs a Relay in a thread: start(), stop()."""

    def __init__(
        self,
        relay: Relay,
        *,
        tls: ssl.SSLContext | None = None,
        is_wrapped: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.relay = relay
        self._starttls = None if is_wrapped else tls
        self._login = login
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            relay.port = probe.getsockname()[1]
        super().__init__(
            _Handler(relay),
            hostname="127.0.0.1",
            port=relay.port,
            ssl_context=tls if is_wrapped else None,
            ready_timeout=10,
        )

    def factory(self) -> SMTP:
        server = _Server(
            self.handler,
            hostname="relay.example",
            tls_context=self._starttls,
            authenticator=self._check if self._login else None,
            auth_require_tls=False,
            auth_required=self._login is not None,
        )
        server.relay = self.relay
        return server

    def _check(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        assert self._login is not None
        is_right = (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=is_right, handled=False)
