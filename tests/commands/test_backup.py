"""`wellbeing recovery-key`, `backup`, `restore` and `close-without-figures` at the command line."""

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cast import make_cast
from tests.rounds import RoundRunner
from wellbeing.cli import wellbeing
from wellbeing.crypto.field_keys import FieldKeys, make_field_keys
from wellbeing.domain.errors import BadInput, Refused, UnfitKeys
from wellbeing.store.org import RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def rounds(
    sqlite_database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RoundRunner:
    """The cast in a database that the commands use."""
    make_field_keys(tmp_path / "keys")
    database = Database(str(sqlite_database.url), FieldKeys(tmp_path / "keys"))
    with database.writing(Reach.EVERYTHING) as session:
        make_cast(session)
    database.close()
    monkeypatch.setenv("WELLBEING_DATA", str(tmp_path))
    monkeypatch.setenv("WELLBEING_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("WELLBEING_DATABASE_URL", str(sqlite_database.url))
    return RoundRunner(database, tmp_path, now)


def _run(*arguments: object) -> str:
    done = CliRunner().invoke(wellbeing, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_backup_is_sealed_checked_and_restored(rounds: RoundRunner, tmp_path: Path) -> None:
    key, file = tmp_path / "recovery.key", tmp_path / "today.backup"
    public = _run("recovery-key", key).strip()
    assert key.stat().st_mode & 0o077 == 0
    with pytest.raises(BadInput, match="no key is ever replaced"):
        _run("recovery-key", key)
    said = _run("backup", file, "--to", public)
    assert "Backup ready" in said
    assert "not sealed" not in said
    assert file.stat().st_mode & 0o077 == 0
    checked = _run("restore", file, "--key", key, "--check")
    assert "is whole" in checked
    assert "open its names" in checked
    with pytest.raises(Refused, match="--replace"):
        _run("restore", file, "--key", key)
    assert "Everybody must sign in again" in _run("restore", file, "--key", key, "--replace")
    assert "The chain is whole." in _run("audit-log", "verify")
    assert "not sealed" in _run("backup", file)


def test_an_open_round_is_given_up_for_good(rounds: RoundRunner) -> None:
    round_id = rounds.open()
    rounds.database.close()
    _run("close-without-figures", round_id, "--because", "no holder is left", "--yes")
    assert rounds.state(round_id) is RoundState.LOST
    assert not rounds.keys.exist(round_id)


def test_a_check_of_an_older_backup_claims_nothing_about_keys(
    rounds: RoundRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "old.backup"
    monkeypatch.setattr("wellbeing.actions.backup.make_witness", lambda _: "")
    _run("backup", file)
    checked = _run("restore", file, "--check")
    assert "is whole" in checked
    assert "restoring it will tell" in checked
    assert "open its names" not in checked


def test_without_the_keys_of_its_sealed_fields_nothing_is_put_in_place(
    rounds: RoundRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "today.backup"
    _run("backup", file)
    before = Path(str(rounds.database.url.database)).read_bytes()
    make_field_keys(tmp_path / "other-keys")
    monkeypatch.setenv("WELLBEING_KEYS", str(tmp_path / "other-keys"))
    assert "do not open its names" in _run("restore", file, "--check")
    with pytest.raises(UnfitKeys):
        _run("restore", file, "--replace")
    assert Path(str(rounds.database.url.database)).read_bytes() == before
