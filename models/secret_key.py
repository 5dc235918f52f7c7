"""The key that signs form tokens and from which mailed links are made: from the settings, or random and kept in the
data folder.

What must be mailed or shown, but must not be readable in the database (a link, the secret of a second factor), is
derived from this key and a random nonce that the row keeps: neither alone gives it away.
"""

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from models.config import Settings

FILE_NAME = "secret-key"


def get_secret_key(settings: Settings) -> str:
    """The configured key; without one, the key in the data folder, made on first use, readable by its owner only."""
    configured = settings.secret_key.get_secret_value()
    if configured:
        return configured
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        _make_key_file(path)
    return path.read_text(encoding="ascii")


def _make_key_file(path: Path) -> None:
    # Several processes may start at once. The file appears whole or not at all, and the first one stays.
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def derive(key: str, purpose: str, nonce: str) -> bytes:
    """32 bytes that only who knows the key can make (HMAC-SHA256); others for every purpose and every nonce.

    ValueError without a key or a nonce: what came out could be guessed.
    """
    if not key or not nonce:
        raise ValueError("a secret needs a key and a nonce")
    return hmac.new(key.encode(), f"{purpose}\0{nonce}".encode(), hashlib.sha256).digest()


def link_token(key: str, nonce: str) -> str:
    """The token of a mailed link, made anew from its row whenever the mail is written."""
    return base64.urlsafe_b64encode(derive(key, "link", nonce)).decode().rstrip("=")
