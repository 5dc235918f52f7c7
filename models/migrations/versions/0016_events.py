"""Matchmaking events, and the scenarios and firms that each brings together, and who comes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "matchmaking",
                "roadshow",
                "challenge",
                name="event_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("halls", sa.JSON(), nullable=False),
        sa.Column("timetable", sa.JSON(), nullable=False),
        sa.Column("max_meetings", sa.Integer(), nullable=False),
        sa.Column("min_meetings", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preference_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduling_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("buffer_minutes >= 0", name=op.f("ck_event_buffer_not_negative")),
        sa.CheckConstraint(
            "closed_at IS NULL OR live_at IS NOT NULL", name=op.f("ck_event_closed_at_after_live_at")
        ),
        sa.CheckConstraint(
            "live_at IS NULL OR released_at IS NOT NULL", name=op.f("ck_event_live_at_after_released_at")
        ),
        sa.CheckConstraint("max_meetings >= 1", name=op.f("ck_event_somebody_meets")),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_event_room_for_somebody")),
        sa.CheckConstraint(
            "min_meetings >= 0 AND min_meetings <= max_meetings", name=op.f("ck_event_meetings_in_order")
        ),
        sa.CheckConstraint(
            "preference_at IS NULL OR opened_at IS NOT NULL",
            name=op.f("ck_event_preference_at_after_opened_at"),
        ),
        sa.CheckConstraint(
            "released_at IS NULL OR scheduling_at IS NOT NULL",
            name=op.f("ck_event_released_at_after_scheduling_at"),
        ),
        sa.CheckConstraint(
            "reported_at IS NULL OR closed_at IS NOT NULL", name=op.f("ck_event_reported_at_after_closed_at")
        ),
        sa.CheckConstraint(
            "scheduling_at IS NULL OR preference_at IS NOT NULL",
            name=op.f("ck_event_scheduling_at_after_preference_at"),
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_event_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_held_on"), "event", ["held_on"], unique=False)

    op.create_table(
        "event_firm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("booth_table", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_firm_event_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_event_firm_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_firm")),
        sa.UniqueConstraint("event_id", "booth_table", name="uq_event_firm_booth_table"),
        sa.UniqueConstraint(
            "event_id", "organisation_id", name=op.f("uq_event_firm_event_id_organisation_id")
        ),
    )
    op.create_index(op.f("ix_event_firm_event_id"), "event_firm", ["event_id"], unique=False)
    op.create_index(op.f("ix_event_firm_organisation_id"), "event_firm", ["organisation_id"], unique=False)

    op.create_table(
        "event_scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("booth_table", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_scenario_event_id")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_event_scenario_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_scenario")),
        sa.UniqueConstraint("event_id", "booth_table", name="uq_event_scenario_booth_table"),
        sa.UniqueConstraint("event_id", "scenario_id", name=op.f("uq_event_scenario_event_id_scenario_id")),
    )
    op.create_index(op.f("ix_event_scenario_event_id"), "event_scenario", ["event_id"], unique=False)
    op.create_index(op.f("ix_event_scenario_scenario_id"), "event_scenario", ["scenario_id"], unique=False)
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "agency",
                "startup",
                "investor",
                "organizer",
                name="attendee_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("guest_name", sa.String(length=120), nullable=False),
        sa.Column("guest_of", sa.String(length=200), nullable=False),
        sa.Column("away", sa.JSON(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waitlisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_show_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "organisation_id IS NOT NULL OR guest_name <> ''", name=op.f("ck_registration_somebody")
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR asked_at IS NOT NULL", name=op.f("ck_registration_approved_after_asked")
        ),
        sa.CheckConstraint(
            "asked_at IS NULL OR consented_at IS NOT NULL", name=op.f("ck_registration_asked_with_consent")
        ),
        sa.CheckConstraint(
            "checked_in_at IS NULL OR approved_at IS NOT NULL",
            name=op.f("ck_registration_came_after_approved"),
        ),
        sa.CheckConstraint(
            "checked_in_at IS NULL OR no_show_at IS NULL", name=op.f("ck_registration_came_or_not")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_registration_event_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_registration_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_registration_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_registration_event_id_user_id")),
    )
    op.create_index(op.f("ix_registration_event_id"), "registration", ["event_id"], unique=False)
    op.create_index(
        op.f("ix_registration_organisation_id"), "registration", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_registration_user_id"), "registration", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("registration")
    op.drop_index(op.f("ix_event_scenario_scenario_id"), table_name="event_scenario")
    op.drop_index(op.f("ix_event_scenario_event_id"), table_name="event_scenario")

    op.drop_table("event_scenario")
    op.drop_index(op.f("ix_event_firm_organisation_id"), table_name="event_firm")
    op.drop_index(op.f("ix_event_firm_event_id"), table_name="event_firm")

    op.drop_table("event_firm")
    op.drop_index(op.f("ix_event_held_on"), table_name="event")

    op.drop_table("event")
