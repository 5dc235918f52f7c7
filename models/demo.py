"""Demo data: an invented city's scenarios, firms, pilots and rules, marked as demo, dated from the day of seeding on.

The data and what it shows are described in models/demo_data/README.md.
"""

import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.base import Table
from models.batch import Batch
from models.capability import Capability, CapabilityCase, Maturity
from models.config import Settings
from models.demo_desk import seed_desk
from models.demo_labels import seed_labels
from models.demo_matches import seed_matches
from models.demo_pilots import seed_pilots
from models.demo_places import plan_and_programmes
from models.demo_proposals import fix_criteria, seed_proposals
from models.demo_reviews import freeze_lists, planned_moment, seed_reviews
from models.funding_rule_file import load_rules
from models.organisation import Organisation, OrganisationKind
from models.outbox import MailKind
from models.password import hash_password
from models.place import Community, District
from models.scenario import Requirement, Scenario, ScenarioKind
from models.subscription import Subscription, add_subscription
from models.user import Role, User, UserRole

DEMO_DATA = Path(__file__).parent / "demo_data"
LOGINS_FILE = "demo-logins.json"
FEN_PER_WAN = 1_000_000

# Days from the day of seeding on which things that carry no date of their own happened.
APPROVED_DAYS = -200
CONSENTED_DAYS = -100
LISTED_DAYS = -60
WRITING_DAYS = 14
"""A scenario is written so long before it opens."""

ACCOUNTS: tuple[tuple[str, str, Role, str], ...] = (
    ("agency@demo.example", "周敏", Role.AGENCY, "ns_urban"),
    ("startup@demo.example", "祁望舒", Role.STARTUP, "F01"),
    ("agency2@demo.example", "林清", Role.AGENCY, "ft_office"),
    ("startup2@demo.example", "谌墨言", Role.STARTUP, "F17"),
    ("organizer@demo.example", "方晓", Role.ORGANIZER, ""),
    ("funding@demo.example", "许安", Role.FUNDING_OFFICER, ""),
    ("funding2@demo.example", "温书", Role.FUNDING_OFFICER, ""),
    ("operator@demo.example", "沈知行", Role.OPERATOR, ""),
    ("reviewer@demo.example", "卫明", Role.REVIEWER, ""),
    ("evaluator@demo.example", "罗衡", Role.EVALUATOR, ""),
    ("evaluator2@demo.example", "程砚", Role.EVALUATOR, ""),
    ("evaluator3@demo.example", "姚简", Role.EVALUATOR, ""),
)
"""Address, name, role and organisation key of the demo log-ins.

The first agency and startup have a pilot already; the second two fit each other and have yet to say so.
"""


@dataclass
class SeedReport:
    """What seeding did. logins: (address, role, password); empty when the database was filled already."""

    counts: dict[str, int] = field(default_factory=dict)
    logins: list[tuple[str, str, str]] = field(default_factory=list)

    def to_text(self) -> str:
        """Lines for the terminal."""
        if not self.counts:
            return "已经有演示数据，没有改动。"
        lines = ["演示数据：" + "，".join(f"{name} {count}" for name, count in self.counts.items())]
        lines += [f"  {role:<16} {email:<26} {password}" for email, role, password in self.logins]
        return "\n".join(lines)


