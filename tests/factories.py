"""One function per table: a row with sensible values, saved and flushed. Name only what the test is about."""

import itertools
import uuid
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pyotp
from sqlmodel import Session

from models.api_token import Scope, TokenWish, add_token
from models.base import Table
from models.batch import Batch
from models.capability import Capability, CapabilityCase, Maturity
from models.event import Event, EventType
from models.evidence import Evidence, EvidenceKind
from models.match import Band, Match, MatchScore
from models.match_queries import find_match
from models.organisation import Organisation, OrganisationKind
from models.pilot import Pilot
from models.place import Community, District
from models.proof import Proof, ProofKind
from models.question import Question
from models.review import ReviewRound, content_of
from models.scenario import Requirement, Scenario, ScenarioKind
from models.second_factor import SecondFactor, shown_secret
from models.team import Closeness, ProposedMember, TeamProposal
from models.user import Role, User, UserRole
from models.webhook import SUBSCRIBABLE, EventKind, Webhook, WebhookDelivery

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
_numbers = itertools.count(1)
Row = TypeVar("Row", bound=Table)


def save(session: Session, row: Row) -> Row:
    """Add and flush a row."""
    session.add(row)
    session.flush()
    return row


def make_district(session: Session, **values: Any) -> District:
    n = next(_numbers)
    return save(
        session, District(**{"code": f"D{n}", "name": f"第{n}区", "name_en": f"District {n}", **values})
    )


def make_community(session: Session, **values: Any) -> Community:
    n = next(_numbers)
    if "district_id" not in values:
        values["district_id"] = make_district(session).key
    return save(
        session, Community(**{"code": f"C{n}", "name": f"第{n}社区", "name_en": f"Community {n}", **values})
    )


def make_organisation(session: Session, **values: Any) -> Organisation:
    n = next(_numbers)
    defaults = {"name": f"机构{n}", "kind": OrganisationKind.AGENCY, "approved_at": MONDAY}
    return save(session, Organisation(**{**defaults, **values}))


def make_firm(session: Session, **values: Any) -> Organisation:
    return make_organisation(session, **{"kind": OrganisationKind.STARTUP, "team_size": 1, **values})


def make_user(session: Session, *, roles: tuple[Role, ...] = (), **values: Any) -> User:
    n = next(_numbers)
    user = save(session, User(**{"email": f"user{n}@example.org", "name": f"用户{n}", **values}))
    for role in roles:
        save(session, UserRole(user_id=user.key, role=role))
    session.refresh(user)
    return user


def make_second_factor(session: Session, person: User, **values: Any) -> SecondFactor:
    """A device that works and whose codes of now have not been used."""
    defaults = {"nonce": f"nonce{next(_numbers)}", "confirmed_at": MONDAY, "created_at": MONDAY}
    return save(session, SecondFactor(**{"user_id": person.key, **defaults, **values}))


def code_of(row: SecondFactor, key: str, now: datetime) -> str:
    """What the device shows at a moment."""
    return pyotp.TOTP(shown_secret(row, key)).at(now)


def make_token(session: Session, user: User, *scopes: Scope, now: datetime = MONDAY, **values: Any) -> str:
    """The token itself; its row is found by it. Without scopes, for everything."""
    wish = TokenWish(name="平台同步", scopes=scopes or tuple(Scope), days=90)
    row, token = add_token(session, user, wish, now=now)
    for name, value in values.items():
        setattr(row, name, value)
    save(session, row)
    return token


def make_webhook(session: Session, user: User, **values: Any) -> Webhook:
    defaults = {
        "url": "https://receiver.example/hook", "kinds": [kind.value for kind in SUBSCRIBABLE], "nonce": "n" * 43,
        "created_at": MONDAY, "scanned_at": MONDAY,
    }  # fmt: skip
    return save(session, Webhook(user_id=user.key, **{**defaults, **values}))


def make_delivery(session: Session, webhook: Webhook, **values: Any) -> WebhookDelivery:
    n = next(_numbers)
    defaults = {
        "event_ref": f"audit_event:{n}", "kind": EventKind.BATCH_RELEASED.value, "occurred_at": MONDAY,
        "data": {"number": "2026Q4"}, "uuid": str(uuid.uuid4()), "next_try_at": MONDAY,
    }  # fmt: skip
    return save(session, WebhookDelivery(webhook_id=webhook.key, **{**defaults, **values}))


def make_batch(session: Session, **values: Any) -> Batch:
    n = next(_numbers)
    return save(session, Batch(**{"number": f"B{n}", "title": f"批次{n}", "released_at": MONDAY, **values}))


