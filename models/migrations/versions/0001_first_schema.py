"""First schema."""

import sqlalchemy as sa
from alembic import op

# ruff: noqa: E501 - a condition stays on one line, as it was generated and compared

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The rows of this table are only ever added; the database sees to it.
TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER funding_record_no_update BEFORE UPDATE ON funding_record BEGIN SELECT RAISE(ABORT, 'funding_record is append-only'); END",
        "CREATE TRIGGER funding_record_no_delete BEFORE DELETE ON funding_record BEGIN SELECT RAISE(ABORT, 'funding_record is append-only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION funding_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'funding_record is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER funding_record_append_only BEFORE UPDATE OR DELETE ON funding_record FOR EACH ROW EXECUTE FUNCTION funding_record_refuse()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "district",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("code", name=op.f("uq_district_code")),
    )
    op.create_table(
        "embedding",
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("model_key", sa.String(length=200), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("dim > 0", name=op.f("ck_embedding_dim_positive")),
        sa.PrimaryKeyConstraint("text_hash", name=op.f("pk_embedding")),
    )
    with op.batch_alter_table("embedding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_embedding_model_key"), ["model_key"], unique=False)

    op.create_table(
        "funding_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("programme", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("issuer_en", sa.String(length=120), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("clause_en", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "grant",
                "subsidy",
                "voucher",
                "award",
                "loan",
                "info",
                name="funding_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "pilot",
                "firm",
                "person",
                name="funding_target",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("rate_bp", sa.Integer(), nullable=True),
        sa.Column("spend_purpose", sa.String(length=40), nullable=True),
        sa.Column("alternative_rates", sa.JSON(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("stacking_group", sa.String(length=60), nullable=True),
        sa.Column("yearly_cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("window_from_on", sa.Date(), nullable=True),
        sa.Column("window_until_on", sa.Date(), nullable=True),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "source_grade",
            sa.Enum("A", "B", "C", name="source_grade", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cap_fen IS NULL OR cap_fen > 0", name=op.f("ck_funding_rule_cap_positive")),
        sa.CheckConstraint(
            "rate_bp IS NULL OR (rate_bp > 0 AND rate_bp <= 10000)",
            name=op.f("ck_funding_rule_rate_is_a_share"),
        ),
        sa.CheckConstraint(
            "rate_bp IS NULL OR spend_purpose IS NOT NULL", name=op.f("ck_funding_rule_rate_of_something")
        ),
        sa.CheckConstraint(
            "valid_from_on IS NULL OR valid_until_on IS NULL OR valid_from_on <= valid_until_on",
            name=op.f("ck_funding_rule_validity_in_order"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_funding_rule_version_from_one")),
        sa.CheckConstraint(
            "window_from_on IS NULL OR window_until_on IS NULL OR window_from_on <= window_until_on",
            name=op.f("ck_funding_rule_window_in_order"),
        ),
        sa.CheckConstraint(
            "yearly_cap_fen IS NULL OR yearly_cap_fen > 0", name=op.f("ck_funding_rule_yearly_cap_positive")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_rule")),
        sa.UniqueConstraint("programme", "version", name=op.f("uq_funding_rule_programme_version")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("n_attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "running",
                "ok",
                "partial",
                "failed",
                "dry_run",
                name="run_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("n_items", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "finished_at IS NULL OR status <> 'running'", name=op.f("ck_job_run_finished_has_outcome")
        ),
        sa.CheckConstraint("n_attempts > 0", name=op.f("ck_job_run_n_attempts_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "key", name=op.f("uq_job_run_job_key")),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_run_job"), ["job"], unique=False)

    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt_key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_attempt_attempt_key"), ["attempt_key"], unique=False)

    op.create_table(
        "scheduler_lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduler_lease")),
        sa.UniqueConstraint("name", name=op.f("uq_scheduler_lease_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("collects_from_on", sa.Date(), nullable=True),
        sa.Column("collects_until_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "collects_until_on IS NULL OR collects_from_on IS NULL OR collects_until_on >= collects_from_on",
            name=op.f("ck_batch_collects_in_order"),
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_batch_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_batch_number")),
    )
    op.create_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=True),
        sa.Column("recognised_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_community_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("code", name=op.f("uq_community_code")),
    )
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_community_district_id"), ["district_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "agency",
                "enterprise",
                "startup",
                "university",
                "service_centre",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("team_size", sa.Integer(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "team_size IS NULL OR team_size > 0", name=op.f("ck_organisation_team_size_positive")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_organisation_community_id")
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_organisation_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organisation_credit_code")),
        sa.UniqueConstraint("kind", "external_id", name=op.f("uq_organisation_kind_external_id")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_district_id"), ["district_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_name"), ["name"], unique=False)

    op.create_table(
        "capability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("technologies", sa.JSON(), nullable=False),
        sa.Column("deployment", sa.JSON(), nullable=False),
        sa.Column("data_needed", sa.Text(), nullable=False),
        sa.Column("filings", sa.JSON(), nullable=False),
        sa.Column(
            "maturity",
            sa.Enum(
                "idea",
                "prototype",
                "pilot",
                "commercial",
                name="maturity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("weeks", sa.Integer(), nullable=True),
        sa.Column("price_note", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unlisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lang IN ('zh', 'en')", name=op.f("ck_capability_lang_known")),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity >= 0", name=op.f("ck_capability_capacity_not_negative")
        ),
        sa.CheckConstraint(
            "unlisted_at IS NULL OR listed_at IS NOT NULL", name=op.f("ck_capability_unlisted_was_listed")
        ),
        sa.CheckConstraint("weeks IS NULL OR weeks >= 0", name=op.f("ck_capability_weeks_not_negative")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_capability_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability")),
        sa.UniqueConstraint(
            "organisation_id", "external_id", name=op.f("uq_capability_organisation_id_external_id")
        ),
    )
    with op.batch_alter_table("capability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capability_listed_at"), ["listed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_capability_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "government",
                "industry",
                "challenge",
                name="scenario_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("domain", sa.String(length=60), nullable=False),
        sa.Column("volume_note", sa.Text(), nullable=False),
        sa.Column("metric", sa.String(length=300), nullable=False),
        sa.Column("baseline", sa.String(length=200), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("data_note", sa.Text(), nullable=False),
        sa.Column("data_access", sa.String(length=300), nullable=False),
        sa.Column("deployment", sa.JSON(), nullable=False),
        sa.Column("security_note", sa.String(length=500), nullable=False),
        sa.Column("budget_min_fen", sa.BigInteger(), nullable=True),
        sa.Column("budget_max_fen", sa.BigInteger(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("pilot_from_on", sa.Date(), nullable=True),
        sa.Column("pilot_to_on", sa.Date(), nullable=True),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("procurement_note", sa.String(length=300), nullable=False),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lang IN ('zh', 'en')", name=op.f("ck_scenario_lang_known")),
        sa.CheckConstraint(
            "budget_max_fen IS NULL OR budget_min_fen IS NULL OR budget_max_fen >= budget_min_fen",
            name=op.f("ck_scenario_budget_in_order"),
        ),
        sa.CheckConstraint(
            "budget_min_fen IS NULL OR budget_min_fen >= 0", name=op.f("ck_scenario_budget_min_not_negative")
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR published_at IS NOT NULL", name=op.f("ck_scenario_closed_was_published")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR number IS NOT NULL", name=op.f("ck_scenario_published_has_number")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_scenario_batch_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_scenario_district_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_scenario_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("number", name=op.f("uq_scenario_number")),
        sa.UniqueConstraint(
            "organisation_id", "external_id", name=op.f("uq_scenario_organisation_id_external_id")
        ),
    )
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scenario_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_deadline_on"), ["deadline_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_district_id"), ["district_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_domain"), ["domain"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scenario_published_at"), ["published_at"], unique=False)

    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_email_lower_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_user_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_user_id"], ["user.id"], name=op.f("fk_audit_event_actor_user_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_audit_event_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_actor_user_id"), ["actor_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "capability_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("metric", sa.String(length=300), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("position > 0", name=op.f("ck_capability_case_position_from_one")),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capability.id"], name=op.f("fk_capability_case_capability_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability_case")),
        sa.UniqueConstraint(
            "capability_id", "position", name=op.f("uq_capability_case_capability_id_position")
        ),
    )
    with op.batch_alter_table("capability_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capability_case_capability_id"), ["capability_id"], unique=False)

    op.create_table(
        "match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decline_reason",
            sa.Enum(
                "no_capacity",
                "deployment",
                "evidence_missing",
                "out_of_scope",
                "price",
                "other_chosen",
                "other",
                name="decline_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decline_note", sa.String(length=1000), nullable=False),
        sa.Column("interested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("interest_note", sa.Text(), nullable=False),
        sa.Column("interest_start", sa.String(length=200), nullable=False),
        sa.Column("interest_question", sa.String(length=1000), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "dismiss_reason",
            sa.Enum(
                "not_my_field",
                "no_capacity",
                "budget",
                "deadline",
                "data_access",
                "other",
                name="dismiss_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "declined_at IS NULL OR decline_reason IS NOT NULL", name=op.f("ck_match_decline_has_reason")
        ),
        sa.CheckConstraint(
            "dismissed_at IS NULL OR dismiss_reason IS NOT NULL", name=op.f("ck_match_dismiss_has_reason")
        ),
        sa.CheckConstraint(
            "introduced_at IS NULL OR (invited_at IS NOT NULL AND interested_at IS NOT NULL)",
            name=op.f("ck_match_introduction_is_mutual"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_match_organisation_id")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_match_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
        sa.UniqueConstraint(
            "scenario_id", "organisation_id", name=op.f("uq_match_scenario_id_organisation_id")
        ),
    )
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_one_time_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("must", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_requirement_position_from_one")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_requirement_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("scenario_id", "position", name=op.f("uq_requirement_scenario_id_position")),
    )
    with op.batch_alter_table("requirement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requirement_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "digest_startup",
                "digest_agency",
                "invitation",
                "interest",
                "introduction",
                "pilot_in_use",
                "funding_recorded",
                name="mail_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "frequency",
            sa.Enum(
                "daily",
                "weekly",
                "off",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("is_placeholder", sa.Boolean(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('digest_startup', 'digest_agency')", name=op.f("ck_subscription_kind_is_digest")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_subscription_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_subscription_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "email", "kind", "organisation_id", name=op.f("uq_subscription_email_kind_organisation_id")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_subscription_token")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subscription_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_subscription_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "agency",
                "startup",
                "organizer",
                "evaluator",
                "funding_officer",
                "operator",
                "reviewer",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_user_role_district_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_role_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint(
            "user_id", "role", "district_id", name=op.f("uq_user_role_user_id_role_district_id")
        ),
    )
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_role_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_user_role_whole_city",
            ["user_id", "role"],
            unique=True,
            sqlite_where=sa.text("district_id IS NULL"),
            postgresql_where=sa.text("district_id IS NULL"),
        )

    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "work_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("reindex", name="work_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("requested_by_user_id", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.CheckConstraint("finished_at IS NULL OR failed_at IS NULL", name=op.f("ck_work_request_one_end")),
        sa.CheckConstraint(
            "progress >= 0 AND progress <= 1", name=op.f("ck_work_request_progress_in_unit_interval")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_user_id"], ["user.id"], name=op.f("fk_work_request_requested_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_request")),
    )
    with op.batch_alter_table("work_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_request_kind"), ["kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_work_request_requested_by_user_id"), ["requested_by_user_id"], unique=False
        )

    op.create_table(
        "match_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("index_version", sa.String(length=80), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column(
            "band",
            sa.Enum(
                "strong",
                "possible",
                "weak",
                "not_enough_information",
                name="band",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_match_score_score_in_unit_interval")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_match_score_serial_from_one")),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capability.id"], name=op.f("fk_match_score_capability_id")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_score_match_id")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_match_score_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_score")),
        sa.UniqueConstraint(
            "scenario_id",
            "capability_id",
            "serial",
            name=op.f("uq_match_score_scenario_id_capability_id_serial"),
        ),
    )
    with op.batch_alter_table("match_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_score_capability_id"), ["capability_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_score_match_id"), ["match_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_score_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "digest_startup",
                "digest_agency",
                "invitation",
                "interest",
                "introduction",
                "pilot_in_use",
                "funding_recorded",
                name="mail_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("n_tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.Integer(), nullable=False),
        sa.Column("claim_owner", sa.String(length=120), nullable=False),
        sa.Column("claim_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_doubt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("relay_ref", sa.String(length=200), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suppressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END) + (CASE WHEN failed_at IS NULL THEN 0 ELSE 1 END) + (CASE WHEN suppressed_at IS NULL THEN 0 ELSE 1 END) <= 1",
            name=op.f("ck_outbox_mail_one_end"),
        ),
        sa.CheckConstraint(
            "in_doubt_at IS NULL OR claim_token > 0", name=op.f("ck_outbox_mail_doubt_needs_claim")
        ),
        sa.CheckConstraint("n_tries >= 0", name=op.f("ck_outbox_mail_n_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_outbox_mail_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint(
            "kind",
            "recipient",
            "subject_ref",
            "period",
            name=op.f("uq_outbox_mail_kind_recipient_subject_ref_period"),
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_outbox_mail_uuid")),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_mail_next_try_at"), ["next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_mail_recipient"), ["recipient"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_mail_sent_at"), ["sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_mail_subscription_id"), ["subscription_id"], unique=False)

    op.create_table(
        "pilot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("success_metric", sa.String(length=300), nullable=False),
        sa.Column("baseline", sa.String(length=200), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("decision_owner", sa.String(length=120), nullable=False),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("data_terms", sa.Text(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("go_live_on", sa.Date(), nullable=True),
        sa.Column("n_users", sa.Integer(), nullable=True),
        sa.Column("usage_note", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_use_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "agreed_at IS NULL OR (success_metric <> '' AND decision_owner <> '' AND decision_on IS NOT NULL)",
            name=op.f("ck_pilot_agreed_has_metric_owner_date"),
        ),
        sa.CheckConstraint(
            "stopped_at IS NULL OR (accepted_at IS NULL AND stop_reason <> '')",
            name=op.f("ck_pilot_stopped_has_reason"),
        ),
        sa.CheckConstraint(
            "(started_at IS NULL OR agreed_at IS NOT NULL) AND (in_use_at IS NULL OR started_at IS NOT NULL) AND (accepted_at IS NULL OR in_use_at IS NOT NULL)",
            name=op.f("ck_pilot_steps_in_order"),
        ),
        sa.CheckConstraint(
            "budget_fen IS NULL OR budget_fen >= 0", name=op.f("ck_pilot_budget_not_negative")
        ),
        sa.CheckConstraint(
            "in_use_at IS NULL OR (go_live_on IS NOT NULL AND n_users IS NOT NULL AND n_users > 0)",
            name=op.f("ck_pilot_in_use_has_users"),
        ),
        sa.ForeignKeyConstraint(["capability_id"], ["capability.id"], name=op.f("fk_pilot_capability_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_pilot_match_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_pilot_organisation_id")
        ),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_pilot_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot")),
        sa.UniqueConstraint("match_id", name=op.f("uq_pilot_match_id")),
    )
    with op.batch_alter_table("pilot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pilot_capability_id"), ["capability_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pilot_decision_on"), ["decision_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_pilot_in_use_at"), ["in_use_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pilot_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pilot_scenario_id"), ["scenario_id"], unique=False)

    op.create_table(
        "digest_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_digest_item_mail_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_digest_item_match_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_digest_item_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_item")),
        sa.UniqueConstraint(
            "subscription_id", "match_id", name=op.f("uq_digest_item_subscription_id_match_id")
        ),
    )
    with op.batch_alter_table("digest_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_item_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_item_match_id"), ["match_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_item_subscription_id"), ["subscription_id"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pilot_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "test_report",
                "use_report",
                "contract",
                "invoice",
                "payment",
                "acceptance",
                "filing",
                "other",
                name="evidence_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("issuer_organisation_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("period_from_on", sa.Date(), nullable=True),
        sa.Column("period_to_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("uploaded_by_user_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_note", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "checked_at IS NULL OR rejected_at IS NULL", name=op.f("ck_evidence_checked_or_rejected")
        ),
        sa.CheckConstraint("file_size >= 0", name=op.f("ck_evidence_file_size_not_negative")),
        sa.CheckConstraint("length(file_hash) = 64", name=op.f("ck_evidence_file_hash_is_sha256")),
        sa.ForeignKeyConstraint(
            ["issuer_organisation_id"], ["organisation.id"], name=op.f("fk_evidence_issuer_organisation_id")
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_evidence_pilot_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["evidence.id"], name=op.f("fk_evidence_replaces_id")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_user_id"], ["user.id"], name=op.f("fk_evidence_uploaded_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_evidence_replaces_id")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_pilot_id"), ["pilot_id"], unique=False)

    op.create_table(
        "funding_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pilot_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=60), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "met",
                "unmet",
                "unknown",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("amount_min_fen", sa.BigInteger(), nullable=True),
        sa.Column("amount_max_fen", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("unverified", sa.Boolean(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "verdict <> 'unmet' OR amount_max_fen IS NULL", name=op.f("ck_funding_record_unmet_has_no_amount")
        ),
        sa.CheckConstraint(
            "(amount_min_fen IS NULL AND amount_max_fen IS NULL) OR (amount_min_fen IS NOT NULL AND amount_max_fen IS NOT NULL AND amount_min_fen >= 0 AND amount_min_fen <= amount_max_fen)",
            name=op.f("ck_funding_record_amount_is_a_range"),
        ),
        sa.CheckConstraint("length(inputs_hash) = 64", name=op.f("ck_funding_record_inputs_hash_is_sha256")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_funding_record_pilot_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id", "pilot_id", "programme"],
            ["funding_record.id", "funding_record.pilot_id", "funding_record.programme"],
            name=op.f("fk_funding_record_replaces_id_pilot_id_programme"),
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["funding_rule.id"], name=op.f("fk_funding_record_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_record")),
        sa.UniqueConstraint(
            "id", "pilot_id", "programme", name=op.f("uq_funding_record_id_pilot_id_programme")
        ),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_funding_record_replaces_id")),
    )
    with op.batch_alter_table("funding_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_record_pilot_id"), ["pilot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funding_record_rule_id"), ["rule_id"], unique=False)
        batch_op.create_index(
            "uq_funding_record_original",
            ["pilot_id", "programme"],
            unique=True,
            sqlite_where=sa.text("replaces_id IS NULL"),
            postgresql_where=sa.text("replaces_id IS NULL"),
        )

    op.create_table(
        "suppressed_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_suppressed_address_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressed_address")),
        sa.UniqueConstraint("address", name=op.f("uq_suppressed_address_address")),
    )

    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("suppressed_address")
    with op.batch_alter_table("funding_record", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_funding_record_original",
            sqlite_where=sa.text("replaces_id IS NULL"),
            postgresql_where=sa.text("replaces_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_funding_record_rule_id"))
        batch_op.drop_index(batch_op.f("ix_funding_record_pilot_id"))

    op.drop_table("funding_record")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_pilot_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("digest_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_item_subscription_id"))
        batch_op.drop_index(batch_op.f("ix_digest_item_match_id"))
        batch_op.drop_index(batch_op.f("ix_digest_item_mail_id"))

    op.drop_table("digest_item")
    with op.batch_alter_table("pilot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pilot_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_pilot_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_pilot_in_use_at"))
        batch_op.drop_index(batch_op.f("ix_pilot_decision_on"))
        batch_op.drop_index(batch_op.f("ix_pilot_capability_id"))

    op.drop_table("pilot")
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_mail_subscription_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_mail_sent_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_mail_recipient"))
        batch_op.drop_index(batch_op.f("ix_outbox_mail_next_try_at"))

    op.drop_table("outbox_mail")
    with op.batch_alter_table("match_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_score_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_match_score_match_id"))
        batch_op.drop_index(batch_op.f("ix_match_score_capability_id"))

    op.drop_table("match_score")
    with op.batch_alter_table("work_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_request_requested_by_user_id"))
        batch_op.drop_index(batch_op.f("ix_work_request_kind"))

    op.drop_table("work_request")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_user_role_whole_city",
            sqlite_where=sa.text("district_id IS NULL"),
            postgresql_where=sa.text("district_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_user_role_user_id"))

    op.drop_table("user_role")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_user_id"))
        batch_op.drop_index(batch_op.f("ix_subscription_organisation_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("requirement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirement_scenario_id"))

    op.drop_table("requirement")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_user_id"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_match_organisation_id"))

    op.drop_table("match")
    with op.batch_alter_table("capability_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capability_case_capability_id"))

    op.drop_table("capability_case")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_user_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_action"))

    op.drop_table("audit_event")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_organisation_id"))

    op.drop_table("user")
    with op.batch_alter_table("scenario", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenario_published_at"))
        batch_op.drop_index(batch_op.f("ix_scenario_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_scenario_domain"))
        batch_op.drop_index(batch_op.f("ix_scenario_district_id"))
        batch_op.drop_index(batch_op.f("ix_scenario_deadline_on"))
        batch_op.drop_index(batch_op.f("ix_scenario_batch_id"))

    op.drop_table("scenario")
    with op.batch_alter_table("capability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capability_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_capability_listed_at"))

    op.drop_table("capability")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_name"))
        batch_op.drop_index(batch_op.f("ix_organisation_district_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_community_id"))

    op.drop_table("organisation")
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_district_id"))

    op.drop_table("community")
    op.drop_table("batch")
    op.drop_table("scheduler_lease")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempt_attempt_key"))

    op.drop_table("login_attempt")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_run_job"))

    op.drop_table("job_run")
    op.drop_table("funding_rule")
    with op.batch_alter_table("embedding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_embedding_model_key"))

    op.drop_table("embedding")
    op.drop_table("district")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION funding_record_refuse()")
