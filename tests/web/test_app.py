"""Every route says who may see it, and is held to it: a matrix made from the route table itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.routing import Rule

from models.api_token import find_token
from models.batch_list import freeze_list
from models.config import Settings
from models.district_programme import DistrictProgramme
from models.draft import make_draft
from models.event_picks import pick_scenarios
from models.funding_record import FundingRecord
from models.funding_rule_change import make_change, terms_of
from models.job_schedule import Line, write_job_schedule
from models.login import UserSession, make_link
from models.mail_example import MailExample, keep_example
from models.membership import invite_colleague
from models.milestone import Milestone
from models.outbox import MailKind
from models.registration import invite
from models.saved_search import SavedSearch, save_search
from models.secret_key import link_token
from models.subscription import add_subscription
from models.user import Role, User
from tests.factories import (
    MONDAY,
    make_capability,
    make_community,
    make_delivery,
    make_event,
    make_evidence,
    make_organisation,
    make_proof,
    make_question,
    make_token,
    make_user,
    make_webhook,
    save,
)
from tests.import_rows import make_import
from tests.judging import make_bid, make_bid_file, make_juror, make_jury
from tests.web.pages.test_funding import city_record
from tests.weightings import make_weights
from web.app import create_app
from web.auth import LOG_OUT
from web.bearer import API

ROUTES = Path(__file__).parent / "routes.txt"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def lines(app: Flask) -> Iterator[str]:
    for rule in rules(app):
        access = app.view_functions[rule.endpoint].access
        who = (
            "everybody"
            if not access
            else "logged in"
            if access == frozenset(Role)
            else ", ".join(sorted(access))
        )
        methods = ",".join(sorted(rule.methods - {"HEAD", "OPTIONS"}))
        yield f"{methods:5} {rule.rule:55} {who}"


def test_routes_and_who_may_see_them_are_as_written_down(app: Flask) -> None:
    assert "\n".join(lines(app)) + "\n" == ROUTES.read_text(encoding="utf-8")


def test_every_view_declares_who_may_see_it(app: Flask) -> None:
    assert [name for name, view in app.view_functions.items() if not hasattr(view, "access")] == []


def save_login(session: Session, person: User, now: datetime) -> int:
    row = UserSession(token_hash="x", user_id=person.key, expires_at=now + timedelta(hours=1))
    return save(session, row).key


@pytest.fixture
def addresses(app: Flask, session: Session, city, now) -> dict[str, str]:
    """An address for every rule, with ids of things that exist and belong to the city's two sides."""
    record = city_record(session, city)
    evidence = make_evidence(session, record.pilot)
    person = city.users[Role.AGENCY]
    subscription = add_subscription(
        session,
        organisation_id=city.agency.key,
        email=person.email,
        kind=MailKind.DIGEST_AGENCY,
        user_id=person.key,
    )
    invited = invite_colleague(
        session, city.agency, email="new@example.org", name="新", by=person, key="k", now=now
    )
    values = {
        "filename": "css/duijie.css",
        "token": make_link(session, person, now=now),
        "number": city.scenario.number,
        "scenario_id": city.scenario.key,
        "match_id": city.match_id,
        "pilot_id": record.pilot_id,
        "evidence_id": evidence.key,
        "subscription_id": subscription.key,
        "user_id": person.key,
        "role_id": person.roles[0].key,
        "invitation_id": invited.key,
        "organisation_id": make_organisation(session, approved_at=None).key,
        "draft_id": save(session, make_draft(city.agency, title="草稿", now=now)).key,
        **of_firm(session, city, now),
        **of_desk(session, city),
        "question_id": make_question(session, scenario_id=city.scenario.key).key,
        "import_id": make_import(session, user_id=person.key, organisation_id=city.agency.key).key,
        **of_programs(session, person, now),
        **bid_values(session, city),
        **funding_values(session, city, record),
        **event_values(session, city),
    }
    freeze_list(session, city.scenario.batch, [city.scenario], now=now)
    search = session.exec(select(SavedSearch.token)).first()
    tokens = {"unsubscribe": subscription.token, "join": link_token("k", invited.nonce), "search": search}
    by_endpoint = differing(**tokens)
    with app.test_request_context():
        return {
            f"{rule.endpoint}:{rule.rule}": app.url_map.bind("localhost").build(
                rule.endpoint,
                {name: {**values, **by_endpoint.get(rule.endpoint, {})}[name] for name in rule.arguments},
            )
            for rule in rules(app)
        }


