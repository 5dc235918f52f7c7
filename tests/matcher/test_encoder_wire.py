import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.encoder_wire import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    TooLarge,
    WireError,
    receive,
    send,
    short_address,
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def prefix(magic: bytes = b"DJE1", head: int = 0, body: int = 0) -> bytes:
    return struct.pack("!4sII", magic, head, body)


@given(
    header=st.dictionaries(
        st.text(max_size=20), st.text(max_size=50) | st.integers() | st.booleans(), max_size=5
    ),
    body=st.binary(max_size=2000),
)
def test_what_is_sent_arrives_as_it_was(header: dict[str, object], body: bytes) -> None:
    left, right = socket.socketpair()
    with left, right:
        send(left, header, body, seconds=5)

        assert receive(right, seconds=5) == (header, body)


def test_lone_surrogates_arrive_too(pair) -> None:
    send(pair[0], {"texts": ["\ud800"]}, seconds=5)

    assert receive(pair[1], seconds=5)[0] == {"texts": ["\ud800"]}


@pytest.mark.parametrize(
    ("head", "body"), [(MAX_HEADER_BYTES + 1, 0), (2, MAX_BODY_BYTES + 1), (2**32 - 1, 2**32 - 1)]
)
def test_a_message_that_says_it_is_too_large_is_not_read(pair, head: int, body: int) -> None:
    pair[0].sendall(prefix(head=head, body=body))

    with pytest.raises(TooLarge):
        receive(pair[1], seconds=5)


def test_nothing_too_large_is_sent(pair) -> None:
    with pytest.raises(TooLarge):
        send(pair[0], {"text": "x" * MAX_HEADER_BYTES}, seconds=5)

    pair[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[1].recv(1)


@pytest.mark.parametrize(
    "raw",
    [
        prefix(magic=b"HTTP", head=2) + b"{}",
        prefix(head=2) + b"[]",
        prefix(head=4) + b"\xff\xfe\xfd\xfc",
        prefix(head=3) + b"{{{",
        prefix(head=20_000) + b"[" * 20_000,
    ],
    ids=["another magic", "a list", "no text", "no JSON", "nested without end"],
)
def test_what_is_no_message_is_refused(pair, raw: bytes) -> None:
    pair[0].sendall(raw)

    with pytest.raises(WireError):
        receive(pair[1], seconds=5)


@pytest.mark.parametrize("sent", [b"", b"DJ", prefix(head=10) + b"{}", prefix(head=2, body=8) + b"{}1234"])
def test_a_message_that_ends_in_the_middle_is_refused(pair, sent: bytes) -> None:
    pair[0].sendall(sent)
    pair[0].close()

    with pytest.raises(WireError, match="ended"):
        receive(pair[1], seconds=5)


def test_a_message_that_drips_in_is_dropped_when_its_time_is_over(pair) -> None:
    left, right = pair
    raw = prefix(head=1000)

    def drip() -> None:
        for byte in raw + b"{" * 100:
            try:
                left.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(0.02)

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    with pytest.raises(WireError):
        receive(right, seconds=0.3)
    took = time.monotonic() - began
    right.close()
    thread.join()

    assert took < 1.5


def test_a_folder_may_be_deeper_than_the_kernel_takes(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 120) / ("y" * 120) / "encoder.sock"
    path.parent.mkdir(parents=True)
    with short_address(path) as address, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)

    assert path.is_socket()


def test_the_header_is_json_and_nothing_that_runs(pair) -> None:
    send(pair[0], {"op": "info"}, b"\x00\x01", seconds=5)

    raw = pair[1].recv(1000)

    assert json.loads(raw[12:-2]) == {"op": "info"}
    assert raw[-2:] == b"\x00\x01"
