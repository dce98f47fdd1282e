"""Importing the staff directory: whole, dated, audited, and the same again for the same file."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.cast import Cast, email_of
from wellbeing.actions.accounts import disable
from wellbeing.actions.staff import import_staff, plan_import
from wellbeing.actions.staff_present import find_unit_ids, read_present
from wellbeing.cli import wellbeing
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput
from wellbeing.domain.roles import Role
from wellbeing.domain.staff import StaffDirectory, StaffRow, check_rows
from wellbeing.domain.staff_changes import Present, StaffChanges
from wellbeing.resources import folder
from wellbeing.staff_files import read_staff_file
from wellbeing.store.accounts import (
    LinkPurpose,
    Person,
    PersonStatus,
    RoleGrant,
    SignInLink,
    SignInSession,
)
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Membership, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

BY = Actor.command("import-staff")
TODAY = date(2026, 2, 2)
EXAMPLE = folder("config") / "staff-example.csv"


@pytest.fixture
def example() -> StaffDirectory:
    """The twelve people of the example file."""
    return check_rows(read_staff_file(EXAMPLE, "da"))


def load(
    database: Database, directory: StaffDirectory, now: datetime, *, complete: bool = True
) -> StaffChanges:
    """Imports in a transaction of its own."""
    with database.writing(Reach.EVERYTHING) as session:
        return import_staff(session, directory, now=now, by=BY, complete=complete)


def present(database: Database) -> Present:
    """The state that the next import will find."""
    with database.reading(Reach.EVERYTHING) as session:
        return read_present(session, find_unit_ids(session))


def directory_of(database: Database) -> StaffDirectory:
    """A directory that says just what is there: of everybody with a unit."""
    now = present(database)
    rows = []
    for person in now.people.values():
        if person.unit_path is None or person.disabled:
            continue
        own = [grant for grant in now.grants if grant.employee_number == person.employee_number]
        row = StaffRow(
            person.employee_number,
            person.name,
            person.email,
            person.mobile,
            person.language,
            person.unit_path,
            tuple(g.unit_path for g in own if g.role is Role.LEADER and g.unit_path),
            frozenset((g.role, g.unit_path) for g in own if g.role is not Role.LEADER),
        )
        rows.append(row)
    return StaffDirectory(tuple(sorted(now.units, key=len)), tuple(rows))


def edited(
    directory: StaffDirectory, name: str, edit: Callable[[StaffRow], StaffRow | None]
) -> StaffDirectory:
    """The directory with one person's row edited, or left out."""
    found = [edit(row) if row.name.startswith(name) else row for row in directory.people]
    return replace(directory, people=tuple(row for row in found if row is not None))


def without(directory: StaffDirectory, name: str) -> StaffDirectory:
    """The directory without one person."""
    return edited(directory, name, lambda _: None)


def find_person(session: Session, name: str) -> Person:
    """The one person whose name begins so."""
    (found,) = (p for p in session.scalars(select(Person)) if p.name.startswith(name))
    return found


def days(session: Session, name: str) -> list[tuple[date, date | None]]:
    """From and until of a person's memberships, in order."""
    rows = session.execute(
        select(Membership.from_day, Membership.until_day)
        .where(Membership.person_id == find_person(session, name).id)
        .order_by(Membership.from_day, Membership.until_day.is_(None))
    )
    return [(row.from_day, row.until_day) for row in rows]


def sign_in(database: Database, cast: Cast, *names: str, now: datetime) -> None:
    """Leaves each of them signed in, with a link in their mail."""
    with database.writing(Reach.EVERYTHING) as session:
        for name in names:
            person_id, later = cast.people[name], now + timedelta(hours=8)
            session.add(
                SignInSession(
                    secret_hash=f"s-{name}", person_id=person_id, started_at=now, expires_at=later
                )
            )
            session.add(
                SignInLink(
                    secret_hash=f"l-{name}",
                    person_id=person_id,
                    purpose=LinkPurpose.RESET,
                    expires_at=later,
                )
            )


