"""Sealed columns read as plain text in Python, and as nothing in the database."""

import ast
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

import wellbeing
from tests.cast import Cast, email_of, full_name_of, make_cast
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.domain.errors import UnfitKeys
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.name_order import in_name_order, name_order
from wellbeing.store.accounts import AuthenticatorApp, Person, PersonStatus, has_address
from wellbeing.store.incidents import Incident, RequestWish, SupportRequest
from wellbeing.store.reach import Reach
from wellbeing.store.sealed import SealedText, columns_of
from wellbeing.store.sealed_columns import sealed_tables
from wellbeing.store.sessions import Database

SEALED = {"name", "email", "mobile", "details", "wish", "contact", "secret"}


@pytest.fixture
def cast(database: Database) -> Cast:
    """The organisation and its people."""
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


def a_person(**values: object) -> Person:
    """Somebody who is not in the cast."""
    known = {"employee_number": uuid4().hex, "language": "da", "status": PersonStatus.ACTIVE}
    return Person(**{**known, "name": "Åse Ørsted", **values})


class TestReading:
    def test_people_have_their_names_back(self, database: Database, cast: Cast) -> None:
        with database.reading(Reach.EMPLOYEE) as session:
            eva = session.get_one(Person, cast.people["Eva"])
            assert (eva.name, eva.email, eva.mobile) == (full_name_of("Eva"), email_of("Eva"), None)

    def test_names_can_be_selected_beside_other_columns(
        self, database: Database, cast: Cast
    ) -> None:
        query = select(Person.id, Person.name, Person.email).where(Person.status != "disabled")
        with database.reading(Reach.LEADER) as session:
            rows = {row.id: (row.name, row.email) for row in session.execute(query)}
        assert rows[cast.people["Tom"]] == (full_name_of("Tom"), email_of("Tom"))

    def test_a_name_can_be_selected_alone(self, database: Database, cast: Cast) -> None:
        query = select(Person.name).where(Person.id == cast.people["Tom"])
        with database.reading(Reach.EVERYTHING) as session:
            assert session.scalars(query).all() == [full_name_of("Tom")]

    def test_an_outer_join_that_finds_nobody_has_no_name(
        self, database: Database, cast: Cast
    ) -> None:
        query = (
            select(Person.id, Incident.details)
            .outerjoin(Incident, Incident.registered_by == Person.id)
            .limit(1)
        )
        with database.reading(Reach.EVERYTHING) as session:
            assert session.execute(query).one().details is None

    @pytest.mark.parametrize("spelling", [str, str.upper, lambda address: f" {address} "])
    def test_people_are_found_by_address_in_any_case(
        self, database: Database, cast: Cast, spelling: "type[str]"
    ) -> None:
        query = select(Person.id).where(has_address(spelling(email_of("Eva"))))
        with database.reading(Reach.SIGN_IN) as session:
            assert session.scalars(query).all() == [cast.people["Eva"]]

    def test_who_has_an_address_can_be_asked_in_the_database(
        self, database: Database, cast: Cast
    ) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.add(a_person())
            session.flush()
            without = select(func.count()).select_from(Person).where(Person.email.is_(None))
            assert session.scalar(without) == 1

    @pytest.mark.parametrize("compare", ["__eq__", "__ne__"])
    def test_comparing_in_the_database_is_a_mistake_that_is_told(self, compare: str) -> None:
        with pytest.raises(TypeError, match="name is sealed"):
            getattr(Person.name, compare)("Eva Holm")


