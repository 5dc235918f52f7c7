"""An Embedder that asks the encoder's process: web ranks pasted texts and drafts without ever loading the model.

Nobody listening, no permission, a busy or a broken encoder: each is ModelUnavailable at once, so that a page can go on
by words and say so.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from matcher.embedder import Progress, TextRole, Vectors
from matcher.encoder_wire import MAX_TEXTS, TooLarge, WireError, receive, send, short_address
from models.errors import ModelUnavailable

N_COUNTS = 50_000
"""Lengths of texts that are remembered, by hash: a keystroke asks about the sentence that changed."""

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 5.0
"""Somebody waits for a page: an encoder that takes longer is as good as none."""


Item = TypeVar("Item")


class RemoteEmbedder:
    """What the encoder behind this socket says of its model, and its vectors.

    Making it asks once who is there. Raises ModelUnavailable, then and at any later call.
    """

    def __init__(self, socket_path: Path, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._path = socket_path
        self._counts: dict[bytes, int] = {}
        self._answer_seconds = answer_seconds
        told = self._ask({"op": "info"})[0]
        try:
            self.model_key, self.dim = str(told["model_key"]), int(told["dim"])
            self.max_tokens = int(told["max_tokens"])
        except (KeyError, TypeError, ValueError) as err:
            raise ModelUnavailable("编码进程答非所问，可能是另一个版本，请重启它。") from err

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, prompt and special tokens not counted."""
        counts = self._counts
        keys = [
            hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts
        ]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in counts}
        for portion in _portions(list(missing.items())):
            told, _ = self._ask_model({"op": "count", "texts": [text for _, text in portion]})
            fresh = [int(n) for n in told.get("counts", ())]
            if len(fresh) != len(portion):
                raise ModelUnavailable("编码进程的答复不完整，请重启它。")
            counts |= zip((key for key, _ in portion), fresh, strict=True)
        found = [counts[key] for key in keys]
        if len(counts) > N_COUNTS:
            # All at once: a counter that forgets piece by piece would cost more than asking again.
            self._counts = {}
        return found

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        """Return (n, dim) float32 with rows of length 1, in the order of `texts`. ValueError for a text too long."""
        rows = [np.empty((0, self.dim), np.float32)]
        n_done = 0
        for portion in _portions(texts):
            _, body = self._ask_model({"op": "encode", "texts": portion, "role": role.value})
            if len(body) != len(portion) * self.dim * 4:
                raise ModelUnavailable("编码进程的答复不完整，请重启它。")
            rows.append(np.frombuffer(body, "<f4").reshape(len(portion), self.dim))
            n_done += len(portion)
            if progress is not None:
                progress(n_done, len(texts))
        return np.concatenate(rows)

    def _ask_model(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The answer of the same model as at the beginning: vectors of two models must never meet."""
        told, body = self._ask(question)
        if told.get("model_key") != self.model_key:
            raise ModelUnavailable("编码进程换了模型，请刷新页面。")
        return told, body

    def _ask(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        told, body = ask_encoder(self._path, question, seconds=self._answer_seconds)
        if told.get("ok") is True:
            return told, body
        if told.get("error") == "too_long":
            raise ValueError(str(told.get("message", "a text is too long")))
        if told.get("error") == "busy":
            raise ModelUnavailable("编码进程正忙，过一会儿再试。", code="encoder_busy")
        raise ModelUnavailable(f"编码进程没有答复：{told.get('message', '')}")


def ask_encoder(
    path: Path, question: dict[str, Any], *, seconds: float = ANSWER_SECONDS
) -> tuple[dict[str, Any], bytes]:
    """One question and its answer, whatever it says. Raises ModelUnavailable where there is none."""
    try:
        _refuse_open_to_others(path)
        with short_address(path) as address, socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(address)
            _send_unless_turned_away(connection, question, seconds=seconds)
            return receive(connection, seconds=seconds)
    except TooLarge as err:
        raise ModelUnavailable("这段文字太长，编码进程不收。") from err
    except WireError as err:
        raise ModelUnavailable(f"编码进程没有答复：{err}") from err
    except OSError as err:
        raise ModelUnavailable("编码进程没有在运行：python -m matcher serve-encoder 启动它。") from err


def _send_unless_turned_away(connection: socket.socket, question: dict[str, Any], *, seconds: float) -> None:
    """Send the question. A full encoder says so and hangs up before it is asked; its answer is there to read."""
    try:
        send(connection, question, seconds=seconds)
    except WireError as err:
        if not isinstance(err.__cause__, BrokenPipeError):
            raise


def _refuse_open_to_others(path: Path) -> None:
    """Text goes only to a socket of our own that nobody else can answer on."""
    found = path.lstat()
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ModelUnavailable(f"{path.name} 的权限不对：应当是本用户的套接字，权限 0600。")


def _portions(texts: Sequence[Item]) -> list[list[Item]]:
    return [list(texts[start : start + MAX_TEXTS]) for start in range(0, len(texts), MAX_TEXTS)]
