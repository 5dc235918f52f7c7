"""The application: everything it is made of, built here from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import ZoneInfo

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter

import models.tables  # noqa: F401  (registers every table)
from models.base import utcnow
from models.config import Settings
from models.db import make_engine
from models.secret_key import get_secret_key
from web import assets, auth, errors, filters, frame, live, reader, security
from web import session as request_session
from web.api import document
from web.logs import configure_logging
from web.pages import (
    account,
    addenda,
    answers,
    attendance,
    audit_log,
    batch_plans,
    batches,
    bid_files,
    bid_list,
    bids,
    capabilities,
    capability_edits,
    communities,
    decisions,
    districts,
    draft_readings,
    drafts,
    evaluation,
    event_picks,
    events,
    exposure,
    feeds,
    funding,
    funding_options,
    gaps,
    health,
    home,
    imports,
    interface,
    job_runs,
    juries,
    labels,
    lists,
    mails,
    matches,
    members,
    my_data,
    organisations,
    panels,
    passwords,
    pilot_ends,
    pilot_records,
    pilot_steps,
    pilots,
    profile_imports,
    proofs,
    questions,
    registrations,
    reviews,
    rubrics,
    rule_changes,
    rule_conditions,
    rules,
    saved_searches,
    scenarios,
    search_index,
    seats,
    second_factor,
    shortlist,
    sign_up,
    submissions,
    taxonomies,
    teams,
    tokens,
    tryout,
    use_reports,
    users,
    webhooks,
)
from web.session import OpenSession, session_opener

# A form has a few dozen fields; more is an attack on the parser.
MAX_FORM_PARTS = 200
# Room for the other fields beside a file of the largest size.
FORM_OVERHEAD_BYTES = 1_000_000

BLUEPRINTS = (
    scenarios,
    saved_searches,
    tryout,
    account,
    second_factor,
    my_data,
    sign_up,
    passwords,
    tokens,
    webhooks,
    members,
    organisations,
    communities,
    districts,
    users,
    home,
    matches,
    answers,
    shortlist,
    teams,
    bids,
    bid_files,
    bid_list,
    juries,
    decisions,
    seats,
    capabilities,
    capability_edits,
    profile_imports,
    proofs,
    panels,
    drafts,
    draft_readings,
    submissions,
    reviews,
    questions,
    addenda,
    rubrics,
    pilots,
    pilot_steps,
    pilot_records,
    pilot_ends,
    use_reports,
    funding,
    funding_options,
    rules,
    rule_changes,
    rule_conditions,
    batches,
    batch_plans,
    events,
    event_picks,
    registrations,
    attendance,
    lists,
    gaps,
    exposure,
    evaluation,
    labels,
    imports,
    interface,
    feeds,
    job_runs,
    search_index,
    mails,
    taxonomies,
    audit_log,
    health,
)


class RowIdConverter(IntegerConverter):
    """A row id in an address: positive, and small enough for the database; anything else is 404."""

    regex = "[1-9][0-9]{0,8}"


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = utcnow,
    open_session: OpenSession | None = None,
    connect: live.Connect | None = None,
) -> Flask:
    """The web application.

    settings: read from the environment when None (for a WSGI server). clock: the time of each request.
    open_session: opens a database session, given whether the request only reads; by default on the settings'
    database. connect: reaches the encoder; by default the one that listens in the data folder.
    """
    settings = settings or Settings()
    configure_logging(settings.log_format)
    app = Flask("web", static_folder="static", template_folder="templates")
    configure(app, settings)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["id"] = RowIdConverter

    reader.register(app, clock=clock, zone=ZoneInfo(settings.time_zone))
    open_session = open_session or session_opener(make_engine(settings.database))
    request_session.register(app, open_session)
    live.register(app, settings, open_session, connect)
    for module in BLUEPRINTS:
        app.register_blueprint(module.bp)
    for module in (*document.MODULES, document):
        app.register_blueprint(module.bp)
    # After the blueprints, because it checks that every view says who may see it.
    auth.register(app)
    reader.register_wishes(app)
    # Who refuses comes after the reader's language is known, for a refusal is read too.
    csrf = CSRFProtect(app)
    # Mail programs press this button on their own (RFC 8058); the token in the address is what entitles them.
    csrf.exempt(account.unsubscribe)
    # A program shows a token, which no other site's page can make a browser send.
    for module in document.MODULES:
        csrf.exempt(module.bp)
    auth.register_guard(app)
    errors.register(app)
    filters.register(app)
    assets.register(app)
    frame.register(app)
    security.register(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Settings as Flask knows them, with safe values where Flask's own are not."""
    app.config.update(
        SECRET_KEY=get_secret_key(settings),
        SETTINGS=settings,
        SESSION_HOURS=settings.session_hours,
        DEFAULT_LOCALE=settings.default_locale,
        VERSION=_version(),
        SESSION_COOKIE_NAME="__Host-duijie_form" if settings.secure_cookies else "duijie_form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        TRUSTED_HOSTS=settings.trusted_hosts or None,
        MAX_CONTENT_LENGTH=settings.upload_max_bytes + FORM_OVERHEAD_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=FORM_OVERHEAD_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
    )


def _version() -> str:
    try:
        return version("duijie")
    except PackageNotFoundError:
        return "0"
