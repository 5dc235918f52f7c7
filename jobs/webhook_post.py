"""One POST to an address that a person gave: to the internet only, signed, within a time, no redirect followed.

The name is resolved here and the connection goes to the very address that was judged, so a name that leads elsewhere
the next moment gains nothing. What is answered is not kept but for its status.
"""

import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from models.webhook import is_outside

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
"""A receiver that needs longer should take the delivery first and work later."""

USER_AGENT = "Duijie-Webhook/1"


class NotReached(Exception):
    """No answer: `reason` is a fixed word. `is_forbidden`: the address may not be told anything, now or later."""

    def __init__(self, reason: str, *, is_forbidden: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_forbidden = is_forbidden


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent. moment: Unix seconds, signed with the body so that an old delivery cannot be sent again later."""

    body: bytes
    moment: int
    event: str
    delivery: str

    def headers(self, secret: str) -> dict[str, str]:
        """The headers of the request, its signature among them."""
        return {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "Duijie-Event": self.event,
            "Duijie-Delivery": self.delivery,
            "Duijie-Signature": f"t={self.moment},v1={sign(secret, self.moment, self.body)}",
        }


def sign(secret: str, moment: int, body: bytes) -> str:
    """HMAC-SHA256 of `<moment>.<body>`, in hex."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


def post(url: str, parcel: Parcel, *, secret: str, allows_private: bool) -> int:
    """Send it and return the status of the answer. NotReached where there is none, or where nothing may be sent."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    if not is_tls and not allows_private:
        raise NotReached("not_https", is_forbidden=True)
    port = parts.port or (443 if is_tls else 80)
    plain = _connect(_addresses(host, port, allows_private=allows_private), port)
    # A receiver that answers a byte at a time would keep each single wait short.
    timer = threading.Timer(TOTAL_SECONDS, _shut, [plain])
    timer.daemon = True
    timer.start()
    connection = http.client.HTTPConnection(host, port, timeout=TOTAL_SECONDS)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_tls else plain
        )
        path = parts.path or "/"
        headers = parcel.headers(secret) | {"Host": parts.netloc}
        connection.request("POST", f"{path}?{parts.query}" if parts.query else path, parcel.body, headers)
        return connection.getresponse().status
    except ssl.SSLError as err:
        raise NotReached("bad_certificate") from err
    except TimeoutError as err:
        raise NotReached("timeout") from err
    except (OSError, http.client.HTTPException, ValueError) as err:
        raise NotReached("no_answer") from err
    finally:
        timer.cancel()
        connection.close()
        plain.close()


def _addresses(host: str, port: int, *, allows_private: bool) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as err:
        raise NotReached("unknown_host") from err
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not allows_private and not all(map(is_outside, addresses)):
        raise NotReached("private_address", is_forbidden=True)
    return addresses


def _connect(addresses: list[str], port: int) -> socket.socket:
    for address in addresses:
        try:
            made = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except TimeoutError:
            continue
        except OSError:
            continue
        made.settimeout(TOTAL_SECONDS)
        return made
    raise NotReached("no_connection")


def _shut(plain: socket.socket) -> None:
    try:
        plain.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
