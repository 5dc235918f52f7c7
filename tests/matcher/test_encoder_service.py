import os
import signal
import socket
import stat
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from matcher.embedder import Progress, TextRole, Vectors
from matcher.encoder_client import RemoteEmbedder, ask_encoder
from matcher.encoder_service import MAX_CONNECTIONS, EncoderService, listening
from matcher.encoder_wire import MAX_HEADER_BYTES, MAX_TEXTS, receive
from models.errors import ModelUnavailable
from tests.fakes import HashingEmbedder
from tests.matcher.encoders import end_encoder, running_encoder, wait_for


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "encoder.sock"


@pytest.fixture
def encoder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with running_encoder(path) as process:
        yield process


class GatedEmbedder(HashingEmbedder):
    """Encodes only once it is let through. begun: set when it waits."""

    def __init__(self) -> None:
        self.begun, self.gate = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        self.begun.set()
        assert self.gate.wait(30)
        return super().encode(texts, role=role, progress=progress)


def encode_question(text: str) -> dict[str, object]:
    return {"op": "encode", "texts": [text], "role": "demand"}


def test_a_socket_is_for_its_owner_only_and_gone_afterwards(path: Path) -> None:
    with listening(path):
        mode = path.stat().st_mode

    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert not path.exists()


def test_the_mask_of_the_process_is_as_it_was(path: Path) -> None:
    before = os.umask(0o022)
    with listening(path):
        during = os.umask(0o022)
    os.umask(before)

    assert during == 0o022


def test_another_process_encodes_as_the_model_itself(path: Path, encoder) -> None:
    texts = ["井盖缺失", "noise at night", "\ud800 odd", ""]
    remote = RemoteEmbedder(path)

    vectors = remote.encode(texts, role=TextRole.DEMAND)

    own = HashingEmbedder()
    assert (remote.model_key, remote.dim, remote.max_tokens) == (own.model_key, own.dim, own.max_tokens)
    assert np.array_equal(vectors, own.encode(texts, role=TextRole.DEMAND))
    assert remote.count_tokens(texts) == own.count_tokens(texts)


def test_two_clients_at_once_get_each_their_own(path: Path, encoder) -> None:
    own, wrong = HashingEmbedder(), []

    def ask(name: str) -> None:
        remote = RemoteEmbedder(path)
        for n in range(25):
            texts = [f"{name} {n}", f"{n} {name}"]
            try:
                same = np.array_equal(
                    remote.encode(texts, role=TextRole.SUPPLY), own.encode(texts, role=TextRole.SUPPLY)
                )
            except ModelUnavailable as err:
                same = err.code == "encoder_busy"
            if not same:
                wrong.append(texts)

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_known_sentences_are_not_encoded_again(path: Path, encoder) -> None:
    remote = RemoteEmbedder(path)
    remote.encode(["一。", "二。"], role=TextRole.DEMAND)
    before = ask_encoder(path, {"op": "info"})[0]["n_encoded"]

    remote.encode(["一。", "二改。"], role=TextRole.DEMAND)

    assert ask_encoder(path, {"op": "info"})[0]["n_encoded"] == before + 1


