"""Passwords are hashed with argon2id and compared in a time that tells nothing."""

import threading
import time

import pytest

from models.password import CONCURRENT, hash_password, verify_password

PASSWORD = "对接-correct horse battery"


@pytest.fixture(scope="module")
def stored() -> str:
    return hash_password(PASSWORD)


def test_the_right_password_fits(stored: str) -> None:
    assert verify_password(stored, PASSWORD)


@pytest.mark.parametrize("wrong", ["", PASSWORD + " ", PASSWORD.upper(), "x" * 10_000, "\x00"])
def test_a_wrong_password_does_not_fit(stored: str, wrong: str) -> None:
    assert not verify_password(stored, wrong)


def test_the_hash_is_argon2id_and_salted(stored: str) -> None:
    assert stored.startswith("$argon2id$")
    assert hash_password(PASSWORD) != stored


@pytest.mark.parametrize(
    "broken", ["", "plain text", "$argon2id$v=19$broken", "$2b$12$abcdefghijklmnopqrstuv"]
)
def test_a_hash_that_cannot_be_read_fits_nothing(broken: str) -> None:
    assert not verify_password(broken, PASSWORD)


def test_nobody_has_no_password(stored: str) -> None:
    assert not verify_password(None, PASSWORD)
    assert not verify_password(None, "")


def test_nobody_takes_as_long_as_somebody(stored: str) -> None:
    verify_password(None, PASSWORD)  # the first call makes the hash it compares with

    somebody = min(_seconds(stored) for _ in range(5))
    nobody = min(_seconds(None) for _ in range(5))

    assert 0.4 < nobody / somebody < 2.5


def _seconds(stored: str | None) -> float:
    start = time.process_time()
    verify_password(stored, "wrong password")
    return time.process_time() - start


def test_many_at_once_wait_their_turn_and_all_get_an_answer(stored: str) -> None:
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(verify_password(stored, PASSWORD)))
        for _ in range(CONCURRENT * 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert answers == [True] * CONCURRENT * 3
