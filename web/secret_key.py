"""The key that signs form tokens: from the settings, or random and kept in the data folder."""

from __future__ import annotations

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
