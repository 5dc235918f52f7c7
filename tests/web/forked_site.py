"""What the tests of several processes start; it loads no more than the site itself does."""

from __future__ import annotations

from flask import Flask

from models.config import Settings
from tests.fakes import HashingEmbedder
from web.app import create_app


def small_site() -> Flask:
    """The application on the environment's data folder, with the encoder in miniature."""
    return create_app(Settings(), connect=HashingEmbedder)


def site_with_the_index_loaded() -> Flask:
    """What must not be forked."""
    import matcher.index  # noqa: F401

    return small_site()
