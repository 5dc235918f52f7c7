"""Addresses that came from the browser, before anybody is sent there."""

from __future__ import annotations

from urllib.parse import urlsplit


def inner_address(wanted: str) -> str:
    """The address when it is a path of this site, else an empty string: nobody is sent elsewhere from here.

    >>> inner_address("/pilots?page=2"), inner_address("//evil.example"), inner_address("https://evil.example/")
    ('/pilots?page=2', '', '')
    """
    parts = urlsplit(wanted)
    inside = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
    )
    return wanted if inside and wanted.isprintable() and "\\" not in wanted else ""
