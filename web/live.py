"""What answers while somebody types: this process's warm recommender, and the encoder's process behind it.

Without the encoder, or without an index, pages go on by words and say so: the mode has a name and is never slipped
into. The matcher is loaded at the first question, so that the site starts without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from flask import Flask, current_app, g

from models.config import Settings
from models.errors import IndexNotReady, ModelUnavailable
from web.session import OpenSession

if TYPE_CHECKING:
    from matcher.embedder import Embedder
    from matcher.recommender import Recommender
    from matcher.warm import Warm

Connect = Callable[[], "Embedder"]
Answer = TypeVar("Answer")


class Mode(StrEnum):
    """How a page was answered: in full, or by words alone and why."""

    FULL = "full"
    NO_ENCODER = "no_encoder"
    BUSY = "busy"
    NO_INDEX = "no_index"


class Live:
    """The warm recommender of one process, made when it is first asked for."""

    def __init__(self, make: Callable[[], Warm]) -> None:
        self._make = make
        self._warm: Warm | None = None
        self._lock = threading.Lock()

    def ask(self, question: Callable[[Recommender], Answer]) -> tuple[Answer | None, Mode]:
        """The answer in full, or None and why there is none."""
        try:
            return self._made().ask(question, on=g.today), Mode.FULL
        except ModelUnavailable as err:
            return None, Mode.BUSY if err.code == "encoder_busy" else Mode.NO_ENCODER
        except IndexNotReady:
            return None, Mode.NO_INDEX

    def _made(self) -> Warm:
        with self._lock:
            if self._warm is None:
                self._warm = self._make()
            return self._warm


def register(app: Flask, settings: Settings, open_session: OpenSession, connect: Connect | None) -> None:
    """Give the application its Live. connect: reaches the encoder, None for the one in the data folder."""

    def make() -> Warm:
        from matcher.warm import make_warm  # here, because it brings the vector index with it

        warm = make_warm(settings, lambda: open_session(True))
        return warm if connect is None else replace(warm, connect=connect)

    app.extensions["duijie_live"] = Live(make)


def live() -> Live:
    """This process's Live."""
    found: Live = current_app.extensions["duijie_live"]
    return found
