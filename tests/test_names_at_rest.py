"""No copy of the database has a readable name, address or number of anybody, nor what they wrote.

Copies are taken as in test_privacy_at_rest: files, write-ahead log, and rows as a dump has them.
"""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.canaries import Canary, find, of_text
from tests.cast import PEOPLE, Cast, email_of, full_name_of, make_cast
from tests.databases import PostgreSQLServer
from tests.rounds import ZONE
from tests.test_privacy_at_rest import Copy, PostgreSQLCopier, copy_sqlite
from wellbeing.actions import requests
from wellbeing.actions.incidents import IncidentValues, register_incident
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.sign_in import ask_for_link, sign_in
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.domain.actor import Actor
from wellbeing.domain.incidents import IncidentKind
from wellbeing.store.accounts import AuthenticatorApp, Person
from wellbeing.store.incidents import RequestWish
from wellbeing.store.reach import Reach
from wellbeing.store.schema import downgrade, upgrade
from wellbeing.store.sessions import Database

RULES = SignInRules(hours=8, second_factor_roles=frozenset())
MOBILE = "+4540516273"
SECRET = "JBSWY3DPEHPK3PXP"
CONTACT = "Ring til mig efter vagten, helst tirsdag"
_LOG = re.compile("[0-9A-F]{24}")
DETAILS = "En beboer slog ud efter to kolleger i køkkenet"
WISHED = RequestWish.INDIVIDUAL_SUPERVISION


@pytest.fixture
def take(database: Database, request: pytest.FixtureRequest) -> Callable[[Database], Copy]:
    """Takes a copy of this kind of database."""
    if database.is_sqlite:
        return copy_sqlite
    server = request.getfixturevalue("postgresql")
    assert isinstance(server, PostgreSQLServer)
    return PostgreSQLCopier(server.folder)


def canaries() -> list[Canary]:
    """Everybody's name and address in usual spellings, and what one of them wrote."""
    names = [full_name_of(name) for name, _, _ in PEOPLE]
    addresses = [email_of(name) for name, _, _ in PEOPLE]
    words = [*names, *addresses, *map(str.upper, addresses), MOBILE, SECRET, CONTACT, DETAILS]
    return [of_text(word, word) for word in (*words, WISHED.value)]


def live(database: Database, now: datetime) -> None:
    """People sign in, ask for links and support, register an incident, and change their names."""
    with database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
        eva = session.get_one(Person, cast.people["Eva"])
        eva.mobile = MOBILE
        session.add(AuthenticatorApp(person_id=eva.id, secret=SECRET))
        session.flush()
        sign_in(session, email_of("Eva"), "en lang tur langs havet", rules=RULES, now=now)
        ask_for_link(session, email_of("Tom"), now=now)
        _write(session, cast, now)
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Tom"]).name = full_name_of("Eva")
    with database.writing(Reach.EVERYTHING) as session:
        delete_expired(session, now=now)


def _write(session: Session, cast: Cast, now: datetime) -> None:
    eva = cast.people["Eva"]
    requests.ask(session, eva, WISHED, CONTACT, zone=ZONE, now=now)
    register_incident(
        session,
        IncidentValues(cast.units["team_a"], IncidentKind.VIOLENCE, now.date(), 2, DETAILS),
        form_id=uuid4(),
        person_id=eva,
        named=False,
        today=now.date(),
        now=now,
        by=Actor.person(eva),
    )


@pytest.mark.asvs("14.2.4")
def test_no_name_address_number_or_text_stands_in_a_copy(
    database: Database, take: Callable[[Database], Copy], now: datetime
) -> None:
    live(database, now)
    wanted = canaries()
    faults = [(place, find(content, wanted)) for place, content in take(database).items()]
    assert [fault for fault in faults if fault[1]] == []


def test_the_search_finds_what_is_not_sealed(
    database: Database, take: Callable[[Database], Copy], now: datetime
) -> None:
    live(database, now)
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(text("UPDATE unit SET name = :name"), {"name": full_name_of("Eva")})
    assert find_all(take(database)) == {full_name_of("Eva")}


def test_what_was_readable_before_it_was_sealed_is_gone_from_the_files_of_the_database(
    database: Database, take: Callable[[Database], Copy], now: datetime
) -> None:
    live(database, now)
    downgrade(database, "0004")
    assert find_all(take(database))
    upgrade(database)
    assert find_all(take(database)) == set()


def find_all(copy: Copy) -> set[str]:
    """What is found in a copy; PostgreSQL's log of what was done before is no part of it."""
    wanted = canaries()
    contents = (content for place, content in copy.items() if not _LOG.fullmatch(place))
    return {name for content in contents for name in find(content, wanted)}
