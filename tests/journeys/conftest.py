"""The stage of the stories: a database with real commits, a relay, an index folder, browsers that keep cookies."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from matcher.workshop import Workshop
from models.config import Settings
from models.db import make_session
from tests.fakes import HashingEmbedder
from tests.jobs.conftest import clock, database, relay  # noqa: F401  (fixtures)
from web.app import create_app

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Browser:
    """A person's browser: cookies are kept, and a form is sent with the token of the page it stands on."""

    client: FlaskClient

    def get(self, path: str) -> str:
        """The page's text, which must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return unescape(answer.get_data(as_text=True))

    def send(self, path: str, *, on: str, status: int = 303, **fields: Any) -> str:
        """Send a form that stands on page `on`; returns where it leads, or the page when it was refused."""
        page = self.client.get(on, follow_redirects=True).get_data(as_text=True)
        token = TOKEN.search(page)
        assert token is not None, f"no form on {on}"
        answer = self.client.post(path, data={"csrf_token": token[1], **fields})
        assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[:2000])
        return (
            answer.headers.get("Location", "") if status == 303 else unescape(answer.get_data(as_text=True))
        )

    def log_in(self, email: str, password: str) -> None:
        """Log in as a person would."""
        self.send("/login", on="/login", email=email, password=password)


@pytest.fixture
def app(database: Engine, clock: Callable[[], datetime], tmp_path: Path) -> Flask:  # noqa: F811
    """The site on the story's database and clock."""
    settings = Settings(
        data_dir=tmp_path / "data",
        secret_key="a secret of this test only",
    )
    return create_app(
        settings, clock=clock, open_session=lambda read_only: make_session(database, read_only=read_only)
    )


@pytest.fixture
def open_browser(app: Flask) -> Callable[[], Browser]:
    """Opens one more browser."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def workshop(database: Engine, clock: Callable[[], datetime], tmp_path: Path) -> Workshop:  # noqa: F811
    """The matcher on the story's database, with an embedder that needs no model."""
    return Workshop(
        engine=database,
        index_dir=tmp_path / "index",
        model="hashing",
        make_embedder=HashingEmbedder,
        today=lambda: clock().date(),
    )