class TestWriting:
    def test_a_new_person_is_sealed_for_their_own_row(self, database: Database) -> None:
        person = a_person(name="Eva", email="E@x.dk", mobile="+4512345678")
        with database.writing(Reach.EVERYTHING) as session:
            session.add(person)
        with database.reading(Reach.EVERYTHING) as session:
            again = session.get_one(Person, person.id)
            assert (again.name, again.email, again.mobile) == ("Eva", "E@x.dk", "+4512345678")

    def test_a_new_name_replaces_the_old_one(self, database: Database, cast: Cast) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.get_one(Person, cast.people["Eva"]).name = "Eva Holm-Bæk"
        with database.reading(Reach.EVERYTHING) as session:
            assert session.get_one(Person, cast.people["Eva"]).name == "Eva Holm-Bæk"

    def test_a_new_address_is_found_and_the_old_one_is_not(
        self, database: Database, cast: Cast
    ) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.get_one(Person, cast.people["Eva"]).email = "ny@x.dk"
        with database.reading(Reach.EVERYTHING) as session:
            assert session.scalar(select(Person.id).where(has_address("NY@x.dk")))
            assert not session.scalar(select(Person.id).where(has_address(email_of("Eva"))))

    def test_an_address_taken_away_leaves_nothing(self, database: Database, cast: Cast) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.get_one(Person, cast.people["Eva"]).email = None
        left = text(
            "SELECT count(*) FROM person WHERE sealed_email IS NULL AND email_index IS NULL"
        )
        with database.reading(Reach.EVERYTHING) as session:
            assert session.scalar(left) == 1

    def test_the_same_name_again_writes_nothing(self, database: Database, cast: Cast) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            eva = session.get_one(Person, cast.people["Eva"])
            eva.name, eva.email = full_name_of("Eva"), email_of("Eva")
            assert eva not in session.dirty

    def test_two_people_cannot_have_one_address_in_two_cases(
        self, database: Database, cast: Cast
    ) -> None:
        with (
            pytest.raises(IntegrityError),
            database.writing(Reach.EVERYTHING) as session,
        ):
            session.add(a_person(email=email_of("Eva").upper()))

    def test_statements_past_the_orm_take_plain_values(self, database: Database) -> None:
        person_id = uuid4()
        row = columns_of(
            Person, person_id, id=person_id, name="Bo", employee_number="7", language="da",
            status=PersonStatus.ACTIVE, email="bo@x.dk", mobile=None,
        )  # fmt: skip
        with database.writing(Reach.EVERYTHING) as session:
            session.execute(insert(Person), [row])
            session.execute(
                update(Person)
                .where(Person.id == person_id)
                .values(columns_of(Person, person_id, email="bo@y.dk"))
            )
        with database.reading(Reach.EVERYTHING) as session:
            found = session.scalars(select(Person).where(has_address("bo@y.dk"))).one()
            assert (found.name, found.email) == ("Bo", "bo@y.dk")

    def test_a_text_that_was_not_sealed_is_not_stored(self, database: Database, cast: Cast) -> None:
        with (
            pytest.raises(StatementError),
            database.writing(Reach.EVERYTHING) as session,
        ):
            session.execute(update(Person).values(sealed_name="Eva Holm"))

    def test_what_people_wrote_and_their_second_factor_are_sealed_too(
        self, database: Database, cast: Cast
    ) -> None:
        eva, today = cast.people["Eva"], date(2026, 2, 2)
        with database.writing(Reach.EVERYTHING) as session:
            session.add(AuthenticatorApp(person_id=eva, secret="JBSWY3DPEHPK3PXP"))
            wish = RequestWish.CRISIS_HELP
            session.add(SupportRequest(person_id=eva, wish=wish, contact="Ring", asked_on=today))
            session.add(
                Incident(
                    unit_id=cast.units["team_a"],
                    kind=next(iter(IncidentKind)),
                    happened_on=today,
                    registered_on=today,
                    affected_count=1,
                    details="",
                )
            )
        with database.reading(Reach.EVERYTHING) as session:
            assert session.get_one(AuthenticatorApp, eva).secret == "JBSWY3DPEHPK3PXP"
            request = session.scalars(select(SupportRequest)).one()
            assert (request.wish, request.contact) == (RequestWish.CRISIS_HELP, "Ring")
            assert session.scalars(select(Incident)).one().details == ""
            for table, column in (("support_request", "sealed_wish"), ("incident", "id")):
                stored = session.scalar(text(f"SELECT {column} FROM {table}"))
                assert b"crisis" not in bytes(str(stored), "utf-8")


