"""Market surveys: gap map and exposure, one row a day."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "policy",
            sa.Enum(
                "off", "rotate", name="exposure_policy", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("exposure", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_survey")),
        sa.UniqueConstraint("on", name=op.f("uq_market_survey_on")),
    )


def downgrade() -> None:
    op.drop_table("market_survey")
