"""An application with an index over the test's rows and an encoder in miniature: for pages in full mode."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlmodel import Session

from matcher.embedder import Embedder
from matcher.indexing import Encoding, load_documents, update_index
from matcher.opened_index import OpenedIndex
from models.config import Settings
from tests.conftest import NOW
from tests.matcher.market import MemoryStore
from web.app import create_app


def index_rows(session: Session, settings: Settings, embedder: Embedder) -> None:
    """An index in step with the rows of the session, as the job would make it."""
    documents = load_documents(session, on=NOW.date())
    encoding = Encoding(lambda: embedder, lambda _: MemoryStore())
    index = OpenedIndex(settings.index_dir, f"{settings.model}:{settings.model_dtype}")
    update_index(index, documents, encoding, now=NOW, rebuild=False)


def live_app(
    session: Session, settings: Settings, connect: Callable[[], Embedder], *, clock: Callable[[], datetime]
) -> Flask:
    """The application on the test's transaction, with this encoder."""
    connection = session.connection()

    def open_session(_read_only: bool) -> Session:
        session.flush()
        return Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

    app = create_app(settings, clock=clock, open_session=open_session, connect=connect)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app