def secrets(database: Database) -> set[str]:
    """The sign-ins and links that still work."""
    with database.reading(Reach.EVERYTHING) as session:
        return {
            *session.scalars(select(SignInSession.secret_hash)),
            *session.scalars(select(SignInLink.secret_hash)),
        }


def test_an_empty_house_is_filled(
    database: Database, example: StaffDirectory, now: datetime
) -> None:
    load(database, example, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 12
        assert set(session.scalars(select(Person.status))) == {PersonStatus.INVITED}
        sofie = find_person(session, "Sofie")
        assert (sofie.email, sofie.mobile, sofie.language) == (None, "+4510001008", "da")
        assert days(session, "Sofie") == [(TODAY, None)]
    assert present(database).units == set(example.units)


def test_the_same_file_twice_changes_nothing_the_second_time(
    database: Database, example: StaffDirectory, now: datetime
) -> None:
    assert load(database, example, now)
    before = present(database)
    assert not load(database, example, now + timedelta(days=1))
    assert present(database) == before
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 1


def test_what_is_there_already_needs_no_change(
    database: Database, cast: Cast, now: datetime
) -> None:
    assert not load(database, directory_of(database), now)


def test_a_plan_changes_nothing(database: Database, example: StaffDirectory, now: datetime) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        planned = plan_import(session, example)
    assert not present(database).people
    assert planned == load(database, example, now)


def test_an_import_is_one_event_without_names(
    database: Database, example: StaffDirectory, now: datetime
) -> None:
    load(database, example, now)
    with database.reading(Reach.EVERYTHING) as session:
        found = session.scalars(select(AuditEvent)).one()
    assert (found.act, found.by) == ("staff.imported", "command:import-staff")
    assert found.details["people_added"] == 12
    assert len(found.details["roles_given"]) == 11
    assert "Søren" not in str(found.details)


@pytest.mark.asvs("7.4.2")
def test_whoever_leaves_is_disabled_signed_out_and_without_roles(
    database: Database, cast: Cast, now: datetime
) -> None:
    sign_in(database, cast, "Lis", "Tom", "Eva", now=now)
    load(database, without(without(directory_of(database), "Lis"), "Tom"), now)
    with database.reading(Reach.EVERYTHING) as session:
        lis = find_person(session, "Lis")
        assert (lis.status, lis.left_at) == (PersonStatus.DISABLED, now)
        assert days(session, "Lis") == [(date(2024, 1, 1), TODAY)]
        assert not session.scalars(select(RoleGrant).where(RoleGrant.person_id == lis.id)).all()
    assert secrets(database) == {"s-Eva", "l-Eva"}


def test_people_without_a_unit_stay_as_they_are(
    database: Database, cast: Cast, now: datetime
) -> None:
    load(database, without(directory_of(database), "Eva"), now)
    with database.reading(Reach.EVERYTHING) as session:
        assert find_person(session, "Susan").status is PersonStatus.ACTIVE


def test_whoever_comes_back_is_invited_anew(database: Database, cast: Cast, now: datetime) -> None:
    everyone = directory_of(database)
    load(database, without(everyone, "Lis"), now)
    load(database, everyone, now + timedelta(days=30))
    with database.reading(Reach.EVERYTHING) as session:
        back = find_person(session, "Lis")
        assert (back.status, back.left_at) == (PersonStatus.INVITED, None)
        assert days(session, "Lis")[-1] == (date(2026, 3, 4), None)
    assert not load(database, everyone, now + timedelta(days=31))


def test_access_closed_by_an_administrator_stays_closed(
    database: Database, cast: Cast, now: datetime
) -> None:
    everyone = directory_of(database)
    with database.writing(Reach.EVERYTHING) as session:
        disable(session, cast.people["Eva"], by=BY, now=now)
    assert not load(database, everyone, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert find_person(session, "Eva").status is PersonStatus.DISABLED


def test_a_move_ends_one_membership_and_begins_another(
    database: Database, cast: Cast, now: datetime
) -> None:
    path = ("Østerhus", "Døgntilbud", "Bøgen")
    moved = edited(directory_of(database), "Eva", lambda row: replace(row, unit_path=path))
    load(database, moved, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert days(session, "Eva") == [(date(2024, 1, 1), TODAY), (TODAY, None)]
        homes = select(Membership.unit_id).where(
            Membership.person_id == cast.people["Eva"], Membership.until_day.is_(None)
        )
        assert session.scalars(homes).all() == [cast.units["team_b"]]


def test_the_day_is_that_of_the_organisation(
    database: Database, example: StaffDirectory, now: datetime
) -> None:
    late = datetime(2026, 2, 2, 23, 30, tzinfo=UTC)
    with database.writing(Reach.EVERYTHING) as session:
        import_staff(session, example, now=late, by=BY, zone=ZoneInfo("Europe/Copenhagen"))
    with database.reading(Reach.EVERYTHING) as session:
        assert days(session, "Sofie") == [(date(2026, 2, 3), None)]


def test_a_new_role_signs_its_holder_out(database: Database, cast: Cast, now: datetime) -> None:
    sign_in(database, cast, "Eva", "Tom", now=now)
    hr = frozenset({(Role.HR, ("Østerhus", "Bostøtte"))})
    load(database, edited(directory_of(database), "Eva", lambda r: replace(r, roles=hr)), now)
    assert secrets(database) == {"l-Eva", "s-Tom", "l-Tom"}
    with database.reading(Reach.EVERYTHING) as session:
        grant = session.scalars(
            select(RoleGrant).where(RoleGrant.person_id == cast.people["Eva"])
        ).one()
        assert (grant.role, grant.unit_id) == (Role.HR, cast.units["department_1"])


def test_a_role_taken_signs_its_holder_out(database: Database, cast: Cast, now: datetime) -> None:
    sign_in(database, cast, "Lis", now=now)
    load(database, edited(directory_of(database), "Lis", lambda r: replace(r, leader_of=())), now)
    assert secrets(database) == {"l-Lis"}


def test_a_new_address_ends_links_sent_to_the_old_one(
    database: Database, cast: Cast, now: datetime
) -> None:
    sign_in(database, cast, "Eva", now=now)
    new = edited(
        directory_of(database), "Eva", lambda r: replace(r, email="eva.h@osterhus.example")
    )
    load(database, new, now)
    assert secrets(database) == {"s-Eva"}
    with database.reading(Reach.EVERYTHING) as session:
        assert find_person(session, "Eva").email == "eva.h@osterhus.example"


def test_two_people_can_swap_addresses(database: Database, cast: Cast, now: datetime) -> None:
    everyone = directory_of(database)
    swapped = edited(everyone, "Eva", lambda row: replace(row, email=email_of("Tom")))
    swapped = edited(swapped, "Tom", lambda row: replace(row, email=email_of("Eva")))
    load(database, swapped, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert find_person(session, "Eva").email == email_of("Tom")
        assert find_person(session, "Tom").email == email_of("Eva")


def test_the_address_of_somebody_who_left_passes_on(
    database: Database, cast: Cast, now: datetime
) -> None:
    given = edited(directory_of(database), "Eva", lambda row: replace(row, email=email_of("Dan")))
    load(database, given, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert find_person(session, "Dan").email is None
        assert find_person(session, "Eva").email == email_of("Dan")


def test_a_cleared_number_is_no_number(database: Database, cast: Cast, now: datetime) -> None:
    everyone = directory_of(database)
    load(database, edited(everyone, "Eva", lambda row: replace(row, mobile="+4512345678")), now)
    load(database, everyone, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert find_person(session, "Eva").mobile is None


def moved_out(directory: StaffDirectory, unit: str) -> StaffDirectory:
    """The directory after everybody in a unit went to the one above, and the unit closed."""
    people = tuple(
        replace(
            row,
            unit_path=row.unit_path[:-1] if row.unit_path[-1] == unit else row.unit_path,
            leader_of=tuple(path for path in row.leader_of if path[-1] != unit),
        )
        for row in directory.people
    )
    units = tuple(path for path in directory.units if path[-1] != unit)
    return replace(directory, people=people, units=units)


def test_a_unit_no_longer_named_closes_today(database: Database, cast: Cast, now: datetime) -> None:
    load(database, moved_out(directory_of(database), "Kløveren"), now)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Unit, cast.units["team_c"]).closed_on == TODAY
        assert session.get_one(Unit, cast.units["team_a"]).closed_on is None


def test_a_unit_named_again_is_the_same_unit(database: Database, cast: Cast, now: datetime) -> None:
    everyone = directory_of(database)
    load(database, moved_out(everyone, "Kløveren"), now)
    load(database, everyone, now)
    with database.reading(Reach.EVERYTHING) as session:
        assert (
            find_unit_ids(session).open["Østerhus", "Bostøtte", "Kløveren"] == cast.units["team_c"]
        )


def test_a_new_name_of_the_organisation_keeps_every_unit(
    database: Database, cast: Cast, now: datetime
) -> None:
    everyone = directory_of(database)

    def renamed(path: tuple[str, ...]) -> tuple[str, ...]:
        return ("Vesterhus", *path[1:])

    people = tuple(
        replace(
            row,
            unit_path=renamed(row.unit_path),
            leader_of=tuple(renamed(path) for path in row.leader_of),
            roles=frozenset((role, scope and renamed(scope)) for role, scope in row.roles),
        )
        for row in everyone.people
    )
    units = tuple(renamed(path) for path in everyone.units)
    changes = load(database, StaffDirectory(units, people), now)
    assert changes.describe() == ["Rename unit: Østerhus → Vesterhus", "1 change."]
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Unit, cast.units["organisation"]).name == "Vesterhus"
        assert set(find_unit_ids(session).open.values()) == set(cast.units.values())


def test_a_partial_file_only_adds_and_changes(
    database: Database, cast: Cast, now: datetime
) -> None:
    everyone = directory_of(database)
    eva = next(row for row in everyone.people if row.name == "Eva Holm")
    part = StaffDirectory(
        (("Østerhus",), ("Østerhus", "Bostøtte"), eva.unit_path),
        (replace(eva, name="Eva Lund"),),
    )
    assert load(database, part, now, complete=False).describe()[-1] == "1 change."
    assert len(directory_of(database).people) == len(everyone.people)


def test_a_truncated_file_is_refused_and_changes_nothing(
    database: Database, cast: Cast, now: datetime
) -> None:
    before = present(database)
    everyone = directory_of(database)
    with pytest.raises(BadInput, match="leaves out"):
        load(database, replace(everyone, people=everyone.people[:5]), now)
    assert present(database) == before


@pytest.mark.asvs("2.3.3")
def test_a_fault_in_the_middle_leaves_nothing_behind(
    database: Database, example: StaffDirectory, now: datetime
) -> None:
    def import_and_fail() -> None:
        with database.writing(Reach.EVERYTHING) as session:
            import_staff(session, example, now=now, by=BY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        import_and_fail()
    assert not present(database).people


def test_the_first_administrator_is_recognised_by_address(
    database: Database, example: StaffDirectory, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        admin = Person(
            employee_number="admin",
            name="Administrator",
            email="Soeren.Baekgaard@havnehuset.example",
            language="da",
            status=PersonStatus.ACTIVE,
        )
        session.add(admin)
        session.flush()
        session.add(RoleGrant(person_id=admin.id, role=Role.ADMINISTRATOR))
    load(database, example, now)
    with database.reading(Reach.EVERYTHING) as session:
        found = find_person(session, "Søren")
        assert (found.id, found.employee_number) == (admin.id, "1002")
        assert found.status is PersonStatus.ACTIVE
    assert not load(database, example, now)


def test_objects_read_before_an_import_show_what_it_changed(
    database: Database, cast: Cast, now: datetime
) -> None:
    new = edited(directory_of(database), "Eva", lambda row: replace(row, name="Eva Lund"))
    with database.writing(Reach.EVERYTHING) as session:
        eva = session.get_one(Person, cast.people["Eva"])
        import_staff(session, new, now=now, by=BY)
        assert eva.name == "Eva Lund"


def big(people: int) -> StaffDirectory:
    """A house of so many people, ten to a team, forty teams to a department."""
    rows = []
    for n in range(people):
        path = ("Hus", f"Afdeling {n // 400}", f"Team {n // 10}")
        leads = (path,) if n % 10 == 0 else ()
        rows.append(StaffRow(str(n), f"Søren {n}", f"p{n}@hus.example", "", "da", path, leads))
    units = {path[:level] for row in rows for path in [row.unit_path] for level in (1, 2, 3)}
    return StaffDirectory(tuple(sorted(units, key=lambda p: (len(p), p))), tuple(rows))


def test_five_times_as_many_people_are_hardly_more_than_five_times_the_work(
    database: Database, now: datetime
) -> None:
    taken = []
    for people in (4_000, 20_000):
        start = time.process_time()
        load(database, big(people), now)
        taken.append(time.process_time() - start)
        assert len(present(database).people) == people
    assert taken[1] < 2 * 5 * taken[0]


def test_statements_do_not_grow_with_the_number_of_people(
    database: Database, now: datetime
) -> None:
    counts = []
    for people in (100, 400):
        sent: list[object] = []
        engine = database.engine(Reach.EVERYTHING)

        def note(*args: object, sent: list[object] = sent) -> None:
            sent.append(args[5])

        event.listen(engine, "before_cursor_execute", note)
        load(database, big(people), now)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[1] - counts[0] < 10


@pytest.fixture
def command(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str]]:
    """Runs `wellbeing import-staff` on a database of its own; the exit code and what it printed."""
    monkeypatch.setenv("WELLBEING_DATABASE_URL", str(sqlite_database.url))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(wellbeing, ["import-staff", *arguments])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return run


def test_the_command_prints_what_it_changed(
    command: Callable[..., tuple[int, str]], sqlite_database: Database
) -> None:
    code, printed = command(str(EXAMPLE))
    assert code == 0
    assert "Add person: 1008 Sofie Dæhnfeldt, Havnehuset / Herberget / Natteam" in printed
    assert command(str(EXAMPLE)) == (0, "Nothing to change.\n")
    assert len(present(sqlite_database).people) == 12


def test_a_dry_run_prints_the_same_and_changes_nothing(
    command: Callable[..., tuple[int, str]], sqlite_database: Database
) -> None:
    code, printed = command(str(EXAMPLE), "--dry-run")
    assert code == 0
    assert printed.endswith("28 changes.\nDry run: nothing was changed.\n")
    assert not present(sqlite_database).people


@pytest.mark.asvs("2.2.1", "2.3.3")
def test_a_file_with_faults_imports_none_of_its_people(
    command: Callable[..., tuple[int, str]], sqlite_database: Database, tmp_path: Path
) -> None:
    content = EXAMPLE.read_text(encoding="utf-8").replace("Sofie Dæhnfeldt", "")
    (tmp_path / "staff.csv").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        command(str(tmp_path / "staff.csv"))
    assert refused.value.faults == ("Row 9, column navn: The cell is blank. Fill it in.",)
    assert not present(sqlite_database).people


def test_a_partial_file_is_a_flag_of_the_command(
    command: Callable[..., tuple[int, str]], sqlite_database: Database, tmp_path: Path
) -> None:
    command(str(EXAMPLE))
    first_lines = EXAMPLE.read_text(encoding="utf-8").splitlines()[:3]
    (tmp_path / "staff.csv").write_text("\n".join(first_lines), encoding="utf-8")
    assert command(str(tmp_path / "staff.csv"), "--partial") == (0, "Nothing to change.\n")
    with pytest.raises(BadInput, match="leaves out 10 of 12"):
        command(str(tmp_path / "staff.csv"))
    assert command(str(tmp_path / "staff.csv"), "--allow-mass-leave")[0] == 0
    assert sum(not p.disabled for p in present(sqlite_database).people.values()) == 2
