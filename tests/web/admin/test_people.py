"""The administrator's list of people: finding, inviting, closing and opening."""

import pytest
from sqlalchemy import select

from tests.cast import Cast, email_of, full_name_of
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.actions.outbox import MailKind
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import (
    BouncedAddress,
    BounceReason,
    Person,
    PersonStatus,
    RoleGrant,
)
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.admin import wording


def mails_to(database: Database, cast: Cast, name: str) -> list[str]:
    """The kinds of mail waiting for the named person."""
    query = select(OutboxMessage.kind).where(OutboxMessage.person_id == cast.people[name])
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(query))


def status_of(database: Database, cast: Cast, name: str) -> PersonStatus:
    """Whether the named person can sign in."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.get_one(Person, cast.people[name]).status


def acts_in(database: Database) -> list[tuple[str, str, str]]:
    """By, act and subject of the whole audit log."""
    with database.reading(Reach.EVERYTHING) as session:
        rows = session.execute(select(AuditEvent.by, AuditEvent.act, AuditEvent.subject))
        return [(row.by, row.act, row.subject) for row in rows]


def test_every_status_and_role_has_words() -> None:
    assert set(wording.STATUSES) == set(PersonStatus)
    assert set(wording.ROLES) == set(Role)


@pytest.mark.parametrize("language", ["da", "en"])
def test_everybody_is_listed(language: str, client_of: ClientOf, cast: Cast) -> None:
    text = client_of("Adam", language=language).get("/admin").text
    assert [name for name in cast.people if full_name_of(name) not in text] == []


@on_both_databases
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("eva", {"Eva"}),
        ("HOLM eva", {"Eva"}),
        ("1002", {"Tom"}),
        ("tom@osterhus", {"Tom"}),
        ("østergaard", {"Pia"}),
        ("ØSTERGAARD", {"Pia"}),
        ("Østrup", {"Dina"}),
        ("bæk", {"Tom"}),
        ("eva tom", set()),
        ("%", set()),
        ("_va", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_people_are_found_by_name_number_or_address(
    words: str, found: set[str], client_of: ClientOf, cast: Cast
) -> None:
    adam = client_of("Adam")
    text = adam.get("/admin", query_string={"q": words}).html.partition("<main")[2]
    shown = {name for name in cast.people if f"<div>{email_of(name)}</div>" in text}
    assert shown == found


def test_a_search_of_more_than_a_hundred_signs_is_pointed_out(client_of: ClientOf) -> None:
    shown = client_of("Adam").get("/admin", query_string={"q": "x" * 101})
    assert 'aria-invalid="true"' in shown.html


def _add_people(database: Database, count: int) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add_all(
            Person(
                employee_number=f"x{number:03}",
                name=f"Person {number:03}",
                language="da",
                status=PersonStatus.INVITED,
            )
            for number in range(count)
        )


@pytest.mark.parametrize(
    ("page", "first", "rows"),
    [
        ("1", "Person 000", 50),
        ("2", "Person 050", 50),
        ("3", "Person 100", 1),
        ("0", "Person 000", 50),
        ("-7", "Person 000", 50),
        ("99999999999999999999", "Person 100", 1),
        ("x", "Person 000", 50),
    ],
)
def test_a_long_list_comes_in_pages_of_fifty(
    page: str, first: str, rows: int, client_of: ClientOf, database: Database
) -> None:
    _add_people(database, 101)
    shown = client_of("Adam").get("/admin", query_string={"q": "Person", "page": page})
    assert shown.html.count('<th scope="row">') == rows
    assert shown.text.index(first) > 0
    assert "101 personer" in shown.text


def test_somebody_without_an_address_is_offered_no_link(
    client_of: ClientOf, database: Database
) -> None:
    _add_people(database, 1)
    shown = client_of("Adam").get("/admin", query_string={"q": "Person 000"})
    assert "/link" not in shown.html
    assert "Ingen e-mailadresse" in shown.text


def test_a_role_is_shown_with_its_unit(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            RoleGrant(
                person_id=cast.people["Lis"],
                role=Role.SAFETY_REPRESENTATIVE,
                unit_id=cast.units["team_c"],
            )
        )
    text = client_of("Adam").get("/admin", query_string={"q": "Lis"}).text
    assert "Leder, Anemonen Arbejdsmiljørepræsentant, Kløveren" in text


def test_who_is_invited_gets_an_activation_mail(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam = client_of("Adam")
    adam.post(f"/admin/people/{cast.people['Ida']}/link?q=ida&page=1")
    assert mails_to(database, cast, "Ida") == [MailKind.ACTIVATION]
    assert "Et link er på vej til Ida Skov." in adam.get("/admin").text


@on_both_databases
def test_who_has_a_password_gets_a_reset_mail(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Adam").post(f"/admin/people/{cast.people['Eva']}/link")
    assert mails_to(database, cast, "Eva") == [MailKind.RESET]


def test_two_clicks_send_one_mail(client_of: ClientOf, database: Database, cast: Cast) -> None:
    adam = client_of("Adam")
    for _ in range(2):
        adam.post(f"/admin/people/{cast.people['Eva']}/link")
    assert mails_to(database, cast, "Eva") == [MailKind.RESET]


def test_a_closed_access_gets_no_link(client_of: ClientOf, database: Database, cast: Cast) -> None:
    shown = client_of("Adam").post(f"/admin/people/{cast.people['Dan']}/link", status=409)
    assert "Adgangen er lukket. Åbn den først." in shown.text
    assert mails_to(database, cast, "Dan") == []


def test_an_act_comes_back_to_the_same_search_and_page(client_of: ClientOf, cast: Cast) -> None:
    path = f"/admin/people/{cast.people['Eva']}/link?q=bæk&page=2"
    assert client_of("Adam").post(path).location == "/admin?q=b%C3%A6k&page=2"


@on_both_databases
def test_closing_and_opening_an_access_is_written_down(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam, tom = client_of("Adam"), str(cast.people["Tom"])
    adam.post(f"/admin/people/{tom}/disable")
    assert status_of(database, cast, "Tom") is PersonStatus.DISABLED
    adam.post(f"/admin/people/{tom}/enable")
    assert status_of(database, cast, "Tom") is PersonStatus.INVITED
    assert mails_to(database, cast, "Tom") == [MailKind.ACTIVATION]
    by = f"person:{cast.people['Adam']}"
    assert acts_in(database) == [(by, "person.disabled", tom), (by, "person.enabled", tom)]


def test_closing_twice_is_written_down_once(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam = client_of("Adam")
    for _ in range(2):
        adam.post(f"/admin/people/{cast.people['Tom']}/disable")
    assert len(acts_in(database)) == 1


def test_opening_what_is_open_changes_nothing(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Adam").post(f"/admin/people/{cast.people['Tom']}/enable")
    assert status_of(database, cast, "Tom") is PersonStatus.ACTIVE
    assert acts_in(database) == []


def test_an_administrator_cannot_close_their_own_access(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam = client_of("Adam")
    shown = adam.post(f"/admin/people/{cast.people['Adam']}/disable", status=409)
    assert "Du kan ikke lukke din egen adgang." in shown.text
    assert status_of(database, cast, "Adam") is PersonStatus.ACTIVE
    html = adam.get("/admin", query_string={"q": "adam"}).html
    assert "/disable" not in html


@pytest.fixture
def unreached(database: Database, cast: Cast, clock: Clock) -> None:
    """Mail comes back from Eva's address and is refused at Tom's."""
    reasons = {"Eva": BounceReason.NO_SUCH_ADDRESS, "Tom": BounceReason.GIVEN_UP}
    with database.writing(Reach.EVERYTHING) as session:
        for name, reason in reasons.items():
            person = session.get_one(Person, cast.people[name])
            session.add(
                BouncedAddress(
                    person_id=person.id,
                    email_index=person.email_index,
                    reason=reason,
                    since=clock.now().date(),
                )
            )


@on_both_databases
@pytest.mark.parametrize("language", ["da", "en"])
def test_whom_mail_does_not_reach_is_told_and_tried_again(
    language: str, client_of: ClientOf, database: Database, cast: Cast, unreached: None
) -> None:
    adam = client_of("Adam", language=language)
    said = {"da": "Mails når ikke frem til 2 personer.", "en": "Mail does not reach 2 people."}
    first = adam.get("/admin")
    assert said[language] in first.text
    assert 'href="/admin?unreached=1"' in first.html
    listed = adam.get("/admin?unreached=1").html.partition("<main")[2]
    shown = {name for name in cast.people if f"<div>{email_of(name)}</div>" in listed}
    assert shown == {"Eva", "Tom"}
    adam.post(f"/admin/people/{cast.people['Eva']}/mail")
    adam.post("/admin/people/mail")
    assert said[language].partition("2")[0] not in adam.get("/admin").text
    resumed = [subject for _, act, subject in acts_in(database) if act == "person.mail_resumed"]
    assert resumed == [str(cast.people["Eva"]), str(cast.people["Tom"])]


def test_no_link_is_promised_to_an_address_that_mail_does_not_reach(
    client_of: ClientOf, database: Database, cast: Cast, unreached: None
) -> None:
    refused = client_of("Adam").post(f"/admin/people/{cast.people['Eva']}/link", status=409)
    assert "Ret den, eller prøv den igen først." in refused.text
    assert mails_to(database, cast, "Eva") == []


def test_nobody_else_is_told_whom_mail_does_not_reach(
    client_of: ClientOf, cast: Cast, unreached: None
) -> None:
    team = f"/teams/{cast.units['team_a']}"
    for name, path in (("Lis", team), ("Hanne", "/hr"), ("Adam", "/admin")):
        told = "Mails når ikke frem" in client_of(name).get(path).text
        assert told == (name == "Adam")
