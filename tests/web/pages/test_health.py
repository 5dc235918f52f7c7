from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from sqlmodel import Session

from models.config import Settings
from models.work import acquire_lease
from tests.matcher.encoders import running_encoder


def test_the_process_answers(client) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_ready_names_each_part(client) -> None:
    document = client.get("/readyz").get_json()

    assert set(document["parts"]) == {"database", "index", "encoder", "scheduler", "outbox"}


def test_a_missing_index_and_scheduler_are_named(client) -> None:
    parts = client.get("/readyz").get_json()["parts"]

    assert (parts["index"], parts["scheduler"]) == ("never_built", "never_ran")


def test_a_damaged_index_is_named(client, settings: Settings) -> None:
    settings.index_dir.mkdir(parents=True)
    (settings.index_dir / "manifest.json").write_text("{not json")

    assert client.get("/readyz").get_json()["parts"]["index"] == "damaged"


def test_a_silent_scheduler_is_named(client, session: Session, now: datetime) -> None:
    acquire_lease(session, "scheduler", owner="a", now=now - timedelta(minutes=10), ttl=timedelta(minutes=1))

    assert client.get("/readyz").get_json()["parts"]["scheduler"] == "silent"


def test_a_living_scheduler_is_ok(client, session: Session, now: datetime) -> None:
    acquire_lease(session, "scheduler", owner="a", now=now, ttl=timedelta(minutes=1))

    assert client.get("/readyz").get_json()["parts"]["scheduler"] == "ok"


def test_without_an_encoder_the_site_is_degraded_and_not_down(client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "degraded"
    assert answer.get_json()["parts"]["encoder"] == "absent"
    assert "duijie_encoder_up 0.0" in client.get("/metrics").text


def test_an_encoder_that_answers_is_ok_and_counted(client, settings: Settings) -> None:
    with running_encoder(settings.encoder_socket):
        parts, metrics = client.get("/readyz").get_json()["parts"], client.get("/metrics").text

    assert parts["encoder"] == "ok"
    assert "duijie_encoder_up 1.0" in metrics
    assert "duijie_encoder_busy 0.0" in metrics


def test_version_and_metrics_are_plain(client, app: Flask) -> None:
    assert client.get("/version").get_json() == {"version": app.config["VERSION"]}
    assert "duijie_outbox_oldest_seconds" in client.get("/metrics").get_data(as_text=True)
