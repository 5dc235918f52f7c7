"""Passwords: argon2id, the same time whether or not a person exists, and few at a time, for each takes 64 MiB."""

import secrets
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200
CONCURRENT = 2
"""Passwords hashed at once in one process; more log-ins wait their turn instead of exhausting memory."""

_hasher = PasswordHasher()
_turnstile = threading.BoundedSemaphore(CONCURRENT)


def hash_password(password: str) -> str:
    """The argon2id hash to store. Length is the form's business (MIN_LENGTH, MAX_LENGTH)."""
    with _turnstile:
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits the stored hash.

    None (no such person, or no password yet) costs the same time as a wrong password, so that nobody learns from the
    clock who has an account.
    """
    target = _nobodys_hash() if stored is None else stored
    with _turnstile:
        try:
            _hasher.verify(target, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))