class Calendar:
    """Turns "days from the day of seeding" into dates and moments; days begin in the installation's zone."""

    def __init__(self, now: datetime, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.now = now
        self.today = now.astimezone(self.zone).date()

    def day(self, offset: int | None) -> date | None:
        """The date so many days from today, or None."""
        return None if offset is None else self.today + timedelta(days=offset)

    def moment(self, offset: int | None) -> datetime | None:
        """Nine in the morning of that day, never later than now, or None."""
        day = self.day(offset)
        return None if day is None else min(datetime.combine(day, time(9), self.zone), self.now)

    def required_moment(self, offset: int) -> datetime:
        """As `moment`, for an offset that is there."""
        moment = self.moment(offset)
        assert moment is not None
        return moment


def seed_demo(session: Session, *, now: datetime, settings: Settings) -> SeedReport:
    """Fill a database without demo rows; do nothing to one that has them. Flushes, never commits.

    Writes the demo passwords to LOGINS_FILE in the data folder, readable by its owner only, and documents of the pilots
    to the file store. The caller commits afterwards: a file without rows is written again by the next seeding, rows
    without a file would be accounts that nobody can use.
    """
    report = SeedReport()
    if session.exec(select(Organisation).where(Organisation.is_demo).limit(1)).first() is not None:
        return report
    seeder = _Seeder(session, Calendar(now, settings.time_zone))
    seeder.places()
    seeder.organisations()
    seeder.batches()
    seeder.scenarios()
    seeder.capabilities()
    seed_matches(session, seeder.rows, seeder.calendar, records=records("matches.jsonl"))
    seed_labels(session, seeder.rows, seeder.calendar, records=records("labels.jsonl"))
    n_pilots = seed_pilots(
        session, seeder.rows, seeder.calendar, settings=settings, records=records("pilots.jsonl")
    )
    load_rules(session)
    report.logins = seeder.accounts()
    seeder.reviews()
    report.counts = {
        "场景": len(seeder.keys("S")),
        "企业": len(seeder.keys("F")),
        "能力": len(seeder.keys("C")),
        "试点": n_pilots,
    }
    session.flush()
    write_logins(settings.data_dir / LOGINS_FILE, report.logins)
    return report


def records(name: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a .jsonl file of the demo data."""
    with (DEMO_DATA / name).open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def write_logins(path: Path, logins: list[tuple[str, str, str]]) -> None:
    """Keep the demo passwords where only the owner of the installation can read them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"email": email, "role": role, "password": password} for email, role, password in logins]
    # A new file in the old one's place: the old one may have been readable by others.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=1)
    os.replace(temporary, path)


def _fen(wan: float | None) -> int | None:
    return None if wan is None else round(wan * FEN_PER_WAN)


