"""One-time codes for the check-in, imported wordings, the occupation that a programme asks about,
and passkeys that open a diary.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """New tables, and a column each on programmes, wordings of rounds and sign-ins."""
    op.create_table(
        "check_in_code",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        _refers("check_in_code", "round_id", "round.id"),
        _refers("check_in_code", "person_id", "person.id"),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_check_in_code"),
        sa.UniqueConstraint("code_hash", name="uq_check_in_code_code_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_check_in_code_person_id", "check_in_code", ["person_id"])
    op.create_table(
        "imported_wording",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_imported_wording"),
    )
    op.create_table(
        "diary_passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("locked", sa.LargeBinary(length=200), nullable=False),
        _refers("diary_passkey", "person_id", "diary_key.person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_diary_passkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_diary_passkey_person_id", "diary_passkey", ["person_id"])
    with op.batch_alter_table("programme") as table:
        table.add_column(sa.Column("occupation", sa.JSON(), nullable=True))
    with op.batch_alter_table("round_wording") as table:
        table.add_column(sa.Column("occupation", sa.String(length=60), nullable=True))
    with op.batch_alter_table("sign_in_session") as table:
        table.add_column(sa.Column("round_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            "fk_sign_in_session_round_id_round",
            "round",
            ["round_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    """Codes, imported wordings and passkeys are lost; a diary still opens by its codes."""
    op.execute("DELETE FROM sign_in_session WHERE round_id IS NOT NULL")
    with op.batch_alter_table("sign_in_session") as table:
        table.drop_constraint("fk_sign_in_session_round_id_round", type_="foreignkey")
        table.drop_column("round_id")
    with op.batch_alter_table("round_wording") as table:
        table.drop_column("occupation")
    with op.batch_alter_table("programme") as table:
        table.drop_column("occupation")
    for table_name in ("diary_passkey", "imported_wording", "check_in_code"):
        op.drop_table(table_name)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    other = target.partition(".")[0]
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{column}_{other}", ondelete="CASCADE"
    )
