"""Migrations end where the models are, go back to nothing, and keep the grants, with data."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Table, UniqueConstraint, inspect, select, text
from sqlalchemy.orm import Session

from tests.cast import Cast, email_of, make_cast
from tests.conftest import NO_POSTGRESQL
from tests.databases import PostgreSQLServer, copied_postgresql
from tests.rounds import BY, STEADY, WORN, ZONE, RoundRunner
from tests.support_rows import add_rows_of_support
from tests.web.seed import a_webhook
from wellbeing.actions import diary
from wellbeing.actions.scheduling import schedule_from_flag
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.sign_in import issue_link, sign_in
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.actions.structure import approve, form_group
from wellbeing.domain.actor import Actor
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import BadInput
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.resources import folder
from wellbeing.store.accounts import (
    ApiToken,
    AuthenticatorApp,
    BouncedAddress,
    BounceReason,
    CheckInCode,
    ExternalIdentity,
    KeyHolder,
    LinkPurpose,
    Person,
    RateCount,
    SignInPasskey,
    SignInRecoveryCode,
    has_address,
)
from wellbeing.store.audit import AuditCheckpoint, JobClaim
from wellbeing.store.base import Base
from wellbeing.store.incidents import Incident, RequestWish, SupportRequest
from wellbeing.store.org import ImportedWording, Pause, WordingState
from wellbeing.store.personal import DiaryPasskey
from wellbeing.store.published import Flag
from wellbeing.store.reach import GRANTS, Reach, role_name
from wellbeing.store.registry import CLASSIFIED, all_tables
from wellbeing.store.schema import downgrade, find_current, get_head, upgrade
from wellbeing.store.sessions import Database
from wellbeing.store.webhooks import WebhookDelivery, WebhookSeen

OWN_TABLE = "alembic_version"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, postgresql: PostgreSQLServer | None
) -> Iterator[Database]:
    """A database without a table."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'empty.db'}")
    elif postgresql is None:
        pytest.skip(NO_POSTGRESQL)
    else:
        with copied_postgresql(postgresql, "template0") as url:
            yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url, durable=False)
    yield database
    database.close()


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    return ScriptDirectory.from_config(config)


def _connection(database: Database) -> Connection:
    return database.engine(Reach.EVERYTHING).connect()


def _tables(database: Database) -> set[str]:
    with _connection(database) as connection:
        return set(inspect(connection).get_table_names()) - {OWN_TABLE}


class TestFiles:
    def test_there_is_one_head(self) -> None:
        assert len(_scripts().get_heads()) == 1

    def test_versions_are_numbered_without_a_gap_and_so_are_their_files(self) -> None:
        numbers = [script.revision for script in _scripts().walk_revisions()][::-1]
        assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
        files = sorted(path.name for path in (folder("migrations") / "versions").glob("*.py"))
        assert [name[:4] for name in files] == numbers
        assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in files)

    def test_every_migration_says_what_it_does_and_can_be_undone(self) -> None:
        for script in _scripts().walk_revisions():
            assert script.doc
            assert callable(script.module.upgrade)
            assert callable(script.module.downgrade)


class TestModels:
    def test_the_newest_version_is_what_the_models_say(self, database: Database) -> None:
        with _connection(database) as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, all_tables()) == []

    def test_an_empty_database_becomes_the_newest(self, empty: Database) -> None:
        assert find_current(empty) is None
        upgrade(empty)
        assert find_current(empty) == get_head()
        assert _tables(empty) == set(CLASSIFIED)

    def test_checks_and_unique_constraints_are_those_of_the_models(
        self, database: Database
    ) -> None:
        with _connection(database) as connection:
            found = inspect(connection)
            for table in all_tables().sorted_tables:
                checks = {c["name"] for c in found.get_check_constraints(table.name)}
                uniques = {
                    (c["name"], tuple(c["column_names"]))
                    for c in found.get_unique_constraints(table.name)
                }
                assert checks == _named(table, CheckConstraint)
                assert {name for name, _ in uniques} == _named(table, UniqueConstraint)

    def test_checks_say_what_those_of_the_models_say(self, sqlite_database: Database) -> None:
        with _connection(sqlite_database) as connection:
            found = inspect(connection)
            for table in all_tables().sorted_tables:
                migrated = {
                    c["name"]: c["sqltext"] for c in found.get_check_constraints(table.name)
                }
                for check in table.constraints:
                    if isinstance(check, CheckConstraint):
                        assert migrated[str(check.name)] == str(check.sqltext)

    def test_personal_tables_keep_no_order_of_their_own(self, sqlite_database: Database) -> None:
        with _connection(sqlite_database) as connection:
            for table in (
                "participation",
                "ballot",
                "diary_key",
                "diary_passkey",
                "diary_entry",
                "check_in_code",
            ):
                made = connection.execute(
                    text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
                ).scalar_one()
                assert made.rstrip().endswith("WITHOUT ROWID"), table