def test_the_role_is_part_of_what_is_known() -> None:
    service = EncoderService(HashingEmbedder())
    service.answer(encode_question("一。"))

    service.answer({"op": "encode", "texts": ["一。"], "role": "supply"})

    assert service.tally.n_encoded == 2


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({}, "bad_question"),
        ({"op": "run"}, "bad_question"),
        ({"op": "encode", "texts": "甲", "role": "demand"}, "bad_question"),
        ({"op": "encode", "texts": [1], "role": "demand"}, "bad_question"),
        ({"op": "encode", "texts": ["甲"]}, "bad_question"),
        ({"op": "encode", "texts": ["甲"], "role": "owner"}, "bad_question"),
        ({"op": "count"}, "bad_question"),
        ({"op": "count", "texts": ["甲"] * (MAX_TEXTS + 1)}, "too_large"),
        ({"op": "encode", "texts": ["字" * 501], "role": "demand"}, "too_long"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_so(question: dict[str, object], code: str) -> None:
    service = EncoderService(HashingEmbedder())

    told, body = service.answer(question)

    assert (told["ok"], told["error"], body) == (False, code, b"")
    assert service.tally.n_refused == 1


def test_one_too_many_is_told_that_it_is_busy_and_the_others_are_answered() -> None:
    embedder = GatedEmbedder()
    service = EncoderService(embedder, max_waiting=2)
    answers: list[object] = []
    threads = [
        threading.Thread(
            target=lambda text=text: answers.append(service.answer(encode_question(text))[0]["ok"])
        )
        for text in ("一", "二")
    ]
    for thread in threads:
        thread.start()
    assert embedder.begun.wait(30)
    wait_for(lambda: service._places._value == 0)

    told, _ = service.answer(encode_question("三"))
    embedder.gate.set()
    for thread in threads:
        thread.join()

    assert told["error"] == "busy"
    assert answers == [True, True]
    assert service.answer(encode_question("三"))[0]["ok"]
    assert service.tally.n_busy == 1


def test_an_oversized_message_is_answered_and_costs_nothing(path: Path, encoder) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(struct.pack("!4sII", b"DJE1", MAX_HEADER_BYTES + 1, 0))
        told, _ = receive(connection, seconds=10)

    assert told["error"] == "too_large"
    assert RemoteEmbedder(path).count_tokens(["还在"]) == [2]


def test_noise_on_the_socket_leaves_the_encoder_as_it_was(path: Path, encoder) -> None:
    for noise in (b"", b"GET / HTTP/1.1\r\n\r\n", b"DJE1", b"\x80\x04\x95" + b"x" * 100):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(noise)

    assert RemoteEmbedder(path).count_tokens(["还在"]) == [2]
    wait_for(lambda: ask_encoder(path, {"op": "info"})[0]["n_refused"] == 4)


def test_one_connection_too_many_is_turned_away(path: Path) -> None:
    service, stop = EncoderService(HashingEmbedder()), threading.Event()
    thread = threading.Thread(target=service.serve, args=(path, stop))
    thread.start()
    wait_for(path.is_socket)
    held = [socket.socket(socket.AF_UNIX) for _ in range(MAX_CONNECTIONS)]
    for connection in held:
        connection.connect(str(path))
    wait_for(lambda: service._connections._value == 0)

    try:
        told = [ask_encoder(path, {"op": "info"})[0] for _ in range(20)]
    finally:
        for connection in held:
            connection.close()
    wait_for(lambda: service._connections._value == MAX_CONNECTIONS)
    later, _ = ask_encoder(path, {"op": "info"})
    stop.set()
    thread.join()

    assert [each["error"] for each in told] == ["busy"] * 20
    assert later["ok"]


def test_killed_in_the_middle_of_an_answer_it_is_missed_at_once_and_replaced(path: Path) -> None:
    caught = []

    def ask(remote: RemoteEmbedder) -> None:
        try:
            remote.encode(["甲"], role=TextRole.DEMAND)
        except ModelUnavailable as err:
            caught.append(err)

    with running_encoder(path, seconds=60) as process:
        remote = RemoteEmbedder(path, answer_seconds=50)
        thread = threading.Thread(target=ask, args=(remote,))
        thread.start()
        wait_for(path.with_suffix(".begun").exists)
        began = time.monotonic()
        end_encoder(process, signal.SIGKILL)
        thread.join()
        took = time.monotonic() - began

    assert len(caught) == 1
    assert took < 10
    assert path.is_socket(), "the killed one leaves its socket behind"
    with pytest.raises(ModelUnavailable, match="没有在运行"):
        remote.count_tokens(["甲"])
    with running_encoder(path):
        assert remote.count_tokens(["甲"]) == [1]


def test_a_second_encoder_does_not_take_the_place_of_the_first(path: Path, encoder) -> None:
    with pytest.raises(ModelUnavailable, match="已经有一个"), listening(path):
        pass

    assert RemoteEmbedder(path).count_tokens(["甲"]) == [1]


def test_a_file_in_the_way_is_left_alone(path: Path) -> None:
    path.write_text("somebody's")

    with pytest.raises(ModelUnavailable, match="不是套接字"), listening(path):
        pass

    assert path.read_text() == "somebody's"


def test_a_polite_end_takes_the_socket_away(path: Path) -> None:
    with running_encoder(path) as process:
        assert end_encoder(process) == 0
        assert not path.exists()
