"""Accounts: organisations that ask to be let in, who manages their people, mailed links, and the mails about them."""

import sqlalchemy as sa
from alembic import op

from models.migrations import mail_kinds

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MAIL_KINDS = [
    "sign_up_waiting",
    "sign_up_approved",
    "sign_up_refused",
    "sign_up_known",
    "colleague_invited",
    "account_changed",
    "password_reset",
]


def upgrade() -> None:
    op.add_column("organisation", sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("refused_reason", sa.String(length=500), nullable=True))
    op.add_column("user", sa.Column("manager_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "one_time_link", sa.Column("nonce", sa.String(length=43), server_default="", nullable=False)
    )
    op.create_table(
        "colleague_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("invited_by_user_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=43), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_colleague_invitation_email_lower_case")),
        sa.CheckConstraint(
            "accepted_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_colleague_invitation_one_end")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_user_id"], ["user.id"], name=op.f("fk_colleague_invitation_invited_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_colleague_invitation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_colleague_invitation_token_hash")),
    )
    op.create_index(
        op.f("ix_colleague_invitation_organisation_id"),
        "colleague_invitation",
        ["organisation_id"],
        unique=False,
    )
    appoint_managers()
    mail_kinds.allow(MAIL_KINDS)


def appoint_managers() -> None:
    """Somebody must be able to invite the others: in each organisation the first person who can log in and see the
    page; where there is none, the first who is not locked.
    """
    people = sa.table(
        "user", *map(sa.column, ("id", "organisation_id", "locked_at", "password_hash", "manager_at"))
    )
    roles = sa.table("user_role", sa.column("user_id"), sa.column("role"))
    members = sa.select(roles.c.user_id).where(roles.c.role.in_(["agency", "startup"]))
    managed = sa.select(people.c.organisation_id).where(
        people.c.manager_at.is_not(None), people.c.organisation_id.is_not(None)
    )
    for wanted in (
        sa.and_(people.c.password_hash.is_not(None), people.c.id.in_(members)),
        people.c.organisation_id.not_in(managed),
    ):
        first = sa.select(sa.func.min(people.c.id)).where(
            people.c.organisation_id.is_not(None), people.c.locked_at.is_(None), wanted
        )
        here = people.c.id.in_(first.group_by(people.c.organisation_id))
        op.execute(people.update().where(here).values(manager_at=sa.func.current_timestamp()))


def downgrade() -> None:
    mail_kinds.forbid(MAIL_KINDS)
    op.drop_table("colleague_invitation")
    op.drop_column("one_time_link", "nonce")
    op.drop_column("user", "manager_at")
    op.drop_column("organisation", "refused_reason")
    op.drop_column("organisation", "refused_at")
    op.drop_column("organisation", "requested_at")