def _people(database: Database) -> set[tuple[Any, ...]]:
    """Everybody as the models have them, with what they wrote."""
    with database.reading(Reach.EVERYTHING) as session:
        people = {(p.id, p.name, p.email, p.mobile) for p in session.scalars(select(Person))}
        wishes = {(r.id, r.wish, r.contact) for r in session.scalars(select(SupportRequest))}
        return people | wishes | {(i.id, i.details) for i in session.scalars(select(Incident))}


def _write_down(session: Session, cast: Cast) -> None:
    """A wish for a talk, and two incidents, one with nothing written of it."""
    day = date(2026, 2, 2)
    talk = {"wish": RequestWish.TALK, "contact": "Ring"}
    session.add(SupportRequest(person_id=cast.people["Eva"], asked_on=day, **talk))
    for details in ("Det var slemt", ""):
        session.add(
            Incident(
                unit_id=cast.units["team_a"],
                kind=IncidentKind.VIOLENCE,
                happened_on=day,
                registered_on=day,
                affected_count=1,
                details=details,
            )
        )


def _named(table: Table, kind: type[CheckConstraint | UniqueConstraint]) -> set[str]:
    return {str(one.name) for one in table.constraints if isinstance(one, kind)}


class TestBack:
    def test_down_to_the_base_leaves_no_table(self, empty: Database) -> None:
        upgrade(empty)
        downgrade(empty, "base")
        assert _tables(empty) == set()
        assert find_current(empty) is None

    def test_up_down_up_with_data_in_every_table(
        self, empty: Database, tmp_path: Path, now: datetime
    ) -> None:
        upgrade(empty)
        _fill(empty, tmp_path / "first", now)
        assert _empty_tables(empty) == set()
        versions = [script.revision for script in _scripts().walk_revisions()]
        for version in [*versions[1:], "base"]:
            downgrade(empty, version)
            assert find_current(empty) == (None if version == "base" else version)
        upgrade(empty)
        assert _empty_tables(empty) == set(CLASSIFIED)
        _fill(empty, tmp_path / "second", now)
        assert _empty_tables(empty) == set()

    def test_every_step_back_and_forth_keeps_the_people(
        self, empty: Database, tmp_path: Path, now: datetime
    ) -> None:
        upgrade(empty)
        _fill(empty, tmp_path, now)
        versions = [script.revision for script in _scripts().walk_revisions()]
        with empty.reading(Reach.EVERYTHING) as session:
            people = session.execute(text("SELECT count(*) FROM person")).scalar_one()
        for version in versions[1:]:
            downgrade(empty, version)
        upgrade(empty)
        with empty.reading(Reach.EVERYTHING) as session:
            assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == people > 0

    @pytest.mark.asvs("11.2.2")
    def test_what_was_readable_is_sealed_and_readable_again_on_the_way_back(
        self, empty: Database
    ) -> None:
        upgrade(empty)
        with empty.writing(Reach.EVERYTHING) as session:
            cast = make_cast(session)
            session.get_one(Person, cast.people["Eva"]).mobile = "+4540516273"
            _write_down(session, cast)
        whole = _people(empty)
        downgrade(empty, "0004")
        with empty.reading(Reach.EVERYTHING) as session:
            plain = text("SELECT name, email, mobile FROM person ORDER BY employee_number")
            assert session.execute(plain).first() == ("Eva Holm", email_of("Eva"), "+4540516273")
            said = text("SELECT details, wish, contact FROM incident, support_request ORDER BY 1")
            assert [tuple(row) for row in session.execute(said)] == [
                ("", "talk", "Ring"),
                ("Det var slemt", "talk", "Ring"),
            ]
        upgrade(empty)
        assert _people(empty) == whole

    def test_sealing_many_says_how_far_it_has_come(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for house in _opened(f"sqlite:///{tmp_path / 'empty.db'}"):
            upgrade(house, "0004")
            insert = text(
                "INSERT INTO person (id, employee_number, name, email, language, status,"
                " reminders_stopped) VALUES (:id, :number, :name, :email, 'da', 'active', 0)"
            )
            people = [
                {"id": uuid4().hex, "number": str(n), "name": f"Nr. {n}", "email": f"{n}@x.dk"}
                for n in range(5_000)
            ]
            with house.writing(Reach.EVERYTHING) as session:
                session.execute(insert, people)
            upgrade(house)
            assert "person: 5000 rows" in capsys.readouterr().err
            with house.reading(Reach.EVERYTHING) as session:
                found = session.scalars(select(Person).where(has_address("4999@x.dk"))).one()
                assert found.name == "Nr. 4999"

    def test_addresses_alike_but_for_case_are_told_before_anything_changes(
        self, empty: Database
    ) -> None:
        upgrade(empty)
        with empty.writing(Reach.EVERYTHING) as session:
            make_cast(session)
        downgrade(empty, "0004")
        twice = text(
            "UPDATE person SET email = 'EVA@osterhus.example' WHERE employee_number = '1002'"
        )
        with empty.writing(Reach.EVERYTHING) as session:
            session.execute(twice)
        with pytest.raises(BadInput, match=r"one e-mail address: 100\d and 100\d"):
            upgrade(empty)
        assert find_current(empty) == "0004"

    def test_bookings_made_before_sessions_had_seats_keep_their_hours(
        self, empty: Database, tmp_path: Path, now: datetime
    ) -> None:
        upgrade(empty)
        _fill(empty, tmp_path, now)
        hours = text(
            "SELECT s.starts_at, s.ends_at, b.state FROM booking b"
            " JOIN support_session s ON s.id = b.session_id"
            " WHERE b.starts_at = s.starts_at AND b.ends_at = s.ends_at"
        )
        with empty.reading(Reach.EVERYTHING) as session:
            before = sorted(map(tuple, session.execute(hours)))
        downgrade(empty, "0001")
        upgrade(empty)
        with empty.reading(Reach.EVERYTHING) as session:
            assert sorted(map(tuple, session.execute(hours))) == before != []

    def test_upgrading_again_changes_nothing(self, database: Database) -> None:
        before = _tables(database)
        upgrade(database)
        assert _tables(database) == before

    @pytest.mark.parametrize("step", [upgrade, downgrade])
    def test_an_unknown_version_is_told_in_words(
        self, sqlite_database: Database, step: Any
    ) -> None:
        with pytest.raises(BadInput, match="cannot be brought to 9999"):
            step(sqlite_database, "9999")


class TestGrants:
    @pytest.mark.asvs("13.2.2")
    def test_every_role_has_exactly_its_grants(self, postgresql_database: Database) -> None:
        _check_grants(postgresql_database)

    def test_a_later_upgrade_takes_back_what_was_granted_by_hand(
        self, postgresql_database: Database
    ) -> None:
        with postgresql_database.writing(Reach.EVERYTHING) as session:
            session.execute(text(f"GRANT SELECT ON ballot TO {role_name(Reach.WORKPLACE)}"))
        upgrade(postgresql_database)
        _check_grants(postgresql_database)

    def test_nothing_is_granted_to_everybody(self, postgresql_database: Database) -> None:
        with postgresql_database.reading(Reach.EVERYTHING) as session:
            assert _granted(session, "PUBLIC") == {}


def _check_grants(database: Database) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        for reach, tables in GRANTS.items():
            expected = {table: set(privileges) for table, privileges in tables.items()}
            if reach is Reach.SIGN_IN:  # every process reads there whether it fits the database
                expected[OWN_TABLE] = {"SELECT"}
            assert _granted(session, role_name(reach)) == expected


def _granted(session: Session, role: str) -> dict[str, set[str]]:
    rows = session.execute(
        text(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = :role AND table_schema = 'public'"
        ),
        {"role": role},
    )
    granted: dict[str, set[str]] = {}
    for table, privilege in rows:
        granted.setdefault(table, set()).add(privilege)
    return granted


def _empty_tables(database: Database) -> set[str]:
    with database.reading(Reach.EVERYTHING) as session:
        return {
            table.name
            for table in all_tables().sorted_tables
            if session.execute(select(table).limit(1)).first() is None
        }


def _fill(database: Database, keys: Path, now: datetime) -> None:
    """A published round with a flag, an answered one, and one of everything else."""
    with database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    rounds = RoundRunner(database, keys, now)
    first = rounds.open()
    rounds.answer_all(first, cast.members_of("team_a"), STEADY)
    rounds.answer_all(first, cast.members_of("team_b"), WORN)
    assert rounds.publish(first)
    rounds.forward(days=90)
    second = rounds.open()
    with database.writing(Reach.EMPLOYEE) as session:
        diary.start(session, "havregrød og blåbær", person_id=cast.people["Eva"])
    rounds.answer(second, cast.people["Eva"])
    with database.writing(Reach.EVERYTHING) as session:
        _add_support(session, cast, first, rounds.now)
        form_group(session, [cast.units["team_a"], cast.units["team_c"]], now=rounds.now, by=BY)
        approve(session, now=rounds.now, by=Actor.person(cast.people["Dina"]))
        _add_accounts(session, cast, second, rounds.now)
        add_rows_of_support(session, cast, now=rounds.now)
        session.add(Pause(from_day=date(2026, 7, 1), until_day=date(2026, 8, 1), reason="Sommer"))
        session.add(JobClaim(job="invite", slot=rounds.now))
        _add_ways_in(session, cast.people["Eva"], rounds.now)
        session.add(
            BouncedAddress(
                person_id=cast.people["Tom"],
                email_index=b"\6" * 32,
                reason=BounceReason.NO_SUCH_ADDRESS,
                since=rounds.now.date(),
            )
        )
        session.add(
            KeyHolder(
                person_id=cast.people["Hanne"],
                duty=Duty.HR,
                public_key=b"\4" * 32,
                locked_by_code=b"\5",
                made_on=rounds.now.date(),
            )
        )
        session.add(
            DiaryPasskey(
                id=uuid4(),
                person_id=cast.people["Eva"],
                credential_id=b"\1",
                salt=b"\2" * 32,
                locked=b"\3",
            )
        )
        session.add(
            ImportedWording(
                id="proqol5-official-da-0",
                locale="da",
                instrument="proqol5",
                sha256="0" * 64,
                document={},
                source="form.csv",
                state=WordingState.APPROVED,
                imported_at=rounds.now,
                imported_by="command",
            )
        )


def _add_support(session: Session, cast: Cast, round_id: UUID, now: datetime) -> None:
    flag = Flag(
        id=uuid4(),
        unit_id=cast.units["team_b"],
        round_id=round_id,
        rule_id="test",
        kind="offer_supervision",
        figures={},
        raised_on=now.date(),
    )
    session.add(flag)
    session.flush()
    values = SessionValues(
        form=SupportForm.TEAM_SUPERVISION,
        supervisor_id=cast.people["Susan"],
        day=now.date() + timedelta(days=7),
        start=time(13),
        length_minutes=60,
        place="Mødelokale 2",
    )
    schedule_from_flag(session, flag.id, values, zone=ZONE, now=now, by=BY)


def _add_accounts(session: Session, cast: Cast, round_id: UUID, now: datetime) -> None:
    rules = SignInRules(8, frozenset())
    sign_in(session, "eva@osterhus.example", "en lang tur langs havet", rules=rules, now=now)
    issue_link(session, cast.people["Ida"], LinkPurpose.ACTIVATION, hours=72, now=now)
    session.add(CheckInCode(round_id=round_id, person_id=cast.people["Ida"], code_hash="1" * 64))
    session.add(RateCount(key_hash="0" * 64, count=1, expires_at=now))


def _webhook_rows(now: datetime) -> tuple[Base, ...]:
    webhook = a_webhook(uuid4(), now=now)
    row = {"body": "{}", "made_at": now, "due_at": now, "attempts": 0}
    return (
        webhook,
        WebhookSeen(subject_id=uuid4(), state="raised"),
        WebhookDelivery(webhook_id=webhook.id, **row),
    )


def _add_ways_in(session: Session, person_id: UUID, now: datetime) -> None:
    session.add_all(
        (
            AuthenticatorApp(person_id=person_id, secret="JBSWY3DPEHPK3PXP"),
            SignInRecoveryCode(code_hash="a" * 64, person_id=person_id),
            SignInPasskey(
                person_id=person_id,
                credential_id=b"\2",
                public_key=b"\3",
                sign_count=1,
                transports=["internal"],
                name="Telefon",
                added_on=now.date(),
            ),
            ExternalIdentity(issuer="https://id.example", subject="eva", person_id=person_id),
            ApiToken(
                name="Directory",
                scope="scim",
                secret_hash="b" * 64,
                made_at=now,
                expires_at=now + timedelta(days=90),
            ),
            *_webhook_rows(now),
            AuditCheckpoint(number=0, hash="0" * 64, removed=0, made_at=now),
        )
    )
