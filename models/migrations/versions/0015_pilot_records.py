"""A pilot to its end: milestones, the usage log, use reports, acceptance, and what was decided about it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.migrations import mail_kinds

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MAIL_KINDS = ["pilot_undecided"]


def _base() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pilot_id", sa.Integer(), nullable=False),
    ]


def _keys(table: str, *others: str) -> list[sa.Constraint]:
    """The row's own key, its pilot, and the person in each of these columns."""
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f(f"fk_{table}_pilot_id")),
        *(sa.ForeignKeyConstraint([name], ["user.id"], name=op.f(f"fk_{table}_{name}")) for name in others),
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _index(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_pilot_id"), table, ["pilot_id"], unique=False)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column("pilot", sa.Column("voucher_programmes", sa.JSON(), server_default="[]", nullable=False))
    _milestones()
    _usage()
    _reports()
    _acceptances()
    _decisions()
    mail_kinds.allow(MAIL_KINDS)


def _milestones() -> None:
    op.create_table(
        "milestone",
        *_base(),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_user_id", sa.Integer(), nullable=True),
        _check("milestone", "has_title", "title <> ''"),
        _check("milestone", "done_by_somebody", "done_by_user_id IS NULL OR done_at IS NOT NULL"),
        *_keys("milestone", "done_by_user_id"),
    )
    _index("milestone")


def _usage() -> None:
    op.create_table(
        "usage_entry",
        *_base(),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("n_users", sa.Integer(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("metric_value", sa.String(length=200), nullable=False),
        sa.Column("issues", sa.Text(), nullable=False),
        sa.Column("logged_by_user_id", sa.Integer(), nullable=True),
        _check("usage_entry", "period_in_order", "from_on <= to_on"),
        _check("usage_entry", "somebody_used_it", "n_users > 0"),
        _check("usage_entry", "volume_not_negative", "volume >= 0"),
        *_keys("usage_entry", "logged_by_user_id"),
    )
    _index("usage_entry")


def _reports() -> None:
    op.create_table(
        "use_report",
        *_base(),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("period_from_on", sa.Date(), nullable=False),
        sa.Column("period_to_on", sa.Date(), nullable=False),
        sa.Column("n_users", sa.Integer(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("reached", sa.String(length=200), nullable=False),
        sa.Column("issues", sa.Text(), nullable=False),
        sa.Column("written_by_user_id", sa.Integer(), nullable=True),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        _check("use_report", "period_in_order", "period_from_on <= period_to_on"),
        _check("use_report", "somebody_used_it", "n_users > 0"),
        _check(
            "use_report",
            "signed_is_a_document",
            "signed_at IS NULL OR (signed_by <> '' AND evidence_id IS NOT NULL)",
        ),
        *_keys("use_report", "written_by_user_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_use_report_evidence_id")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_use_report_evidence_id")),
        sa.UniqueConstraint("pilot_id", "serial", name=op.f("uq_use_report_pilot_id_serial")),
    )
    _index("use_report")


def _acceptances() -> None:
    op.create_table(
        "acceptance",
        *_base(),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("experts", sa.JSON(), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("conclusion", _words("conclusion", "passed", "conditional", "failed"), nullable=False),
        sa.Column("rectify_by_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by_user_id", sa.Integer(), nullable=True),
        _check(
            "acceptance",
            "conditions_have_a_day",
            "(conclusion = 'conditional') = (rectify_by_on IS NOT NULL)",
        ),
        _check("acceptance", "says_what_is_wanting", "conclusion = 'passed' OR note <> ''"),
        *_keys("acceptance", "recorded_by_user_id"),
    )
    _index("acceptance")


def _decisions() -> None:
    op.create_table(
        "pilot_decision",
        *_base(),
        sa.Column("outcome", _words("outcome", "scale", "extend", "stop"), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("next_decision_on", sa.Date(), nullable=True),
        sa.Column("recorded_by_user_id", sa.Integer(), nullable=True),
        _check(
            "pilot_decision", "extended_to_a_day", "(outcome = 'extend') = (next_decision_on IS NOT NULL)"
        ),
        _check("pilot_decision", "by_somebody_for_a_reason", "decided_by <> '' AND note <> ''"),
        *_keys("pilot_decision", "recorded_by_user_id"),
    )
    _index("pilot_decision")


def downgrade() -> None:
    mail_kinds.forbid(MAIL_KINDS)
    for table in ("pilot_decision", "acceptance", "use_report", "usage_entry", "milestone"):
        op.drop_table(table)
    op.drop_column("pilot", "voucher_programmes")
