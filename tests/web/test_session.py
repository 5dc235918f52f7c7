from __future__ import annotations

from flask import Flask, g
from sqlmodel import Session, select

from models.config import Settings
from models.db import make_engine
from models.organisation import Organisation, OrganisationKind
from models.schema import upgrade
from web.app import create_app
from web.auth import public


def test_requests_that_change_nothing_take_no_write_lock(settings: Settings) -> None:
    asked: list[bool] = []
    engine = make_engine(settings.database)
    upgrade(engine)

    def open_session(read_only: bool) -> Session:
        asked.append(read_only)
        return Session(engine)

    client = create_app(settings, open_session=open_session).test_client()
    client.get("/login")
    client.post("/login")
    engine.dispose()

    assert asked == [True, False]


def test_what_a_view_does_not_commit_is_gone(settings: Settings) -> None:
    engine = make_engine(settings.database)
    upgrade(engine)
    app = create_app(settings, open_session=lambda _: Session(engine))

    @public
    def forget() -> str:
        g.session.add(Organisation(name="半途", kind=OrganisationKind.AGENCY))
        g.session.flush()
        return "ok"

    app.add_url_rule("/forget", "forget", forget)
    app.test_client().get("/forget")

    with Session(engine) as session:
        assert session.exec(select(Organisation)).all() == []
    engine.dispose()


def test_static_files_open_no_session(app: Flask) -> None:
    client = app.test_client()
    with client:
        client.get("/static/img/favicon.svg").close()

        assert "session" not in g
