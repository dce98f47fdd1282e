"""`wellbeing token`: made, listed and revoked on the command line."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from wellbeing.cli import wellbeing
from wellbeing.crypto.secrets import hash_token
from wellbeing.store.accounts import ApiToken
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("token", "list")` on a database of one's own."""
    url = sqlite_database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("WELLBEING_DATABASE_URL", url)

    def command(*words: str) -> Result:
        return CliRunner().invoke(wellbeing, list(words))

    return command


def test_a_token_is_shown_once_and_kept_as_a_hash(run: Run, sqlite_database: Database) -> None:
    made = run("token", "make", "--name", "Entra", "--scope", "scim")
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    assert len(secret) > 40
    with sqlite_database.reading(Reach.EVERYTHING) as session:
        token = session.scalars(select(ApiToken)).one()
        logged = str(session.scalars(select(AuditEvent)).one().details)
    assert token.secret_hash == hash_token(secret)
    assert (token.expires_at - token.made_at).days == 90
    assert secret not in logged
    listed = run("token", "list").output
    assert "Entra" in listed
    assert secret not in listed


def test_a_token_is_revoked_by_its_id(run: Run, sqlite_database: Database) -> None:
    run("token", "make", "--name", "Entra", "--scope", "scim")
    token_id = run("token", "list").output.split("\t")[0]
    assert "can no longer sign in" in run("token", "revoke", token_id).output
    run("token", "revoke", token_id)
    assert "revoked" in run("token", "list").output
    with sqlite_database.reading(Reach.EVERYTHING) as session:
        acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)).all()
    assert acts == ["token.made", "token.revoked"]


@pytest.mark.parametrize(
    "more",
    [
        ("--days", "0"),
        ("--days", "367"),
        ("--name", " "),
        ("--name", "x" * 81),
        ("--unit", "00000000-0000-0000-0000-000000000000"),
        ("--scope", "everything"),
    ],
)
def test_a_token_that_would_be_too_much_is_not_made(
    more: tuple[str, str], run: Run, sqlite_database: Database
) -> None:
    made = run("token", "make", "--name", "Entra", "--scope", "scim", *more)
    assert made.exit_code != 0
    with sqlite_database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(ApiToken)).all() == []
