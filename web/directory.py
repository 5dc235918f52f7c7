"""The public list that this process keeps in memory; matcher/directory.py says how it stays fresh."""

from __future__ import annotations

from flask import current_app

from matcher.directory import Directory


def directory() -> Directory:
    """This process's directory."""
    return current_app.extensions.setdefault("duijie_directory", Directory())  # type: ignore[no-any-return]
