"""Use reports (用户使用报告): what the scenario's owner says about the use, drawn up from the log and signed off.

A draft may be changed; signed, it is a document among the pilot's evidence, kept by its hash. A later one replaces it.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table, moment
from models.errors import InvalidInput, InvalidTransition
from models.evidence import Evidence, EvidenceKind, pilot_evidence
from models.files import StoredFile
from models.i18n import N_
from models.pilot import Pilot, PilotStatus
from models.usage_entry import UsageEntry
from models.user import User

REPORTABLE = (PilotStatus.IN_USE, PilotStatus.ACCEPTED)


class UseReport(Table, table=True):
    """One report. `serial` counts the reports of a pilot; `evidence_id` is the document it became."""

    __tablename__ = "use_report"
    __table_args__ = (
        sa.UniqueConstraint("pilot_id", "serial"),
        sa.CheckConstraint("period_from_on <= period_to_on", name="period_in_order"),
        sa.CheckConstraint("n_users > 0", name="somebody_used_it"),
        sa.CheckConstraint(
            "signed_at IS NULL OR (signed_by <> '' AND evidence_id IS NOT NULL)", name="signed_is_a_document"
        ),
    )

    pilot_id: int = Field(foreign_key="pilot.id", index=True)
    serial: int
    period_from_on: date
    period_to_on: date
    n_users: int
    usage: str = Field(sa_type=sa.Text, description="Volumes, period by period.")
    reached: str = Field(max_length=200, description="What the success metric came to.")
    issues: str = Field(default="", sa_type=sa.Text)
    written_by_user_id: int | None = Field(default=None, foreign_key="user.id")
    signed_by: str = Field(default="", max_length=120, description="Who answers for it, with their office.")
    signed_at: datetime | None = moment()
    evidence_id: int | None = Field(default=None, foreign_key="evidence.id", unique=True)

    pilot: Pilot = Relationship()

    def sign(self, now: datetime, *, name: str, evidence: Evidence) -> None:
        """The owner signs what lies in `evidence`, which has been flushed."""
        if self.signed_at is not None:
            raise InvalidTransition("这份使用报告已经签发，要改请出新的一份。")
        if not name.strip():
            raise InvalidInput("签发要写签发人。", fields={"signed_by": N_("要写签发人的姓名和职务。")})
        self.signed_at, self.signed_by, self.evidence_id = now, name.strip(), evidence.key

    def make_evidence(self, *, by: User, stored: StoredFile, on: date) -> Evidence:
        """The text as stored, as a document from the owner's own hand. Not yet saved."""
        owner = self.pilot.scenario.organisation
        return Evidence(
            pilot_id=self.pilot_id,
            kind=EvidenceKind.USE_REPORT,
            title=f"用户使用报告（第{self.serial}份）",
            issuer=owner.name,
            issuer_organisation_id=owner.key,
            number=f"{self.pilot.scenario.number or self.pilot.key}-U{self.serial}",
            issued_on=on,
            period_from_on=self.period_from_on,
            period_to_on=self.period_to_on,
            file_name=stored.name,
            file_hash=stored.digest,
            file_size=stored.size,
            media_type=stored.media_type,
            uploaded_by_user_id=by.key,
        )


def check_period(pilot: Pilot, first: date, last: date, *, today: date, zone: tzinfo) -> None:
    """InvalidInput for a report about days before the pilot began or after today."""
    fields: dict[str, str] = {}
    if pilot.started_at is not None and first < pilot.started_at.astimezone(zone).date():
        fields["period_from_on"] = N_("早于试点开始的那天。")
    if last > today:
        fields["period_to_on"] = N_("还没到那天。")
    if fields:
        raise InvalidInput("使用报告的期间不对。", fields=fields)


def draw_up(pilot: Pilot, log: Sequence[UsageEntry], *, today: date) -> dict[str, str]:
    """What the log already says, as the fields of a report; the owner may write it otherwise."""
    first = log[0].from_on if log else pilot.go_live_on or today
    last = max((row.to_on for row in log), default=today)
    values = [row.metric_value for row in log if row.metric_value]
    return {
        "period_from_on": first.isoformat(),
        "period_to_on": last.isoformat(),
        "n_users": str(max((row.n_users for row in log), default=pilot.n_users or "")),
        "usage": "\n".join(_line(row) for row in log) or pilot.usage_note,
        "reached": values[-1] if values else "",
        "issues": "\n".join(row.issues for row in log if row.issues),
    }


def _line(row: UsageEntry) -> str:
    return f"{row.from_on}—{row.to_on}：{row.n_users}人，{row.volume}{row.unit}"


def to_text(report: UseReport, *, name: str, on: date) -> str:
    """The document that is signed, in the words of the form that funding programmes ask for."""
    pilot = report.pilot
    lines = [
        "用户使用报告",
        "",
        f"场景：{pilot.scenario.number or ''} {pilot.scenario.title}".rstrip(),
        f"场景单位：{pilot.scenario.organisation.name}",
        f"产品：{pilot.capability.title}",
        f"研发单位：{pilot.organisation.name}",
        f"统一社会信用代码：{pilot.organisation.credit_code or '未填'}",
        f"投入使用：{pilot.go_live_on or '未登记'}",
        f"报告期间：{report.period_from_on}至{report.period_to_on}",
        f"使用人数：{report.n_users}",
        "",
        "使用量",
        report.usage,
        "",
        f"成效指标：{pilot.success_metric}",
        f"起始值：{pilot.baseline or '未写'}；目标：{pilot.target or '未写'}；达到：{report.reached}",
        "",
        "问题",
        report.issues or "没有报告问题",
        "",
        f"签发：{name}",
        f"日期：{on}",
    ]
    return "\n".join(lines) + "\n"


def find_draft(session: Session, pilot_id: int) -> UseReport | None:
    """The report of a pilot that is not signed yet, or None."""
    statement = select(UseReport).where(
        col(UseReport.pilot_id) == pilot_id, col(UseReport.signed_at).is_(None)
    )
    return session.exec(statement.order_by(col(UseReport.id).desc())).first()


def next_serial(session: Session, pilot_id: int) -> int:
    """The number of the next report of a pilot, from 1."""
    newest = select(sa.func.max(col(UseReport.serial))).where(col(UseReport.pilot_id) == pilot_id)
    return (session.exec(newest).one() or 0) + 1


def earlier_report(session: Session, pilot: Pilot) -> Evidence | None:
    """The owner's standing use report, which the next one replaces."""
    held = [
        row
        for row in pilot_evidence(session, pilot.key)
        if row.kind is EvidenceKind.USE_REPORT
        and row.issuer_organisation_id == pilot.scenario.organisation_id
    ]
    return held[-1] if held else None


def require_reportable(pilot: Pilot) -> None:
    """InvalidTransition before the product is in use."""
    if pilot.status not in REPORTABLE:
        raise InvalidTransition("投入使用之后才能出使用报告。")
