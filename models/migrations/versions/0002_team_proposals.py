"""Teams that the machine proposes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("index_version", sa.String(length=80), nullable=False),
        sa.Column("pool_hash", sa.String(length=64), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "closeness",
            sa.Enum(
                "alone",
                "same_community",
                "same_district",
                "same_city",
                "apart",
                name="closeness",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lower_bound", sa.Integer(), nullable=False),
        sa.Column("is_exact", sa.Boolean(), nullable=False),
        sa.Column("n_examined", sa.Integer(), nullable=False),
        sa.Column("n_available", sa.Integer(), nullable=False),
        sa.Column("musts", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lower_bound >= 0", name=op.f("ck_team_proposal_lower_bound_not_negative")),
        sa.CheckConstraint(
            "n_examined >= 0 AND n_examined <= n_available",
            name=op.f("ck_team_proposal_examined_are_available"),
        ),
        sa.CheckConstraint("serial > 0", name=op.f("ck_team_proposal_serial_from_one")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_team_proposal_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_proposal")),
        sa.UniqueConstraint("scenario_id", "serial", name=op.f("uq_team_proposal_scenario_id_serial")),
    )
    with op.batch_alter_table("team_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_proposal_scenario_id"), ["scenario_id"], unique=False)
        batch_op.create_index(
            "uq_team_proposal_current",
            ["scenario_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "proposed_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_proposed_member_rank_from_one")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_proposed_member_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["team_proposal.id"], name=op.f("fk_proposed_member_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_member")),
        sa.UniqueConstraint(
            "proposal_id", "organisation_id", name=op.f("uq_proposed_member_proposal_id_organisation_id")
        ),
        sa.UniqueConstraint("proposal_id", "rank", name=op.f("uq_proposed_member_proposal_id_rank")),
    )
    with op.batch_alter_table("proposed_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_proposed_member_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_proposed_member_proposal_id"), ["proposal_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("proposed_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposed_member_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_proposed_member_organisation_id"))

    op.drop_table("proposed_member")
    with op.batch_alter_table("team_proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_team_proposal_current",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_team_proposal_scenario_id"))

    op.drop_table("team_proposal")