def make_scenario(session: Session, *, requirements: tuple[str, ...] = (), **values: Any) -> Scenario:
    """A published, open scenario unless told otherwise; requirements are all `must`."""
    n = next(_numbers)
    if "organisation_id" not in values:
        values["organisation_id"] = make_organisation(session).key
    defaults = {
        "number": f"T-{n:04d}",
        "title": f"用巡查车视频发现道路病害（{n}）",
        "text": "巡查车每天拍摄道路视频，人工回看太慢。希望自动发现井盖缺失与破损并派单。",
        "lang": "zh",
        "kind": ScenarioKind.GOVERNMENT,
        "domain": "city_governance",
        "deadline_on": date(2026, 12, 31),
        "published_at": MONDAY,
    }
    scenario = save(session, Scenario(**{**defaults, **values}))
    for position, text in enumerate(requirements, start=1):
        save(session, Requirement(scenario_id=scenario.key, position=position, text=text))
    session.refresh(scenario)
    return scenario


def make_approved(session: Session, **values: Any) -> Scenario:
    """A scenario that passed review and waits for a batch."""
    moments = {"submitted_at": MONDAY, "approved_at": MONDAY, "published_at": None, "number": None}
    return make_scenario(session, **{**moments, **values})


def make_question(session: Session, **values: Any) -> Question:
    """An open question of a new firm about a new scenario, due a week after Monday."""
    if "scenario_id" not in values:
        values["scenario_id"] = make_scenario(session).key
    if "organisation_id" not in values:
        values["organisation_id"] = make_firm(session).key
    defaults = {"text": "视频能否出域？", "due_on": date(2026, 11, 23), "created_at": MONDAY}
    row = save(session, Question(**{**defaults, **values}))
    session.refresh(row)
    return row


def make_round(session: Session, **values: Any) -> ReviewRound:
    """A hand-in that waits for review, of a scenario in a district of its own, unless told otherwise."""
    if "scenario_id" not in values:
        district = make_district(session, reviews_scenarios=True)
        scenario = make_scenario(
            session, district_id=district.key, number=None, published_at=None, submitted_at=MONDAY
        )
        values["scenario_id"] = scenario.key
    scenario = session.get_one(Scenario, values["scenario_id"])
    defaults = {"serial": 1, "created_at": MONDAY, "content": content_of(scenario)}
    row = save(session, ReviewRound(**{**defaults, **values}))
    session.refresh(row)
    return row


def make_capability(session: Session, *, cases: tuple[str, ...] = (), **values: Any) -> Capability:
    """A listed capability of a new one-person firm unless told otherwise."""
    n = next(_numbers)
    if "organisation_id" not in values:
        values["organisation_id"] = make_firm(session).key
    defaults = {
        "title": f"车载视频道路病害识别（{n}）",
        "text": "用车载记录仪视频识别井盖缺失、破损和沉降，召回率91%。可整套部署在政务云。",
        "lang": "zh",
        "deployment": ["gov_cloud"],
        "maturity": Maturity.PILOT,
        "capacity": 1,
        "listed_at": MONDAY,
    }
    capability = save(session, Capability(**{**defaults, **values}))
    for position, text in enumerate(cases, start=1):
        save(session, CapabilityCase(capability_id=capability.key, position=position, text=text))
    session.refresh(capability)
    return capability


def make_match(session: Session, **values: Any) -> Match:
    if "scenario_id" not in values:
        values["scenario_id"] = make_scenario(session).key
    if "organisation_id" not in values:
        values["organisation_id"] = make_firm(session).key
    return save(session, Match(**values))


def make_introduced_match(session: Session, **values: Any) -> Match:
    return make_match(
        session, **{"invited_at": MONDAY, "interested_at": MONDAY, "introduced_at": MONDAY, **values}
    )


def make_score(session: Session, match: Match, **values: Any) -> MatchScore:
    """A strong score for a match, for a new capability of its firm unless told otherwise."""
    if "capability_id" not in values:
        values["capability_id"] = make_capability(session, organisation_id=match.organisation_id).key
    defaults = {
        "match_id": match.key,
        "scenario_id": match.scenario_id,
        "serial": 1,
        "engine_version": "test",
        "index_version": "test",
        "inputs_hash": "0" * 64,
        "score": 0.8,
        "band": Band.STRONG,
        "signals": {"relevance": 4.0, "coverage": 1.0, "unmet_musts": 0.0},
        "coverage": [
            {
                "position": 1, "text": "自动发现井盖缺失与破损", "must": True, "derived": False, "lang": "zh",
                "verdict": "met", "evidence": "识别井盖缺失、破损和沉降，召回率91%。", "evidence_lang": "zh",
                "evidence_source": "text", "evidence_id": "capability:1#0", "cross_language": False, "counter": None,
            }
        ],
        "reasons": [
            {
                "code": "requirement_met",
                "values": {"position": 1, "quote": "识别井盖缺失、破损和沉降，召回率91%", "quote_lang": "zh"},
            }
        ],
    }  # fmt: skip
    return save(session, MatchScore(**{**defaults, **values}))