def of_desk(session: Session, city) -> dict[str, object]:
    """What an operator looks after: a community, a programme, a job, an example of a mail."""
    write_job_schedule(session, [Line("reindex", 60, None, True), Line("verify_index", 60, None, True)])
    example = MailExample(kind="invitation", locale="zh", subject="主题", text="正文", html="<p>正文</p>")
    keep_example(session, example)
    here = city.agency.district_id
    return {
        "district_id": here,
        "community_id": make_community(session, district_id=here).key,
        "programme_id": save(session, DistrictProgramme(district_id=here, title="专项方案")).key,
        "job": "reindex",
        "serial": make_weights(session).serial,
        "kind": "scenarios",
        "ending": "csv",
        "mail_kind": "invitation",
        "mail_locale": "zh",
    }


def bid_values(session: Session, city) -> dict[str, str]:
    """The ids of a proposal that the firm handed in, and of the panel that judges it."""
    bid = make_bid(session, scenario_id=city.scenario.key, organisation_id=city.firm.key)
    jury = make_jury(session, scenario_id=city.scenario.key)
    juror = make_juror(session, jury, user_id=city.users[Role.EVALUATOR].key, declared_at=MONDAY)
    values = {"bid_id": bid, "file_id": make_bid_file(session, bid), "jury_id": jury, "juror_id": juror}
    return {name: row.key for name, row in values.items()}


def funding_values(session: Session, city, row: FundingRecord) -> dict[str, object]:
    """A version of a rule, a change of it that somebody writes, and a milestone of the pilot."""
    officer, rule = city.users[Role.FUNDING_OFFICER], row.rule
    change = make_change(rule.programme, by=officer, based_on=rule, terms=terms_of(rule))
    milestone = Milestone(pilot_id=row.pilot_id, title="样机上车", due_on=date(2026, 12, 1))
    return {
        "record_id": row.key,
        "programme": rule.programme,
        "version": rule.version,
        "change_id": save(session, change).key,
        "milestone_id": save(session, milestone).key,
    }


def event_values(session: Session, city) -> dict[str, str | int]:
    """The ids of an open event, of the scenario that it brings and of the agency that is invited with it."""
    event = make_event(session)
    [pick] = pick_scenarios(session, event, [city.scenario])
    event.opened_at = MONDAY
    [row] = invite(session, event, MONDAY)
    values = {"event_id": event.key, "pick_id": pick.key, "registration_id": row.key}
    return {**values, "side": "scenario", "act": "approve"}


def of_programs(session: Session, person: User, now: datetime) -> dict[str, int]:
    """Ids of what a person has made for programs, and of a log-in."""
    webhook = make_webhook(session, person)
    token = make_token(session, person, now=now)
    return {
        "session_id": save_login(session, person, now),
        "token_id": find_token(session, token, now=now).key,
        "webhook_id": webhook.key,
        "delivery_id": make_delivery(session, webhook).key,
    }


def of_firm(session: Session, city, now: datetime) -> dict[str, int]:
    """A capability of the firm with a proof, and a search that somebody keeps."""
    capability = make_capability(session, organisation_id=city.firm.key)
    return {
        "capability_id": capability.key,
        "proof_id": make_proof(session, capability_id=capability.key).key,
        "search_id": save_search(
            session, user_id=city.users[Role.AGENCY].key, name="全部", query="", now=now
        ).key,
    }


def differing(*, unsubscribe: str, join: str, search: str) -> dict[str, dict[str, str]]:
    """The values that mean something else on these pages than on the others."""
    of_batches = ("batches.show", "lists.show", "lists.download", "batch_plans.show", "batch_plans.save")
    of_batches += ("api_batches.show", "api_batches.frozen")
    found = {name: {"number": "2026Q4"} for name in (*of_batches, "batch_plans.move")}
    found["lists.download"] |= {"kind": "json"}
    for name in ("members.look_at_invitation", "members.join"):
        found[name] = {"token": join}
    for name in ("account.ask_unsubscribe", "account.unsubscribe"):
        found[name] = {"token": unsubscribe}
    for name in ("saved_searches.ask_stop", "saved_searches.stop"):
        found[name] = {"token": search}
    return found


@pytest.fixture
def enter(log_in: Callable[[User], FlaskClient], session: Session, now) -> Callable[[User], FlaskClient]:
    """Log a person in, and show their token where programs ask."""
    tokens: dict[int, str] = {}

    def enter(user: User) -> FlaskClient:
        if user.key not in tokens:
            tokens[user.key] = make_token(session, user, now=now, used_at=now)
        client = log_in(user)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {tokens[user.key]}"
        return client

    return enter