class _Seeder:
    """Keeps the rows made so far by the keys of the demo files."""

    def __init__(self, session: Session, calendar: Calendar) -> None:
        self.session = session
        self.calendar = calendar
        self.rows: dict[str, Table] = {}
        # Firms that write about themselves in English only get their mails in English.
        written = {(record["firm"], record["lang"]) for record in records("capabilities.jsonl")}
        self.english_firms = {firm for firm, lang in written if (firm, "zh") not in written}

    def keys(self, prefix: str) -> list[str]:
        return [key for key in self.rows if key[0] == prefix and key[1:].isdigit()]

    def _add(self, key: str, row: Table) -> None:
        self.session.add(row)
        self.session.flush()
        self.rows[key] = row

    def _id(self, key: str | None) -> int | None:
        return None if key is None else self.rows[key].key

    def places(self) -> None:
        """Districts under their code, communities under their key. Districts that exist are used as they are."""
        places = json.loads((DEMO_DATA / "places.json").read_text(encoding="utf-8"))
        known = {district.code: district for district in self.session.exec(select(District))}
        for record in places["districts"]:
            district = known.get(record["code"]) or District(city=places["city"], **record)
            self._add(record["code"], district)
        for record in places["communities"]:
            community = Community(
                code=record["key"],
                name=record["name"],
                name_en=record["name_en"],
                district_id=self.rows[record["district"]].key,
                area_m2=record["area_m2"],
                recognised_on=self.calendar.day(record["recognised_offset_days"]),
            )
            self._add(record["key"], community)
        self.session.add_all(plan_and_programmes(self.session, places, self.rows, self.calendar))

    def organisations(self) -> None:
        """Publishers and firms, approved long ago; each firm with a subscriber of its digest."""
        for record in records("organisations_demand.jsonl"):
            self._organisation(record, OrganisationKind(record["kind"]))
        for record in records("firms.jsonl"):
            self._organisation(record, OrganisationKind.STARTUP)

    def _organisation(self, record: dict[str, Any], kind: OrganisationKind) -> None:
        row = Organisation(
            name=record["name"],
            name_en=record["name_en"],
            kind=kind,
            external_id=record["key"],
            credit_code=record.get("credit_code"),
            district_id=self._id(record["district"]),
            community_id=self._id(record.get("community")),
            team_size=record.get("team_size") or record.get("size"),
            founded_on=self.calendar.day(record.get("founded_offset_days")),
            is_demo=True,
            created_at=self.calendar.required_moment(APPROVED_DAYS),
            approved_at=self.calendar.moment(APPROVED_DAYS),
        )
        self._add(record["key"], row)
        if kind is OrganisationKind.STARTUP:
            locale = "en" if record["key"] in self.english_firms else "zh"
            self._subscribe(row, record["contact_email"], MailKind.DIGEST_STARTUP, locale=locale)

    def _subscribe(self, owner: Organisation, email: str, kind: MailKind, *, locale: str) -> Subscription:
        """The consenting subscriber; one who is there already stays as they are."""
        return add_subscription(
            self.session,
            organisation_id=owner.key,
            email=email,
            kind=kind,
            locale=locale,
            consented_at=self.calendar.moment(CONSENTED_DAYS),
        )

    def batches(self) -> None:
        """The numbered lists."""
        for record in json.loads((DEMO_DATA / "batches.json").read_text(encoding="utf-8")):
            batch = Batch(
                created_at=self.calendar.required_moment(record["collects_from_offset_days"]),
                number=record["number"],
                title=record["title"],
                title_en=record["title_en"],
                collects_from_on=self.calendar.day(record["collects_from_offset_days"]),
                collects_until_on=self.calendar.day(record["collects_until_offset_days"]),
                closes_on=self.calendar.day(record["closes_offset_days"]),
                is_demo=True,
                released_at=self.calendar.moment(record["released_offset_days"]),
                releases_at=planned_moment(self.calendar, record.get("releases_offset_days")),
            )
            self._add(record["number"], batch)

    def scenarios(self) -> None:
        """Scenarios with their requirements, published unless they are drafts; the contact gets the digest."""
        for record in records("scenarios.jsonl"):
            scenario = self._scenario(record)
            scenario.requirements = [
                Requirement(scenario_id=0, position=position, text=item["text"], must=item["must"])
                for position, item in enumerate(record["requirements"], start=1)
            ]
            self._publish(scenario, record)
            self._add(record["key"], scenario)
            owner = self.rows[record["organisation"]]
            assert isinstance(owner, Organisation)
            self._subscribe(owner, record["contact_email"], MailKind.DIGEST_AGENCY, locale=record["lang"])

    def _scenario(self, record: dict[str, Any]) -> Scenario:
        copied = (
            "title", "text", "lang", "domain", "volume_note", "metric", "baseline", "target", "data_note",
            "data_access", "deployment", "acceptance", "procurement_note", "contact_name", "contact_email",
        )  # fmt: skip
        values: dict[str, Any] = {name: record[name] or "" for name in copied}
        # A draft opens in the future, yet was written before today.
        written = self.calendar.required_moment(min(record["opens_offset_days"], 0) - WRITING_DAYS)
        return Scenario(
            **values,
            created_at=written,
            updated_at=written,
            organisation_id=self.rows[record["organisation"]].key,
            external_id=record["key"],
            batch_id=self._id(record["batch"]),
            district_id=self._id(record["district"]),
            kind=ScenarioKind(record["kind"]),
            security_note=record.get("security_note") or "",
            budget_min_fen=_fen(record["budget_min_wan"]),
            budget_max_fen=_fen(record["budget_max_wan"]),
            opens_on=self.calendar.day(record["opens_offset_days"]),
            deadline_on=self.calendar.day(record["deadline_offset_days"]),
            pilot_from_on=self.calendar.day(record["pilot_from_offset_days"]),
            pilot_to_on=self.calendar.day(record["pilot_to_offset_days"]),
            is_demo=True,
        )

    def _publish(self, scenario: Scenario, record: dict[str, Any]) -> None:
        # The number that the file gives to a draft is used when it is published, not before.
        if record["status"] == "draft":
            return
        opened = self.calendar.required_moment(record["opens_offset_days"])
        scenario.submit(opened - timedelta(days=12))
        scenario.approve(opened - timedelta(days=5))
        scenario.publish(opened, number=record["number"])
        if record["status"] == "closed":
            scenario.close(self.calendar.required_moment(record["deadline_offset_days"]))

    def capabilities(self) -> None:
        """Capabilities with their cases, all listed."""
        listed = self.calendar.required_moment(LISTED_DAYS)
        for record in records("capabilities.jsonl"):
            capability = Capability(
                created_at=listed,
                updated_at=listed,
                organisation_id=self.rows[record["firm"]].key,
                external_id=record["key"],
                title=record["title"],
                text=record["text"],
                lang=record["lang"],
                industries=record["industries"],
                technologies=record["technologies"],
                deployment=record["deployment"],
                data_needed=record["data_needed"] or "",
                filings=record["filings"],
                maturity=None if record["maturity"] is None else Maturity(record["maturity"]),
                capacity=record["capacity"],
                weeks=record["weeks"],
                price_note=record["price_note"] or "",
                is_demo=True,
                listed_at=listed,
            )
            capability.cases = [
                self._case(position, case) for position, case in enumerate(record["cases"], start=1)
            ]
            self.session.add(capability)
            self.rows[record["key"]] = capability
        # Nothing above asks for the id of one: all of them in one go.
        self.session.flush()

    def _case(self, position: int, record: dict[str, Any]) -> CapabilityCase:
        return CapabilityCase(
            capability_id=0,
            position=position,
            customer=record["customer"],
            text=record["text"],
            metric=record["metric"] or "",
            on=self.calendar.day(record["offset_days"]),
            confirmed_at=self.calendar.moment(-30) if record["confirmed"] else None,
        )

    def reviews(self) -> None:
        """Texts on their way to publication, the frozen lists of what is out, and an agency's desk."""
        reviewer = self.rows["reviewer@demo.example"]
        assert isinstance(reviewer, User)
        scenarios = [row for row in self.rows.values() if isinstance(row, Scenario)]
        fix_criteria(self.session, scenarios)
        batches = [row for row in self.rows.values() if isinstance(row, Batch)]
        freeze_lists(self.session, batches, scenarios)
        found = records("reviews.jsonl")
        seed_reviews(self.session, self.rows, self.calendar, records=found, reviewer=reviewer)
        seed_desk(self.session, self.rows, self.calendar, records=records("desk.jsonl"))
        seed_proposals(self.session, self.rows, self.calendar, records=records("proposals.jsonl"))

    def accounts(self) -> list[tuple[str, str, str]]:
        """One person a role with a random password: (address, role, password)."""
        logins = []
        for email, name, role, organisation in ACCOUNTS:
            password = secrets.token_urlsafe(9)
            user = User(email=email, name=name, password_hash=hash_password(password), is_demo=True)
            user.created_at = self.calendar.now
            user.organisation_id = self._id(organisation or None)
            user.manager_at = self.calendar.now if organisation else None
            user.roles = [UserRole(user_id=0, role=role)]
            self._add(email, user)
            home = self.rows.get(organisation)
            if isinstance(home, Organisation):
                kind = MailKind.DIGEST_AGENCY if role is Role.AGENCY else MailKind.DIGEST_STARTUP
                self._subscribe(home, email, kind, locale=user.locale).user_id = user.key
            logins.append((email, str(role), password))
        return logins
