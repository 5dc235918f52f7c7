"""The named moments of sending at which a crash must do no harm.

Production passes by; the tests die there, one moment after the other, and then look for mails lost or doubled.
"""

from collections.abc import Callable
from enum import StrEnum


class Failpoint(StrEnum):
    """In the order in which a mail passes them."""

    BEFORE_CLAIM = "before_claim"
    AFTER_CLAIM = "after_claim"
    AFTER_354 = "after_354"
    AFTER_DOUBT = "after_doubt"
    AFTER_DOT = "after_dot"
    AFTER_250 = "after_250"
    BEFORE_COMMIT = "before_commit"


Checkpoint = Callable[[Failpoint], None]


def pass_by(_: Failpoint) -> None:
    """Nothing happens here."""