def call(client: FlaskClient, rule: Rule, address: str) -> int:
    method = next(iter(rule.methods & set(UNSAFE)), "GET")
    answer = client.open(address, method=method)
    answer.close()
    return answer.status_code


def test_strangers_are_sent_to_the_log_in_page_or_served(app: Flask, client, addresses) -> None:
    wrong = {}
    for rule in rules(app):
        status = call(app.test_client(), rule, addresses[f"{rule.endpoint}:{rule.rule}"])
        is_public = not app.view_functions[rule.endpoint].access
        refused = {401} if rule.rule.startswith(API) else {303}
        allowed = {200, 301, 302, 303, 422} if is_public else refused
        if status not in allowed:
            wrong[rule.rule] = status

    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_let_in_where_the_view_names_it_and_nowhere_else(
    app: Flask, city, addresses, enter: Callable[[User], FlaskClient], role: Role
) -> None:
    wrong = {}
    for rule in rules(app):
        access = app.view_functions[rule.endpoint].access
        if not access or rule.endpoint == "account.log_out":
            continue
        status = call(enter(city.users[role]), rule, addresses[f"{rule.endpoint}:{rule.rule}"])
        # Inside, a step may still be illegal (409), incomplete (422) or the other side's (403, 404).
        if (role not in access and status != 403) or (role in access and status >= 500):
            wrong[rule.rule] = status

    assert wrong == {}


def test_suspended_organisations_are_refused_everywhere(
    app: Flask, session: Session, city, addresses, enter, now
):
    as_agency = enter(city.users[Role.AGENCY])
    city.agency.suspend(now)

    statuses = {
        call(as_agency, rule, addresses[f"{rule.endpoint}:{rule.rule}"])
        for rule in rules(app)
        if app.view_functions[rule.endpoint].access
        and Role.AGENCY in app.view_functions[rule.endpoint].access
        and rule.endpoint != LOG_OUT
    }

    assert statuses == {403}
    assert call(as_agency, next(rule for rule in rules(app) if rule.endpoint == LOG_OUT), "/logout") == 303


def test_ids_of_others_answer_404_on_every_route_that_takes_one(
    app: Flask, session: Session, addresses, enter: Callable[[User], FlaskClient]
) -> None:
    stranger = make_user(
        session, roles=(Role.AGENCY, Role.STARTUP), organisation_id=make_organisation(session).key
    )
    client = enter(stranger)
    wrong = {}
    for rule in rules(app):
        # What is closed to both roles is refused as such, whatever the id: see the matrix above.
        is_open_to_them = app.view_functions[rule.endpoint].access & {Role.AGENCY, Role.STARTUP}
        if is_open_to_them and any(name.endswith("_id") for name in rule.arguments):
            status = call(client, rule, addresses[f"{rule.endpoint}:{rule.rule}"])
            if status != 404:
                wrong[rule.rule] = status

    assert wrong == {}


def test_no_get_changes_a_row(app: Flask, session: Session, city, addresses, enter) -> None:
    client = enter(city.users[Role.AGENCY])
    session.flush()
    before = snapshot(session)

    for rule in rules(app):
        if "GET" in rule.methods:
            client.get(addresses[f"{rule.endpoint}:{rule.rule}"]).close()

    assert snapshot(session) == before


def snapshot(session: Session) -> dict[str, list[tuple[object, ...]]]:
    from sqlmodel import SQLModel

    return {
        table.name: [
            tuple(map(repr, row)) for row in session.execute(table.select().order_by(*table.primary_key))
        ]
        for table in SQLModel.metadata.sorted_tables
    }


def test_ids_too_large_for_the_database_are_404(as_agency) -> None:
    assert as_agency.get("/pilots/99999999999999999999").status_code == 404
    assert as_agency.get("/matches/0").status_code == 404
    assert as_agency.get("/matches/-1").status_code == 404


def test_foreign_host_names_are_refused_where_names_are_set(settings: Settings, session: Session) -> None:
    app = create_app(settings.model_copy(update={"trusted_hosts": ["duijie.example"]}))

    assert app.test_client().get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert app.test_client().get("/healthz", headers={"Host": "duijie.example"}).status_code == 200


def test_cookies_are_strict_where_there_is_tls(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"secure_cookies": True}))

    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert app.config["SESSION_COOKIE_SECURE"]
