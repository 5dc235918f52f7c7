"""The second factor (devices, recovery codes, half log-ins), who saw whose contact, and who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WAITING = sa.text("confirmed_at IS NULL AND ended_at IS NULL")
WORKING = sa.text("confirmed_at IS NOT NULL AND ended_at IS NULL")


def upgrade() -> None:
    op.add_column("user", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("user_session", sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "half_login",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_half_login_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_login")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_half_login_token_hash")),
    )
    op.create_index(op.f("ix_half_login_user_id"), "half_login", ["user_id"], unique=False)
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=43), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_second_factor_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    op.create_index(op.f("ix_second_factor_user_id"), "second_factor", ["user_id"], unique=False)
    for name, condition in (("uq_second_factor_waiting", WAITING), ("uq_second_factor_working", WORKING)):
        op.create_index(
            name,
            "second_factor",
            ["user_id"],
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["second_factor_id"], ["second_factor.id"], name=op.f("fk_recovery_code_second_factor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(
        op.f("ix_recovery_code_second_factor_id"), "recovery_code", ["second_factor_id"], unique=False
    )
    op.create_table(
        "contact_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("owner_organisation_id", sa.Integer(), nullable=False),
        sa.Column("owner_user_id", sa.Integer(), nullable=True),
        sa.Column("reader_organisation_id", sa.Integer(), nullable=False),
        sa.Column("reader_user_id", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.CheckConstraint("way IN ('page', 'mail')", name=op.f("ck_contact_access_contact_way")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_contact_access_match_id")),
        sa.ForeignKeyConstraint(
            ["owner_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_contact_access_owner_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["owner_user_id"], ["user.id"], name=op.f("fk_contact_access_owner_user_id")),
        sa.ForeignKeyConstraint(
            ["reader_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_contact_access_reader_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reader_user_id"], ["user.id"], name=op.f("fk_contact_access_reader_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_access")),
    )
    for column in ("match_id", "owner_organisation_id", "owner_user_id", "reader_user_id"):
        op.create_index(op.f(f"ix_contact_access_{column}"), "contact_access", [column], unique=False)


def downgrade() -> None:
    op.drop_table("contact_access")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
    op.drop_table("half_login")
    op.drop_column("user_session", "second_factor_at")
    op.drop_column("user", "erased_at")