def make_team(
    session: Session, scenario: Scenario, parts: dict[int, tuple[int, ...]], **values: Any
) -> TeamProposal:
    """A proposal in which each firm, by id, meets its parts and says nothing of the rest; with the members' pairs."""
    takers = {position: firm_id for firm_id, positions in parts.items() for position in positions}
    musts = [
        {
            "position": row.position, "text": row.text, "lang": scenario.lang, "derived": False, "n_unmet": 0,
            "verdict": "met" if row.position in takers else "unknown", "taken_by": takers.get(row.position),
        }
        for row in scenario.requirements
        if row.must
    ]  # fmt: skip
    defaults = {
        "scenario_id": scenario.key, "serial": 1, "engine_version": "test", "index_version": "test",
        "pool_hash": "0" * 64, "inputs_hash": "0" * 64, "closeness": Closeness.SAME_CITY, "is_exact": True,
        "lower_bound": len(parts), "n_examined": 5, "n_available": 5, "musts": musts,
    }  # fmt: skip
    proposal = save(session, TeamProposal(**{**defaults, **values}))
    for rank, (firm_id, positions) in enumerate(parts.items(), start=1):
        capability = make_capability(session, organisation_id=firm_id)
        found = find_match(session, scenario.key, firm_id)
        match = found or make_match(session, scenario_id=scenario.key, organisation_id=firm_id)
        coverage = [_stand(must, must["position"] in positions, capability.key) for must in musts]
        make_score(session, match, capability_id=capability.key, coverage=coverage, band=Band.POSSIBLE)
        member = ProposedMember(
            proposal_id=proposal.key, organisation_id=firm_id, rank=rank, coverage=coverage
        )
        save(session, member)
    session.refresh(proposal)
    return proposal


def _stand(must: dict[str, Any], is_met: bool, capability_id: int) -> dict[str, Any]:
    quote = f"第{must['position']}条做得到，已在两处用了半年。" if is_met else None
    return {
        "position": must["position"], "text": must["text"], "must": True, "derived": False, "lang": "zh",
        "verdict": "met" if is_met else "unknown", "evidence": quote, "evidence_lang": "zh" if is_met else None,
        "evidence_source": "text" if is_met else None, "evidence_id": None, "cross_language": False,
        "counter": None, "capability_id": capability_id,
    }  # fmt: skip


def make_pilot(session: Session, **values: Any) -> Pilot:
    """A planned pilot with metric, owner and decision date, between a new agency and a new firm."""
    match = session.get(Match, values["match_id"]) if "match_id" in values else make_introduced_match(session)
    assert match is not None
    if "capability_id" not in values:
        values["capability_id"] = make_capability(session, organisation_id=match.organisation_id).key
    defaults = {
        "match_id": match.key,
        "scenario_id": match.scenario_id,
        "organisation_id": match.organisation_id,
        "title": "道路病害识别试点",
        "success_metric": "发现到派单的中位小时数",
        "baseline": "26",
        "target": "4",
        "decision_owner": "李科长",
        "decision_on": date(2027, 4, 10),
    }
    return save(session, Pilot(**{**defaults, **values}))


def make_pilot_in_use(session: Session, **values: Any) -> Pilot:
    moments = {"agreed_at": MONDAY, "started_at": MONDAY, "in_use_at": MONDAY}
    return make_pilot(session, **{**moments, "go_live_on": date(2026, 11, 16), "n_users": 12, **values})


EVENT_DAY = [
    {"start": 540, "end": 560, "session": "上午"},
    {"start": 560, "end": 580, "session": "上午"},
    {"start": 580, "end": 600, "session": ""},
    {"start": 600, "end": 630, "session": "谈方案"},
]


def make_event(session: Session, **values: Any) -> Event:
    """A draft with five tables in two halls and three slots, some weeks after MONDAY."""
    defaults = {
        "title": "场景供需对接", "kind": EventType.MATCHMAKING, "place": "会展中心", "held_on": date(2026, 12, 18),
        "halls": [{"name": "主厅", "n_tables": 3}, {"name": "侧厅", "n_tables": 2}], "timetable": EVENT_DAY,
        "max_meetings": 3,
    }  # fmt: skip
    return save(session, Event(**{**defaults, **values}))


def make_proof(session: Session, **values: Any) -> Proof:
    """A proof of an algorithm filing that nobody has checked yet, of a new capability unless told otherwise."""
    n = next(_numbers)
    if "capability_id" not in values:
        values["capability_id"] = make_capability(session, filings=["algorithm_filing"]).key
    defaults = {
        "kind": ProofKind.FILING,
        "filing": "algorithm_filing",
        "title": f"算法备案（{n}）",
        "valid_until_on": date(2027, 11, 1),
        "file_name": "filing.pdf",
        "file_hash": f"{n:064x}",
        "file_size": 1000,
        "media_type": "application/pdf",
        "created_at": MONDAY,
    }
    return save(session, Proof(**{**defaults, **values}))


def make_evidence(session: Session, pilot: Pilot, **values: Any) -> Evidence:
    n = next(_numbers)
    defaults = {
        "pilot_id": pilot.key,
        "kind": EvidenceKind.TEST_REPORT,
        "title": f"测试报告{n}",
        "issuer": "某检测机构",
        "issued_on": date(2026, 11, 1),
        "file_name": "report.pdf",
        "file_hash": f"{n:064x}",
        "file_size": 1000,
        "media_type": "application/pdf",
    }
    return save(session, Evidence(**{**defaults, **values}))
