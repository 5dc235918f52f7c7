import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.embedder import SentenceEmbedder, TextRole
from matcher.encoder_client import RemoteEmbedder
from matcher.encoder_service import EncoderService, listening
from matcher.encoder_wire import MAX_TEXTS, receive, send
from models.config import Settings
from models.errors import ModelUnavailable
from tests.fakes import HashingEmbedder
from tests.matcher.encoders import running_encoder, wait_for

INFO = {"ok": True, "model_key": "m", "dim": 4, "max_tokens": 100}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "encoder.sock"


@contextmanager
def answering(path: Path, answer: Callable[[dict[str, Any]], tuple[dict[str, Any], bytes]]) -> Iterator[None]:
    """Something that listens at `path` and answers as it is told."""
    stop = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                question, _ = receive(connection, seconds=5)
                send(connection, *answer(question), seconds=5)

    with listening(path) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def test_nobody_listening_is_known_at_once(path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match="没有在运行"):
        RemoteEmbedder(path)

    assert time.monotonic() - began < 0.5


def test_without_the_folder_it_is_the_same(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="没有在运行"):
        RemoteEmbedder(tmp_path / "nowhere" / "encoder.sock")


@pytest.mark.parametrize("mode", [0o666, 0o660, 0o604])
def test_a_socket_that_others_may_use_is_not_trusted_with_texts(path: Path, mode: int) -> None:
    asked = []
    with answering(path, lambda question: (asked.append(question) or INFO, b"")):
        path.chmod(mode)
        with pytest.raises(ModelUnavailable, match="权限"):
            RemoteEmbedder(path)

    assert asked == []


def test_a_link_to_a_socket_is_not_followed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.sock"
    with answering(path, lambda _: (INFO, b"")):
        link.symlink_to(path)
        with pytest.raises(ModelUnavailable, match="权限"):
            RemoteEmbedder(link)


def test_many_texts_go_in_portions_and_come_back_in_order(path: Path) -> None:
    texts, seen = [f"文字{n}" for n in range(MAX_TEXTS + 3)], []
    with running_encoder(path):
        remote = RemoteEmbedder(path)
        vectors = remote.encode(
            texts, role=TextRole.SUPPLY, progress=lambda done, in_all: seen.append((done, in_all))
        )
        counts = remote.count_tokens(texts)

    own = HashingEmbedder()
    assert np.array_equal(vectors, own.encode(texts, role=TextRole.SUPPLY))
    assert counts == own.count_tokens(texts)
    assert seen == [(MAX_TEXTS, MAX_TEXTS + 3), (MAX_TEXTS + 3, MAX_TEXTS + 3)]


def test_no_texts_are_no_question(path: Path) -> None:
    with answering(path, lambda question: (INFO if question["op"] == "info" else {"ok": False}, b"")):
        remote = RemoteEmbedder(path)

        assert remote.encode([], role=TextRole.DEMAND).shape == (0, 4)
        assert remote.count_tokens([]) == []


def test_a_text_that_is_too_long_is_a_mistake_of_the_caller(path: Path) -> None:
    with running_encoder(path), pytest.raises(ValueError, match="501 tokens"):
        RemoteEmbedder(path).encode(["字" * 501], role=TextRole.DEMAND)


def test_a_message_that_is_too_large_is_unavailable_and_said_plainly(path: Path) -> None:
    with running_encoder(path), pytest.raises(ModelUnavailable, match="太长"):
        RemoteEmbedder(path).count_tokens(["字" * 1_000_000])


def test_another_model_behind_the_same_socket_is_noticed(path: Path) -> None:
    with running_encoder(path):
        remote = RemoteEmbedder(path)

    with running_encoder(path, model="another:1"), pytest.raises(ModelUnavailable, match="换了模型"):
        remote.encode(["甲"], role=TextRole.DEMAND)


def test_busy_has_a_code_of_its_own(path: Path) -> None:
    def answer(question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return (INFO, b"") if question["op"] == "info" else ({"ok": False, "error": "busy"}, b"")

    with answering(path, answer), pytest.raises(ModelUnavailable) as caught:
        RemoteEmbedder(path).encode(["甲"], role=TextRole.DEMAND)

    assert caught.value.code == "encoder_busy"


@pytest.mark.parametrize(
    "told", [{"ok": True}, {"ok": True, "model_key": "m", "dim": "many", "max_tokens": 1}, {"ok": False}, {}]
)
def test_an_answer_that_says_nothing_is_no_encoder(path: Path, told: dict[str, Any]) -> None:
    with answering(path, lambda _: (told, b"")), pytest.raises(ModelUnavailable):
        RemoteEmbedder(path)


def test_half_an_answer_is_refused(path: Path) -> None:
    def answer(question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return INFO, b"" if question["op"] == "info" else b"\x00" * 12

    with answering(path, answer):
        remote = RemoteEmbedder(path)
        with pytest.raises(ModelUnavailable, match="不完整"):
            remote.encode(["甲"], role=TextRole.DEMAND)
        with pytest.raises(ModelUnavailable, match="不完整"):
            remote.count_tokens(["甲"])


def test_a_slow_encoder_is_given_up(path: Path) -> None:
    with running_encoder(path, seconds=3):
        remote = RemoteEmbedder(path, answer_seconds=0.3)
        began = time.monotonic()
        with pytest.raises(ModelUnavailable):
            remote.encode(["甲"], role=TextRole.DEMAND)
        took = time.monotonic() - began

    assert took < 2


@pytest.mark.model
@pytest.mark.slow
def test_the_real_model_answers_over_the_socket_as_it_does_at_home(path: Path) -> None:
    model = SentenceEmbedder("bundled:e5-small", Settings().cache, dtype="float32")
    stop = threading.Event()
    thread = threading.Thread(target=EncoderService(model).serve, args=(path, stop))
    thread.start()
    wait_for(path.is_socket)
    remote, texts = RemoteEmbedder(path), ["巡查车视频发现井盖破损", "noise at night"]

    vectors, counts = remote.encode(texts, role=TextRole.DEMAND), remote.count_tokens(texts)
    stop.set()
    thread.join()

    # Not bit for bit: one batch is padded as the other is, but threads add up in another order.
    assert np.allclose(vectors, model.encode(texts, role=TextRole.DEMAND), atol=1e-5)
    assert counts == model.count_tokens(texts)
    assert remote.model_key == model.model_key
