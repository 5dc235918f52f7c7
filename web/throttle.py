"""How often a stranger may ask: counted in this process's memory by network address, and nowhere else.

Log-ins count their failures in the database, because there a guess must not be repeated in another process. Here only
the machine is protected, and what strangers do is written nowhere.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from werkzeug.exceptions import TooManyRequests

N_ADDRESSES = 10_000
"""So many addresses are remembered, the newest: about 3 MB."""
LEVEL_SECONDS = 0.2
"""Longer than writing a few rows takes."""


@contextmanager
def level_time(seconds: float = LEVEL_SECONDS) -> Iterator[None]:
    """Take so long, whatever happens inside, so that the clock does not tell what is known of an address.

    Commit inside: nobody else waits for the database meanwhile. What takes longer than `seconds` shows.
    """
    until = time.monotonic() + seconds
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))


class Throttle:
    """At most `n` questions within `window` from one address; safe to share between threads."""

    def __init__(self, n: int, window: timedelta) -> None:
        self._n, self._window = n, window
        self._asked: OrderedDict[bytes, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, address: str, *, now: datetime) -> None:
        """Count one question. Raises TooManyRequests, with the seconds to wait, for one too many."""
        key = hashlib.blake2b(address.encode(), digest_size=16).digest()
        with self._lock:
            asked = self._asked.setdefault(key, deque(maxlen=self._n))
            self._asked.move_to_end(key)
            while asked and now - asked[0] >= self._window:
                asked.popleft()
            if len(asked) >= self._n:
                wait = self._window - (now - asked[0])
                raise TooManyRequests(retry_after=max(1, int(wait.total_seconds())))
            asked.append(now)
            while len(self._asked) > N_ADDRESSES:
                self._asked.popitem(last=False)
