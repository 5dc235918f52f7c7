"""The operator's desk: communities, districts' programmes, the job schedule, mail examples; news of saved searches."""

import secrets

import sqlalchemy as sa
from alembic import op

from models.migrations import mail_kinds

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MAIL_KINDS = ["proof_refused"]
WORK_KINDS = ["run_job"]


def upgrade() -> None:
    _places()
    _process()
    _searches()
    mail_kinds.allow(MAIL_KINDS)
    mail_kinds.allow_work(WORK_KINDS)


def _places() -> None:
    # Plain columns: making the table anew would trip over the rows that refer to it.
    op.add_column("community", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("community", sa.Column("applied_on", sa.Date(), nullable=True))
    op.add_column("community", sa.Column("revoked_on", sa.Date(), nullable=True))
    op.add_column("community", sa.Column("source", sa.String(length=200), server_default="", nullable=False))
    op.create_table(
        "plan_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "communities",
                "least_area",
                "area",
                "firms",
                "people",
                name="plan_measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("wanted > 0", name=op.f("ck_plan_target_wanted_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_target")),
        sa.UniqueConstraint("measure", name=op.f("uq_plan_target_measure")),
    )
    op.create_table(
        "district_programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_from_on IS NULL OR valid_until_on IS NULL OR valid_from_on <= valid_until_on",
            name=op.f("ck_district_programme_validity_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_programme_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district_programme")),
    )
    op.create_index(op.f("ix_district_programme_district_id"), "district_programme", ["district_id"])


def _process() -> None:
    op.create_table(
        "scheduled_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=True),
        sa.Column("daily_time", sa.Time(), nullable=True),
        sa.Column("may_be_asked", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(every_seconds IS NULL) <> (daily_time IS NULL)", name=op.f("ck_scheduled_job_one_rhythm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_job")),
        sa.UniqueConstraint("job", name=op.f("uq_scheduled_job_job")),
    )
    op.create_table(
        "mail_example",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_example")),
        sa.UniqueConstraint("kind", "locale", name=op.f("uq_mail_example_kind_locale")),
    )


def _searches() -> None:
    with op.batch_alter_table("saved_search") as batch:
        batch.add_column(sa.Column("token", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    searches = sa.table("saved_search", sa.column("id", sa.Integer), sa.column("token", sa.String))
    for (search_id,) in op.get_bind().execute(sa.select(searches.c.id)).all():
        token = secrets.token_urlsafe(24)
        op.execute(searches.update().where(searches.c.id == search_id).values(token=token))
    with op.batch_alter_table("saved_search") as batch:
        batch.alter_column("token", existing_type=sa.String(length=64), nullable=False)
        batch.create_unique_constraint(op.f("uq_saved_search_token"), ["token"])
    op.create_table(
        "search_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_search_news_user_id")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_search_news_scenario_id")),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_search_news_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_news")),
        sa.UniqueConstraint("user_id", "scenario_id", name=op.f("uq_search_news_user_id_scenario_id")),
    )
    for column in ("user_id", "scenario_id", "mail_id"):
        op.create_index(op.f(f"ix_search_news_{column}"), "search_news", [column])


def downgrade() -> None:
    mail_kinds.forbid_work(WORK_KINDS)
    # What refers to mails goes before the mails.
    op.drop_table("search_news")
    mail_kinds.forbid(MAIL_KINDS)
    with op.batch_alter_table("saved_search") as batch:
        batch.drop_constraint(op.f("uq_saved_search_token"), type_="unique")
        batch.drop_column("stopped_at")
        batch.drop_column("token")
    for table in ("mail_example", "scheduled_job", "district_programme", "plan_target"):
        op.drop_table(table)
    for column in ("source", "revoked_on", "applied_on", "capacity"):
        op.drop_column("community", column)
