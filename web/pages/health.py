"""Whether this installation works: for probes, for operators, for nobody's entertainment. No secrets, no names."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from alembic.migration import MigrationContext
from flask import Blueprint, Response, current_app, g
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from matcher.encoder_client import ask_encoder
from matcher.index_manifest import IndexManifest
from models.config import Settings
from models.errors import ModelUnavailable
from models.outbox_queries import count_by_state, oldest_waiting_at
from models.schema import head_revision
from models.work import find_lease
from web.auth import public

bp = Blueprint("health", __name__)

SCHEDULER = "scheduler"
MANIFEST = "manifest.json"
ENCODER_WITHIN_SECONDS = 2.0
# The scheduler renews its lease every few seconds; silence for this long means that it is gone.
HEARTBEAT_WITHIN = timedelta(minutes=3)
# Digests wait for their hour, but no mail waits this long unless sending is stuck.
OUTBOX_WITHIN = timedelta(hours=1)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return _json({"status": "ok"}, 200)


@bp.get("/readyz")
@public
def readyz() -> Response:
    """Each part this installation needs, with what is wrong; 503 when the site itself cannot serve.

    The others are reported and do not fail the probe: pages work without them.
    """
    parts = {
        "database": _database(),
        "index": index_state(current_app.config["SETTINGS"]),
        "encoder": "ok" if _encoder() is not None else "absent",
        "scheduler": _scheduler(),
        "outbox": _outbox(),
    }
    ready = parts["database"] == "ok"
    degraded = any(state != "ok" for state in parts.values())
    status = "ok" if ready and not degraded else "degraded" if ready else "unavailable"
    return _json({"status": status, "parts": parts}, 200 if ready else 503)


def _database() -> str:
    try:
        current = MigrationContext.configure(g.session.connection()).get_current_revision()
    except SQLAlchemyError:
        g.session.rollback()
        return "unreachable"
    return "ok" if current == head_revision() else "schema_behind"


def index_state(settings: Settings) -> str:
    """ok, never_built or damaged: what the manifest of the search index says."""
    # Only the manifest is read: pages do not search, and the index itself is checked by whoever opens it.
    try:
        IndexManifest.from_bytes((settings.index_dir / MANIFEST).read_bytes())
    except FileNotFoundError:
        return "never_built"
    except (OSError, ValueError, KeyError, TypeError):
        return "damaged"
    return "ok"


def _encoder() -> dict[str, Any] | None:
    """What the encoder's process says of itself, None where it does not answer."""
    try:
        told, _ = ask_encoder(
            current_app.config["SETTINGS"].encoder_socket, {"op": "info"}, seconds=ENCODER_WITHIN_SECONDS
        )
    except ModelUnavailable:
        return None
    return told if told.get("ok") is True else None


def _scheduler() -> str:
    try:
        lease = find_lease(g.session, SCHEDULER)
    except SQLAlchemyError:
        g.session.rollback()
        return "unknown"
    if lease is None:
        return "never_ran"
    return "ok" if g.now - lease.heartbeat_at <= HEARTBEAT_WITHIN else "silent"


def _outbox() -> str:
    try:
        oldest = oldest_waiting_at(g.session)
    except SQLAlchemyError:
        g.session.rollback()
        return "unknown"
    return "ok" if oldest is None or g.now - oldest <= OUTBOX_WITHIN else "stuck"


@bp.get("/version")
@public
def version() -> Response:
    """Which version this is."""
    return _json({"version": current_app.config["VERSION"]}, 200)


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Counts for Prometheus, read from the database when asked, so that several processes agree."""
    registry = CollectorRegistry()
    mails = Gauge("duijie_outbox_mails", "Mails by state", ["state"], registry=registry)
    for state, n in count_by_state(g.session).items():
        mails.labels(state.value).set(n)
    oldest = oldest_waiting_at(g.session)
    waiting = Gauge("duijie_outbox_oldest_seconds", "Age of the oldest mail that waits", registry=registry)
    waiting.set(0 if oldest is None else (g.now - oldest).total_seconds())
    lease = find_lease(g.session, SCHEDULER)
    beat = Gauge(
        "duijie_scheduler_heartbeat_seconds", "Age of the scheduler's last sign of life", registry=registry
    )
    beat.set(-1 if lease is None else (g.now - lease.heartbeat_at).total_seconds())
    _measure_encoder(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _measure_encoder(registry: CollectorRegistry) -> None:
    told = _encoder()
    Gauge("duijie_encoder_up", "Whether the encoder answers", registry=registry).set(told is not None)
    for name in ("n_questions", "n_busy", "n_refused", "n_encoded"):
        words = f"Since the encoder's start: {name[2:]}"
        gauge = Gauge(f"duijie_encoder_{name[2:]}", words, registry=registry)
        gauge.set(-1 if told is None else float(told[name]))


def _json(document: dict[str, object], status: int) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status=status, mimetype="application/json")
