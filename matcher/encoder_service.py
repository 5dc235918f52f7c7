"""The one process of a host that holds the model and encodes for the others: `python -m matcher serve-encoder`.

It answers on a Unix domain socket in the data folder, to its own user only, and remembers the newest vectors, so that
a keystroke costs the sentence that changed. Texts are neither stored nor logged.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from matcher.embedder import Embedder, TextRole, Vectors, encode_cached
from matcher.encoder_wire import MAX_TEXTS, TooLarge, WireError, receive, send, short_address
from matcher.vector_memory import VectorMemory
from models.errors import ModelUnavailable

MAX_WAITING = 8
"""Questions that may wait for the model; one more is told that it is busy, and its page goes on by words."""

MAX_CONNECTIONS = 64
QUESTION_SECONDS = 5.0
"""A question that does not arrive within so long is dropped, however slowly it drips in."""

_POLL_SECONDS = 0.2


@dataclass
class Tally:
    """What has been asked since the start; `n_encoded` counts sentences that were not remembered."""

    n_questions: int = 0
    n_busy: int = 0
    n_refused: int = 0
    n_encoded: int = 0


class BadQuestion(Exception):
    """A question that cannot be answered. code: for the other side's program."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class EncoderService:
    """Answers questions about texts with one embedder; one at a time reaches the model."""

    def __init__(self, embedder: Embedder, *, max_waiting: int = MAX_WAITING) -> None:
        self.tally = Tally()
        self._embedder = embedder
        self._memory = VectorMemory()
        self._places = threading.BoundedSemaphore(max_waiting)
        self._connections = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._model = threading.Lock()

    def serve(self, path: Path, stop: threading.Event) -> None:
        """Answer on this socket until `stop` is set. Raises ModelUnavailable when another encoder answers there."""
        with listening(path) as listener:
            listener.settimeout(_POLL_SECONDS)
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                if not self._connections.acquire(blocking=False):
                    self._turn_away(connection)
                    continue
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _turn_away(self, connection: socket.socket) -> None:
        self._count("n_busy")
        with connection:
            _reply(connection, *_error("busy", "too many connections"))

    def _attend(self, connection: socket.socket) -> None:
        """One connection: its question, its answer, its end. What goes wrong with it ends with it."""
        try:
            with connection:
                try:
                    question, _ = receive(connection, seconds=QUESTION_SECONDS)
                except TooLarge as err:
                    self._count("n_refused")
                    _reply(connection, *_error("too_large", str(err)))
                except WireError:
                    self._count("n_refused")
                else:
                    _reply(connection, *self.answer(question))
        finally:
            self._connections.release()

    def answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The header and the body for a question; refusals are answers too."""
        self._count("n_questions")
        try:
            return self._answer(question)
        except BadQuestion as err:
            self._count("n_busy" if err.code == "busy" else "n_refused")
            return _error(err.code, str(err))

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        embedder = self._embedder
        told: dict[str, Any] = {"ok": True, "model_key": embedder.model_key}
        match question.get("op"):
            case "info":
                counts = vars(self.tally)
                return {**told, "dim": embedder.dim, "max_tokens": embedder.max_tokens, **counts}, b""
            case "count":
                texts = _texts(question)
                with self._turn():
                    return {**told, "counts": embedder.count_tokens(texts)}, b""
            case "encode":
                vectors = self._encode(_texts(question), _role(question))
                return told, np.ascontiguousarray(vectors, "<f4").tobytes()
        raise BadQuestion("bad_question", "op is one of info, count, encode")

    def _encode(self, texts: list[str], role: TextRole) -> Vectors:
        with self._turn():
            try:
                return encode_cached(
                    self._embedder, texts, role=role, store=self._memory, progress=self._encoded
                )
            except ValueError as err:
                raise BadQuestion("too_long", str(err)) from err

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Alone with the model: its tokenizer is no more made for two threads than its weights are."""
        if not self._places.acquire(blocking=False):
            raise BadQuestion("busy", "too many wait")
        try:
            with self._model:
                yield
        finally:
            self._places.release()

    def _encoded(self, done: int, in_all: int) -> None:
        if done == in_all:
            self.tally.n_encoded += in_all

    def _count(self, name: str) -> None:
        setattr(self.tally, name, getattr(self.tally, name) + 1)


def _texts(question: dict[str, Any]) -> list[str]:
    texts = question.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadQuestion("bad_question", "texts is a list of texts")
    if len(texts) > MAX_TEXTS:
        raise BadQuestion("too_large", f"at most {MAX_TEXTS} texts at once")
    return texts


def _role(question: dict[str, Any]) -> TextRole:
    try:
        return TextRole(str(question.get("role")))
    except ValueError as err:
        raise BadQuestion("bad_question", "role is demand or supply") from err


def _error(code: str, message: str) -> tuple[dict[str, Any], bytes]:
    return {"ok": False, "error": code, "message": message}, b""


def _reply(connection: socket.socket, header: dict[str, Any], body: bytes) -> None:
    """Send an answer; who asked may have gone, and that is their affair."""
    try:
        send(connection, header, body, seconds=QUESTION_SECONDS)
    except WireError:
        return


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A socket that listens at `path`, for its owner only, and is gone afterwards.

    Raises ModelUnavailable when another encoder serves there, or when something else is in the way.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The lock of a killed process is free again; the socket it left behind is nobody's.
        with FileLock(path.with_suffix(".lock"), timeout=0):
            _take_away_leftover(path)
            with short_address(path) as address, socket.socket(socket.AF_UNIX) as listener:
                _bind(listener, address)
                listener.listen(MAX_CONNECTIONS)
                try:
                    yield listener
                finally:
                    path.unlink(missing_ok=True)
    except Timeout as err:
        raise ModelUnavailable("已经有一个编码进程在运行。") from err


def _bind(listener: socket.socket, address: str) -> None:
    # So the socket has its permissions from the first moment on; no other thread runs yet.
    umask = os.umask(0o177)
    try:
        listener.bind(address)
    finally:
        os.umask(umask)


def _take_away_leftover(path: Path) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise ModelUnavailable(f"{path} 不是套接字，先把它移开。")
    path.unlink()
