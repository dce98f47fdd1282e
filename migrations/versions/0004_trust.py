"""Second factors, passkeys, single sign-on, tokens of other systems, and checkpoints of the log."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """New tables; sign-ins get an id of their own and say how they came about."""
    op.create_table(
        "authenticator_app",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(length=200), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _of_person("authenticator_app"),
        sa.PrimaryKeyConstraint("person_id", name="pk_authenticator_app"),
    )
    op.create_table(
        "sign_in_recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _of_person("sign_in_recovery_code"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_sign_in_recovery_code"),
    )
    op.create_table(
        "sign_in_passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        _of_person("sign_in_passkey"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_sign_in_passkey_credential_id"),
    )
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _of_person("external_identity"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_external_identity"),
        sa.UniqueConstraint("person_id", "issuer", name="uq_external_identity_person_id_issuer"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name="fk_api_token_unit_id_unit", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("secret_hash", name="uq_api_token_secret_hash"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoint"),
    )
    for table in ("sign_in_recovery_code", "sign_in_passkey", "external_identity"):
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"])
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("external_id", sa.String(length=255), nullable=True))
        person.create_unique_constraint("uq_person_external_id", ["external_id"])
    _extend_sign_ins()


def _extend_sign_ins() -> None:
    with op.batch_alter_table("sign_in_session") as table:
        table.add_column(sa.Column("id", sa.Uuid(), nullable=True))
        table.add_column(
            sa.Column("device", sa.String(length=80), nullable=False, server_default="")
        )
        table.add_column(
            sa.Column(
                "awaits_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("provider_session", sa.String(length=64), nullable=True))
    sign_in = sa.table(
        "sign_in_session", sa.column("secret_hash", sa.String()), sa.column("id", sa.Uuid())
    )
    connection = op.get_bind()
    for secret_hash in connection.scalars(sa.select(sign_in.c.secret_hash)).all():
        connection.execute(
            sa.update(sign_in).where(sign_in.c.secret_hash == secret_hash).values(id=uuid4())
        )
    with op.batch_alter_table("sign_in_session") as table:
        table.alter_column("id", existing_type=sa.Uuid(), nullable=False)
        table.alter_column("device", existing_type=sa.String(length=80), server_default=None)
        table.alter_column("awaits_second_factor", existing_type=sa.Boolean(), server_default=None)
        table.create_unique_constraint("uq_sign_in_session_id", ["id"])
        table.create_index("ix_sign_in_session_provider_session", ["provider_session"])


def downgrade() -> None:
    """Second factors, passkeys and tokens are lost; whoever has not finished signing in is out."""
    op.execute("DELETE FROM sign_in_session WHERE awaits_second_factor")
    with op.batch_alter_table("sign_in_session") as table:
        table.drop_index("ix_sign_in_session_provider_session")
        table.drop_constraint("uq_sign_in_session_id", type_="unique")
        for column in ("id", "device", "awaits_second_factor", "confirmed_at", "provider_session"):
            table.drop_column(column)
    with op.batch_alter_table("person") as person:
        person.drop_constraint("uq_person_external_id", type_="unique")
        person.drop_column("external_id")
    op.drop_index("ix_audit_event_subject", "audit_event")
    for name in (
        "audit_checkpoint",
        "api_token",
        "external_identity",
        "sign_in_passkey",
        "sign_in_recovery_code",
        "authenticator_app",
    ):
        op.drop_table(name)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["person.id"], name=f"fk_{table}_person_id_person", ondelete="CASCADE"
    )
