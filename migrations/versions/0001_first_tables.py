"""The first tables: accounts, organisation, personal, published, support, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every table and index."""
    op.create_table(
        "audit_event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_event"),
        sa.UniqueConstraint("hash", name="uq_audit_event_hash"),
    )
    op.create_table(
        "job_claim",
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name="pk_job_claim"),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.CheckConstraint("until_day > from_day", name="until_after_from"),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reminders_stopped", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
        sa.UniqueConstraint("employee_number", name="uq_person_employee_number"),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("opening_time", sa.String(length=5), nullable=False),
        sa.Column("reminder_days", sa.String(length=40), nullable=False),
        sa.Column("min_group_size", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("every_months >= 1", name="every_months"),
        sa.CheckConstraint("min_group_size >= 5", name="min_group_size"),
        sa.CheckConstraint("window_days >= 1", name="window_days"),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
    )
    op.create_table(
        "rate_count",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_rate_count"),
    )
    op.create_index("ix_rate_count_expires_at", "rate_count", ["expires_at"], unique=False)

    op.create_table(
        "structure_approval",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_structure_approval"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name="fk_unit_parent_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_credential_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_credential"),
    )
    op.create_table(
        "diary_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=600), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_diary_entry_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_diary_entry"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_diary_entry_person_id", "diary_entry", ["person_id"], unique=False)

    op.create_table(
        "diary_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("locked_by_code", sa.LargeBinary(length=200), nullable=False),
        sa.Column("locked_by_recovery", sa.LargeBinary(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_diary_key_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_diary_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.CheckConstraint("until_day IS NULL OR until_day >= from_day", name="until_after_from"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_membership_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_membership_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"], unique=False)
    op.create_index("ix_membership_unit_id", "membership", ["unit_id"], unique=False)

    op.create_table(
        "reporting_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_unit_id"], ["unit.id"], name="fk_reporting_group_parent_unit_id_unit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reporting_group"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_role_grant_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_role_grant_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
    )
    op.create_index("ix_role_grant_person_id", "role_grant", ["person_id"], unique=False)
    op.create_index(
        "ix_role_grant_unit_id_role_grant_role", "role_grant", ["unit_id", "role"], unique=False
    )

    op.create_table(
        "round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("min_group_size", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=True),
        sa.Column("stopped_because", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name="fk_round_programme_id_programme"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
        sa.UniqueConstraint("programme_id", "number", name="uq_round_programme_id_number"),
    )
    op.create_index("ix_round_state", "round", ["state"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_sign_in_link_person_id_person",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_sign_in_link"),
    )
    op.create_index("ix_sign_in_link_person_id", "sign_in_link", ["person_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_sign_in_session_person_id_person",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_sign_in_session"),
    )
    op.create_index("ix_sign_in_session_person_id", "sign_in_session", ["person_id"], unique=False)

    op.create_table(
        "published_round",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.String(length=200), nullable=False),
        sa.Column("min_group_size", sa.Integer(), nullable=False),
        sa.Column("key_destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_published_round_round_id_round"
        ),
        sa.PrimaryKeyConstraint("round_id", name="pk_published_round"),
    )
    op.create_table(
        "reporting_group_unit",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["reporting_group.id"],
            name="fk_reporting_group_unit_group_id_reporting_group",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name="fk_reporting_group_unit_unit_id_unit"
        ),
        sa.PrimaryKeyConstraint("unit_id", name="pk_reporting_group_unit"),
    )
    op.create_index(
        "ix_reporting_group_unit_group_id", "reporting_group_unit", ["group_id"], unique=False
    )

    op.create_table(
        "round_unit",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("parent_unit_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("pooled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_round_unit_round_id_round", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "unit_id", name="pk_round_unit"),
    )
    op.create_table(
        "round_wording",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("wording_id", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_round_wording_round_id_round", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "locale", name="pk_round_wording"),
    )
    op.create_table(
        "ballot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=512), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id", "unit_id"],
            ["round_unit.round_id", "round_unit.unit_id"],
            name="fk_ballot_round_id_unit_id_round_unit",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_ballot_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_ballot"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_ballot_round_id_ballot_unit_id", "ballot", ["round_id", "unit_id"], unique=False
    )

    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("closed_because", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["published_round.round_id"], name="fk_flag_round_id_published_round"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
        sa.UniqueConstraint(
            "unit_id", "round_id", "rule_id", name="uq_flag_unit_id_round_id_rule_id"
        ),
    )
    op.create_index("ix_flag_unit_id", "flag", ["unit_id"], unique=False)

    op.create_table(
        "participation",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reporting_unit_id", sa.Uuid(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_participation_person_id_person",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "reporting_unit_id"],
            ["round_unit.round_id", "round_unit.unit_id"],
            name="fk_participation_round_id_reporting_unit_id_round_unit",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_participation_round_id_round"),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_participation"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_participation_person_id", "participation", ["person_id"], unique=False)

    op.create_table(
        "published_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("response_class", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["published_round.round_id"],
            name="fk_published_group_round_id_published_round",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_published_group"),
    )
    op.create_index("ix_published_group_round_id", "published_group", ["round_id"], unique=False)

    op.create_table(
        "published_rollup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["published_round.round_id"],
            name="fk_published_rollup_round_id_published_round",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_published_rollup"),
    )
    op.create_index("ix_published_rollup_round_id", "published_rollup", ["round_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=True),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="fk_offer_flag_id_flag"),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
        sa.UniqueConstraint("flag_id", name="uq_offer_flag_id"),
    )
    op.create_index("ix_offer_unit_id", "offer", ["unit_id"], unique=False)

    op.create_table(
        "published_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("rollup_id", sa.Uuid(), nullable=True),
        sa.Column("scale", sa.String(length=3), nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["published_group.id"],
            name="fk_published_figure_group_id_published_group",
        ),
        sa.ForeignKeyConstraint(
            ["rollup_id"],
            ["published_rollup.id"],
            name="fk_published_figure_rollup_id_published_rollup",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_published_figure"),
        sa.UniqueConstraint("group_id", "scale", name="uq_published_figure_group_id_scale"),
        sa.UniqueConstraint("rollup_id", "scale", name="uq_published_figure_rollup_id_scale"),
    )
    op.create_table(
        "published_group_unit",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["published_group.id"],
            name="fk_published_group_unit_group_id_published_group",
        ),
        sa.PrimaryKeyConstraint("group_id", "unit_id", name="pk_published_group_unit"),
    )
    op.create_table(
        "published_rollup_group",
        sa.Column("rollup_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["published_group.id"],
            name="fk_published_rollup_group_group_id_published_group",
        ),
        sa.ForeignKeyConstraint(
            ["rollup_id"],
            ["published_rollup.id"],
            name="fk_published_rollup_group_rollup_id_published_rollup",
        ),
        sa.PrimaryKeyConstraint("rollup_id", "group_id", name="pk_published_rollup_group"),
    )
    op.create_table(
        "published_withheld",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["published_group.id"],
            name="fk_published_withheld_group_id_published_group",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["published_round.round_id"],
            name="fk_published_withheld_round_id_published_round",
        ),
        sa.PrimaryKeyConstraint("round_id", "unit_id", name="pk_published_withheld"),
    )
    op.create_table(
        "support_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("attended_count", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "attended_count IS NULL OR attended_count >= 0",
            name="attended_count",
        ),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name="fk_support_session_offer_id_offer"
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["person.id"], name="fk_support_session_supervisor_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_support_session"),
    )
    op.create_index("ix_support_session_offer_id", "support_session", ["offer_id"], unique=False)
    op.create_index(
        "ix_support_session_supervisor_id", "support_session", ["supervisor_id"], unique=False
    )

    op.create_table(
        "booking",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_booking_person_id_person", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["support_session.id"],
            name="fk_booking_session_id_support_session",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name="pk_booking"),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("once_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_outbox_message_person_id_person",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name="fk_outbox_message_round_id_round"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["support_session.id"],
            name="fk_outbox_message_session_id_support_session",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_message"),
        sa.UniqueConstraint("once_key", name="uq_outbox_message_once_key"),
    )
    op.create_index("ix_outbox_message_person_id", "outbox_message", ["person_id"], unique=False)
    op.create_index("ix_outbox_message_round_id", "outbox_message", ["round_id"], unique=False)
    op.create_index("ix_outbox_message_state", "outbox_message", ["state"], unique=False)


def downgrade() -> None:
    """Every table again, last made first gone."""
    op.drop_index("ix_outbox_message_state", table_name="outbox_message")
    op.drop_index("ix_outbox_message_round_id", table_name="outbox_message")
    op.drop_index("ix_outbox_message_person_id", table_name="outbox_message")

    op.drop_table("outbox_message")
    op.drop_table("booking")
    op.drop_index("ix_support_session_supervisor_id", table_name="support_session")
    op.drop_index("ix_support_session_offer_id", table_name="support_session")

    op.drop_table("support_session")
    op.drop_table("published_withheld")
    op.drop_table("published_rollup_group")
    op.drop_table("published_group_unit")
    op.drop_table("published_figure")
    op.drop_index("ix_offer_unit_id", table_name="offer")

    op.drop_table("offer")
    op.drop_index("ix_published_rollup_round_id", table_name="published_rollup")

    op.drop_table("published_rollup")
    op.drop_index("ix_published_group_round_id", table_name="published_group")

    op.drop_table("published_group")
    op.drop_index("ix_participation_person_id", table_name="participation")

    op.drop_table("participation")
    op.drop_index("ix_flag_unit_id", table_name="flag")

    op.drop_table("flag")
    op.drop_index("ix_ballot_round_id_ballot_unit_id", table_name="ballot")

    op.drop_table("ballot")
    op.drop_table("round_wording")
    op.drop_table("round_unit")
    op.drop_index("ix_reporting_group_unit_group_id", table_name="reporting_group_unit")

    op.drop_table("reporting_group_unit")
    op.drop_table("published_round")
    op.drop_index("ix_sign_in_session_person_id", table_name="sign_in_session")

    op.drop_table("sign_in_session")
    op.drop_index("ix_sign_in_link_person_id", table_name="sign_in_link")

    op.drop_table("sign_in_link")
    op.drop_index("ix_round_state", table_name="round")

    op.drop_table("round")
    op.drop_index("ix_role_grant_unit_id_role_grant_role", table_name="role_grant")
    op.drop_index("ix_role_grant_person_id", table_name="role_grant")

    op.drop_table("role_grant")
    op.drop_table("reporting_group")
    op.drop_index("ix_membership_unit_id", table_name="membership")
    op.drop_index("ix_membership_person_id", table_name="membership")

    op.drop_table("membership")
    op.drop_table("diary_key")
    op.drop_index("ix_diary_entry_person_id", table_name="diary_entry")

    op.drop_table("diary_entry")
    op.drop_table("credential")
    op.drop_index("ix_unit_parent_id", table_name="unit")

    op.drop_table("unit")
    op.drop_table("structure_approval")
    op.drop_index("ix_rate_count_expires_at", table_name="rate_count")

    op.drop_table("rate_count")
    op.drop_table("programme")
    op.drop_table("person")
    op.drop_table("pause")
    op.drop_table("job_claim")
    op.drop_table("audit_event")
