"""Support that happens: incidents, requests, supervisors and their hours, series, records of
sessions, feedback; flags that are snoozed, off-cycle rounds, the sample that levels are compared
with. No supervisor, place or person can be booked twice at a time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KIND = sa.String(length=40)


def upgrade() -> None:
    """New tables, wider offers, sessions and bookings, and the wall against double booking."""
    _make_tables_of_supervision()
    _make_tables_of_incidents()
    _widen_flags_and_rounds()
    _widen_offers()
    _widen_sessions()
    _widen_bookings()
    _make_tables_of_records()
    for table in _READ_BY_UNIT:
        op.create_index(f"ix_{table}_unit_id", table, ["unit_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _exclude_on_postgresql()
    else:
        _exclude_on_sqlite()


def downgrade() -> None:
    """Back to offers of flags; what was offered otherwise, and bookings beyond, are lost."""
    for table in _READ_BY_UNIT:
        op.drop_index(f"ix_{table}_unit_id", table_name=table)
    if op.get_bind().dialect.name == "postgresql":
        for name, table, _, _ in _EXCLUSIONS:
            op.drop_constraint(f"ex_{name}", table)
    else:
        for name, *_ in _EXCLUSIONS:
            for act in ("insert", "update"):
                op.execute(f"DROP TRIGGER ex_{name}_{act}")
    for table in (
        "support_request",
        "session_action",
        "session_theme",
        "theme",
        "session_feedback",
    ):
        op.drop_table(table)
    _narrow_bookings()
    _narrow_sessions()
    _narrow_offers()
    _narrow_flags_and_rounds()
    for table in (
        "calendar_feed",
        "session_series",
        "place",
        "availability_exception",
        "availability",
        "supervisor",
        "incident_affected",
        "incident",
        "level_reference",
    ):
        op.drop_table(table)


# A page asks for everything published of one unit, and the record never stops growing.
_READ_BY_UNIT = ("published_group", "published_rollup", "published_withheld")

# What must not overlap: its name, its table, the column that owns the time, and while which state.
_EXCLUSIONS = (
    ("support_session_supervisor_id", "support_session", "supervisor_id", "state <> 'cancelled'"),
    ("support_session_place_id", "support_session", "place_id", "state <> 'cancelled'"),
    ("booking_person_id", "booking", "person_id", "state = 'booked'"),
)


def _exclude_on_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for name, table, owner, condition in _EXCLUSIONS:
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{name} EXCLUDE USING gist"
            f" ({owner} WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE ({condition})"
        )


def _exclude_on_sqlite() -> None:
    for name, table, owner, condition in _EXCLUSIONS:
        key = "id" if table == "support_session" else "session_id"
        for act in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER ex_{name}_{act} BEFORE {act.upper()} ON {table}"
                f" WHEN NEW.{condition} BEGIN"
                f" SELECT RAISE(ABORT, 'ex_{name}') FROM {table}"
                f" WHERE {owner} = NEW.{owner} AND {key} <> NEW.{key} AND {condition}"
                " AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at; END"
            )


def _make_tables_of_supervision() -> None:
    op.create_table(
        "supervisor",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("is_external", sa.Boolean(), nullable=False),
        sa.Column("qualifications", sa.String(length=400), nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("sessions_a_week", sa.Integer(), nullable=False),
        sa.Column("video_link", sa.String(length=400), nullable=True),
        sa.CheckConstraint("sessions_a_week >= 1", name="sessions_a_week"),
        _refers("supervisor", "person_id", "person.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name="pk_supervisor"),
    )
    op.create_table(
        "availability",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_time", sa.String(length=5), nullable=False),
        sa.Column("until_time", sa.String(length=5), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("until_time > from_time", name="until_after_from"),
        _refers("availability", "supervisor_id", "supervisor.person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_availability"),
    )
    op.create_index("ix_availability_supervisor_id", "availability", ["supervisor_id"])
    op.create_table(
        "availability_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("from_time", sa.String(length=5), nullable=True),
        sa.Column("until_time", sa.String(length=5), nullable=True),
        sa.CheckConstraint("until_day >= from_day", name="until_after_from"),
        _refers(
            "availability_exception", "supervisor_id", "supervisor.person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_availability_exception"),
    )
    op.create_index(
        "ix_availability_exception_supervisor_id", "availability_exception", ["supervisor_id"]
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("seats >= 1", name="seats"),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
        sa.UniqueConstraint("name", name="uq_place_name"),
    )
    op.create_table(
        "session_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("form", _KIND, nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("start", sa.String(length=5), nullable=False),
        sa.Column("length_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("every_weeks >= 1", name="every_weeks"),
        _refers("session_series", "supervisor_id", "person.id"),
        _refers("session_series", "place_id", "place.id"),
        sa.PrimaryKeyConstraint("id", name="pk_session_series"),
    )
    op.create_index("ix_session_series_unit_id", "session_series", ["unit_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _refers("calendar_feed", "person_id", "person.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name="pk_calendar_feed"),
        sa.UniqueConstraint("secret_hash", name="uq_calendar_feed_secret_hash"),
    )


def _make_tables_of_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _KIND, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("affected_count", sa.Integer(), nullable=False),
        sa.Column("details", sa.String(length=1000), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("affected_count >= 0", name="affected_count"),
        _refers("incident", "unit_id", "unit.id"),
        _refers("incident", "registered_by", "person.id", ondelete="SET NULL"),
        _refers("incident", "round_id", "round.id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_unit_id", "incident", ["unit_id"])
    op.create_table(
        "incident_affected",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _refers("incident_affected", "incident_id", "incident.id", ondelete="CASCADE"),
        _refers("incident_affected", "person_id", "person.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident_id", "person_id", name="pk_incident_affected"),
    )
    op.create_table(
        "level_reference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sample", sa.String(length=60), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mean", sa.JSON(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_level_reference"),
    )


def _make_tables_of_records() -> None:
    op.create_table(
        "support_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wish", _KIND, nullable=False),
        sa.Column("contact", sa.String(length=400), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("delete_on", sa.Date(), nullable=True),
        _refers("support_request", "person_id", "person.id", ondelete="CASCADE"),
        _refers("support_request", "offer_id", "offer.id"),
        sa.PrimaryKeyConstraint("id", name="pk_support_request"),
        sa.UniqueConstraint("offer_id", name="uq_support_request_offer_id"),
    )
    op.create_index("ix_support_request_person_id", "support_request", ["person_id"])
    op.create_table(
        "session_feedback",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("useful", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("useful BETWEEN 1 AND 5", name="useful"),
        _refers("session_feedback", "session_id", "support_session.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_id", "useful", name="pk_session_feedback"),
    )
    op.create_table(
        "theme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme"),
        sa.UniqueConstraint("name", name="uq_theme_name"),
    )
    op.create_table(
        "session_theme",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        _refers("session_theme", "session_id", "support_session.id", ondelete="CASCADE"),
        _refers("session_theme", "theme_id", "theme.id"),
        sa.PrimaryKeyConstraint("session_id", "theme_id", name="pk_session_theme"),
    )
    op.create_table(
        "session_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        _refers("session_action", "session_id", "support_session.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_session_action"),
    )
    op.create_index("ix_session_action_session_id", "session_action", ["session_id"])


def _widen_flags_and_rounds() -> None:
    with op.batch_alter_table("flag") as table:
        table.add_column(sa.Column("snoozed_until", sa.Date(), nullable=True))
        table.add_column(sa.Column("snoozed_because", sa.String(length=400), nullable=True))
    with op.batch_alter_table("round") as table:
        table.add_column(sa.Column("unit_id", sa.Uuid(), nullable=True))
        table.create_foreign_key("fk_round_unit_id_unit", "unit", ["unit_id"], ["id"])


def _narrow_flags_and_rounds() -> None:
    with op.batch_alter_table("round") as table:
        table.drop_constraint("fk_round_unit_id_unit", type_="foreignkey")
        table.drop_column("unit_id")
    with op.batch_alter_table("flag") as table:
        table.drop_column("snoozed_until")
        table.drop_column("snoozed_because")


def _widen_offers() -> None:
    with op.batch_alter_table("offer") as table:
        table.alter_column("unit_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("incident_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("held_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("owner_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("closed_because", sa.String(length=400), nullable=True))
        for column, other, ondelete in _OFFER_KEYS:
            table.create_foreign_key(
                f"fk_offer_{column}_{other}", other, [column], ["id"], ondelete=ondelete
            )
        table.create_unique_constraint("uq_offer_incident_id_form", ["incident_id", "form"])


_OFFER_KEYS = (
    ("incident_id", "incident", None),
    ("owner_id", "person", "SET NULL"),
)
_OFFER_COLUMNS = ("incident_id", "due_on", "held_on", "owner_id", "closed_because")


def _narrow_offers() -> None:
    op.execute("DELETE FROM offer WHERE unit_id IS NULL OR form IN " + _NEW_FORMS)
    with op.batch_alter_table("offer") as table:
        table.drop_constraint("uq_offer_incident_id_form", type_="unique")
        for column, other, _ in _OFFER_KEYS:
            table.drop_constraint(f"fk_offer_{column}_{other}", type_="foreignkey")
        for column in _OFFER_COLUMNS:
            table.drop_column(column)
        table.alter_column("unit_id", existing_type=sa.Uuid(), nullable=False)


_NEW_FORMS = "('first_aid', 'follow_up', 'team_conversation')"
_SESSION_COLUMNS = (
    ("place_id", sa.Uuid()),
    ("video_link", sa.String(length=400)),
    ("seats", sa.Integer()),
    ("series_id", sa.Uuid()),
    ("minutes_held", sa.Integer()),
    ("next_on", sa.Date()),
    ("feedback_until", sa.Date()),
    ("delete_on", sa.Date()),
)


def _widen_sessions() -> None:
    with op.batch_alter_table("support_session") as table:
        for name, kind in _SESSION_COLUMNS:
            table.add_column(sa.Column(name, kind, nullable=True))
        table.create_foreign_key("fk_support_session_place_id_place", "place", ["place_id"], ["id"])
        table.create_foreign_key(
            "fk_support_session_series_id_session_series",
            "session_series",
            ["series_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_unique_constraint(
            "uq_support_session_id_starts_at_ends_at", ["id", "starts_at", "ends_at"]
        )
        table.create_check_constraint("seats", "seats IS NULL OR seats >= 1")
    op.create_index("ix_support_session_place_id", "support_session", ["place_id"])
    op.create_index("ix_support_session_series_id", "support_session", ["series_id"])


def _narrow_sessions() -> None:
    _forget_sessions_of_requests()
    op.drop_index("ix_support_session_series_id", table_name="support_session")
    op.drop_index("ix_support_session_place_id", table_name="support_session")
    with op.batch_alter_table("support_session") as table:
        table.drop_constraint("uq_support_session_id_starts_at_ends_at", type_="unique")
        table.drop_constraint(op.f("ck_support_session_seats"), type_="check")
        table.drop_constraint("fk_support_session_series_id_session_series", type_="foreignkey")
        table.drop_constraint("fk_support_session_place_id_place", type_="foreignkey")
        for name, _ in _SESSION_COLUMNS:
            table.drop_column(name)


def _forget_sessions_of_requests() -> None:
    private = "SELECT id FROM offer WHERE unit_id IS NULL OR form IN " + _NEW_FORMS
    gone = f"SELECT id FROM support_session WHERE offer_id IN ({private})"
    # By hand, as SQLite deletes nothing along while its tables change.
    for table in ("booking", "outbox_message"):
        op.execute(f"DELETE FROM {table} WHERE session_id IN ({gone})")
    op.execute(f"DELETE FROM support_session WHERE offer_id IN ({private})")


def _widen_bookings() -> None:
    with op.batch_alter_table("booking") as table:
        table.add_column(sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("state", _KIND, nullable=True))
        table.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(
            sa.Column("feedback_given", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    of_session = "FROM support_session WHERE support_session.id = booking.session_id"
    op.execute(
        f"UPDATE booking SET state = 'invited', starts_at = (SELECT starts_at {of_session}),"
        f" ends_at = (SELECT ends_at {of_session})"
    )
    with op.batch_alter_table("booking") as table:
        table.alter_column("starts_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.alter_column("ends_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.alter_column("state", existing_type=_KIND, nullable=False)
        table.alter_column("position", existing_type=sa.Integer(), server_default=None)
        table.alter_column("feedback_given", existing_type=sa.Boolean(), server_default=None)
        table.drop_constraint("fk_booking_session_id_support_session", type_="foreignkey")
        table.create_foreign_key(
            "fk_booking_session_id_support_session",
            "support_session",
            ["session_id", "starts_at", "ends_at"],
            ["id", "starts_at", "ends_at"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        )
    op.create_index("ix_booking_person_id", "booking", ["person_id"])


def _narrow_bookings() -> None:
    op.drop_index("ix_booking_person_id", table_name="booking")
    op.execute("DELETE FROM booking WHERE state = 'waiting'")
    with op.batch_alter_table("booking") as table:
        table.drop_constraint("fk_booking_session_id_support_session", type_="foreignkey")
        table.create_foreign_key(
            "fk_booking_session_id_support_session",
            "support_session",
            ["session_id"],
            ["id"],
            ondelete="CASCADE",
        )
        for name in ("starts_at", "ends_at", "state", "position", "feedback_given"):
            table.drop_column(name)


def _refers(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    other = target.partition(".")[0]
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{column}_{other}", ondelete=ondelete
    )