class TestPlace:
    @pytest.mark.asvs("11.3.3")
    def test_names_swapped_between_two_rows_open_for_neither(
        self, database: Database, cast: Cast
    ) -> None:
        eva, tom = cast.people["Eva"], cast.people["Tom"]
        with database.writing(Reach.EVERYTHING) as session:
            swap(session, eva, tom)
        with database.reading(Reach.EVERYTHING) as session:
            with pytest.raises(UnfitKeys, match="changed or moved"):
                session.execute(select(Person.name).where(Person.id == eva)).all()
            with pytest.raises(UnfitKeys, match="changed or moved"):
                _ = session.get_one(Person, tom).name

    @pytest.mark.asvs("11.3.3")
    def test_a_value_moved_to_another_column_opens_there_no_more(
        self, database: Database, cast: Cast
    ) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.execute(text("UPDATE person SET sealed_mobile = sealed_email"))
        with database.reading(Reach.EVERYTHING) as session, pytest.raises(UnfitKeys):
            _ = session.get_one(Person, cast.people["Eva"]).mobile

    def test_every_place_is_that_of_its_column(self) -> None:
        for found in sealed_tables():
            for column in found.columns:
                plain = column.name.removeprefix("sealed_")
                assert isinstance(column.type, SealedText)
                assert column.type.place == f"{found.table.name}.{plain}"

    def test_two_databases_in_one_process_have_their_own_keys(self, tmp_path: Path) -> None:
        from wellbeing.store.schema import upgrade

        people = {}
        databases = {}
        for name in ("one", "two"):
            keys = make_field_keys(tmp_path / name)
            databases[name] = Database(f"sqlite:///{tmp_path / name}.db", keys, durable=False)
            upgrade(databases[name])
            people[name] = a_person(name=f"From {name}", email="same@x.dk")
        for name, database in databases.items():
            with database.writing(Reach.EVERYTHING) as session:
                session.add(people[name])
        with (
            databases["one"].reading(Reach.EVERYTHING) as one,
            databases["two"].reading(Reach.EVERYTHING) as two,
        ):
            for name, session in (("two", two), ("one", one), ("two", two)):
                query = select(Person.name).where(has_address("same@x.dk"))
                assert session.scalars(query).all() == [f"From {name}"]
        for database in databases.values():
            database.close()


def swap(session: Session, *people: object) -> None:
    """Exchanges the sealed names of two people, as who can write to the database could."""
    names = [
        session.scalar(select(Person.sealed_name).where(Person.id == person)) for person in people
    ]
    for person, name in zip(people, reversed(names), strict=True):
        session.execute(update(Person).where(Person.id == person).values(sealed_name=name))


def test_no_query_sorts_or_searches_by_what_is_sealed() -> None:
    faults = [
        f"{path.name}:{node.lineno} {call}"
        for path in Path(wellbeing.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and (call := _called(node)) in _IN_SQL
        for part in node.args
        if _names_sealed(part)
    ]
    assert faults == []


def test_that_search_would_find_one() -> None:
    (call,) = (n for n in ast.walk(ast.parse("q.order_by(Person.name)")) if isinstance(n, ast.Call))
    assert _called(call) in _IN_SQL
    assert _names_sealed(call.args[0])


_IN_SQL = {"order_by", "group_by", "distinct", "lower", "upper", "coalesce", "like"}


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _names_sealed(node: ast.AST) -> bool:
    owners = {"Person", "SupportRequest", "Incident", "AuthenticatorApp"}
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in SEALED
        and isinstance(part.value, ast.Name)
        and part.value.id in owners
        for part in ast.walk(node)
    )


def test_danish_letters_come_last_in_a_list_of_names() -> None:
    names = ["Åse", "ægir", "Zita", "anna", "Østen", "Anna", "Aage"]
    in_order = ["Aage", "Anna", "anna", "Zita", "ægir", "Østen", "Åse"]
    assert sorted(names, key=name_order) == in_order


def test_namesakes_stand_in_the_same_order_whoever_comes_first() -> None:
    one, two = uuid4(), uuid4()
    people = {one: "Eva", two: "Eva"}
    backwards = dict(reversed(people.items()))
    assert list(in_name_order(people)) == list(in_name_order(backwards))
