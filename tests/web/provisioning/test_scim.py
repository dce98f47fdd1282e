"""SCIM 2.0 on the real storage: who may ask, what is made of it, and what is refused."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server
from sqlalchemy import func, select

from tests.cast import Cast, email_of
from tests.web.conftest import Clock, MakeApp, on_both_databases
from tests.web.provisioning.conftest import BY, USER, WORK, Directory
from wellbeing.actions.api_tokens import Scope, issue, list_tokens, revoke
from wellbeing.domain.roles import Role
from wellbeing.settings import ScimUserName
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant, SignInSession
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.org import Membership, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def person_of(database: Database, number: str) -> Person:
    """The person with this employee number."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalars(select(Person).where(Person.employee_number == number)).one()


def homes_of(database: Database, person: Person) -> list[tuple[str, date | None]]:
    """The units of a person, each with the day it ended."""
    query = (
        select(Unit.name, Membership.until_day)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id == person.id)
        .order_by(Membership.from_day, Membership.until_day)
    )
    with database.reading(Reach.EVERYTHING) as session:
        return [(row.name, row.until_day) for row in session.execute(query)]


@on_both_databases
def test_every_check_of_the_conformance_tester_passes(app: Flask, token: str) -> None:
    client = WSGISCIMClient(
        app,
        base_url="http://localhost/scim/v2",
        headers={"Authorization": f"Bearer {token}"},
    )
    results = check_server(client)
    assert len(results) > 40
    assert [r for r in results if r.status is not Status.SUCCESS] == []


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("path", ["/Users", "/ServiceProviderConfig", "", "/nowhere"])
def test_nobody_comes_in_without_a_token_that_fits(
    path: str, directory: Directory, database: Database, clock: Clock
) -> None:
    with database.writing(Reach.ADMIN) as session:
        other = issue(session, "figures", Scope.FIGURES, days=1, by=BY, now=clock.now())
    for wrong in ("", "x" * 5000, "wellbeing_", other, "\u00e6"):
        directory.token = wrong
        answer = directory.send("GET", path, status=401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json
        assert answer.json["status"] == "401"


def test_a_token_ends_by_itself_and_at_once_when_it_is_revoked(
    directory: Directory, database: Database, clock: Clock
) -> None:
    directory.send("GET", "/Users?count=1")
    clock.forward(days=91)
    directory.send("GET", "/Users", status=401)
    clock.forward(days=-91)
    with database.writing(Reach.ADMIN) as session:
        revoke(session, list_tokens(session)[0].id, by=BY, now=clock.now())
    directory.send("GET", "/Users", status=401)


def test_no_cookie_is_set_and_none_is_believed(directory: Directory) -> None:
    answer = directory.send("GET", "/Users?count=1")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/scim+json"


@on_both_databases
def test_a_person_made_in_this_way_is_as_one_of_the_staff_file(
    directory: Directory, database: Database, clock: Clock
) -> None:
    made = directory.add(externalId="abc", title="ignored", phoneNumbers=[{"value": "20 12 34 56"}])
    person = person_of(database, "2001")
    assert made["id"] == str(person.id)
    assert (person.name, person.email) == ("Nora Ny", "nora@osterhus.example")
    assert (person.mobile, person.language) == ("+4520123456", "da")
    assert (person.status, person.external_id) == (PersonStatus.INVITED, "abc")
    assert homes_of(database, person) == [("Anemonen", None)]
    with database.reading(Reach.EVERYTHING) as session:
        mails = session.scalars(select(OutboxMessage.kind)).all()
        acts = session.execute(select(AuditEvent.act, AuditEvent.by)).all()
    assert mails == ["activation"]
    assert ("person.provisioned", "system:Entra") in [tuple(act) for act in acts]


@on_both_databases
def test_who_leaves_keeps_a_history_and_may_come_back(
    directory: Directory, database: Database, cast: Cast, clock: Clock
) -> None:
    lis, anemonen = str(cast.people["Lis"]), cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            SignInSession(
                secret_hash="x",
                person_id=cast.people["Lis"],
                started_at=clock.now(),
                expires_at=clock.now().replace(year=2030),
            )
        )
    directory.send("DELETE", f"/Users/{lis}", status=204)
    directory.send("GET", f"/Users/{lis}", status=404)
    assert directory.find('userName eq "1009"') == []
    person = person_of(database, "1009")
    assert person.status is PersonStatus.DISABLED
    assert homes_of(database, person) == [("Bostøtte", clock.now().date())]
    with database.reading(Reach.EVERYTHING) as session:
        leads = select(RoleGrant).where(
            RoleGrant.role == Role.LEADER, RoleGrant.unit_id == anemonen
        )
        assert session.scalars(leads).all() == []
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 0
    back = directory.add(userName="1009", displayName="Lis V", emails=[{"value": email_of("Lis")}])
    assert back["id"] == lis
    assert person_of(database, "1009").status is PersonStatus.INVITED


@on_both_databases
def test_an_access_is_closed_and_opened_again(
    directory: Directory, database: Database, cast: Cast
) -> None:
    eva = str(cast.people["Eva"])
    # As Entra writes it.
    answer = directory.patch(eva, op="Replace", path="active", value="False")
    assert answer["active"] is False
    assert person_of(database, "1001").status is PersonStatus.DISABLED
    assert directory.send("GET", f"/Users/{eva}").json
    assert directory.patch(eva, op="replace", value={"active": True})["active"] is True
    assert person_of(database, "1001").status is PersonStatus.INVITED


def test_a_person_moves_to_another_unit(
    directory: Directory, database: Database, cast: Cast
) -> None:
    eva = str(cast.people["Eva"])
    path = f"{WORK}:department"
    moved = directory.patch(eva, op="replace", path=path, value="Østerhus / Døgntilbud / Bøgen")
    assert moved[WORK]["department"] == "Bøgen"
    assert [name for name, _ in homes_of(database, person_of(database, "1001"))] == [
        "Anemonen",
        "Bøgen",
    ]
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == len(cast.units)


@pytest.mark.parametrize(
    ("changed", "status", "kind", "said"),
    [
        ({"department": "Kantinen"}, 400, "invalidValue", "is not a unit here"),
        ({"department": "Østerhus / Anemonen"}, 400, "invalidValue", "is not a unit here"),
        ({"department": ""}, 400, "invalidValue", ""),
        ({WORK: {}}, 400, "invalidValue", ""),
        ({"userName": "1001"}, 409, "uniqueness", "employee number"),
        ({"userName": "x" * 41}, 400, "invalidValue", "41 characters"),
        ({"userName": "a\u202eb"}, 400, "invalidValue", "cannot be seen"),
        ({"emails": [{"value": "eva@osterhus.example"}]}, 409, "uniqueness", "belongs to"),
        ({"emails": [{"value": "no address"}]}, 400, "invalidValue", "not an e-mail"),
        ({"phoneNumbers": [{"value": "12"}]}, 400, "invalidValue", "not a mobile"),
        ({"preferredLanguage": "fr"}, 400, "invalidValue", "not a language"),
        ({"displayName": 7}, 400, None, ""),
        ({"externalId": "x" * 256}, 400, "invalidValue", "longer"),
    ],
)
def test_what_a_staff_file_could_not_say_is_refused_and_nothing_is_made(
    changed: dict[str, Any],
    status: int,
    kind: str | None,
    said: str,
    directory: Directory,
    database: Database,
) -> None:
    fault = directory.add(status, **changed)
    assert fault["status"] == str(status)
    assert kind is None or fault["scimType"] == kind
    assert said in fault["detail"]
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Person).where(Person.employee_number == "2001")).all() == []
        assert session.scalars(select(OutboxMessage)).all() == []


def test_two_people_do_not_share_the_id_of_the_directory(
    directory: Directory, database: Database
) -> None:
    directory.add(externalId="abc")
    directory.add(409, userName="2002", emails=[], externalId="abc")
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Person).where(Person.employee_number == "2002")).all() == []


def test_the_last_administrator_stays(directory: Directory, database: Database, cast: Cast) -> None:
    adam = str(cast.people["Adam"])
    directory.send("DELETE", f"/Users/{adam}", status=400)
    directory.patch(adam, 400, op="replace", path="active", value=False)
    assert person_of(database, "1023").status is PersonStatus.ACTIVE


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ('userName eq "1001"', ["1001"]),
        ('USERNAME Eq "1001"', ["1001"]),
        ('userName eq "nobody"', []),
        ('displayName co "øst"', ["1015", "1024"]),
        ('emails.value eq "Eva@osterhus.example"', ["1001"]),
        ('emails[type eq "work" and value sw "eva@"]', ["1001"]),
        ("active eq false and displayName pr", []),
        (f'{WORK}:department eq "kløveren"', ["1018", "1019", "1020"]),
    ],
)
def test_people_are_found_by_what_is_sealed_too(
    question: str, found: list[str], directory: Directory
) -> None:
    assert sorted(user["userName"] for user in directory.find(question)) == found


def test_people_come_in_pages_and_in_order(directory: Directory) -> None:
    seen: list[str] = []
    for start in (1, 11, 21):
        page = directory.send("GET", f"/Users?sortBy=displayName&startIndex={start}&count=10").json
        assert page
        assert page["totalResults"] == 25
        seen += [user["displayName"] for user in page["Resources"]]
    assert len(seen) == len(set(seen)) == 25
    assert seen == sorted(seen, key=str.casefold)


def test_a_change_of_something_that_has_changed_meanwhile_is_refused(
    directory: Directory, cast: Cast
) -> None:
    eva = f"/Users/{cast.people['Eva']}"
    read = directory.send("GET", eva)
    tag = read.headers["ETag"]
    directory.send("GET", eva, status=304, **{"If-None-Match": tag})
    directory.patch(str(cast.people["Eva"]), op="replace", path="displayName", value="Eva H")
    directory.send("DELETE", eva, status=412, **{"If-Match": tag})
    assert directory.send("GET", eva).headers["ETag"] != tag


def test_the_same_again_changes_nothing(directory: Directory, database: Database) -> None:
    made = directory.add()
    with database.reading(Reach.EVERYTHING) as session:
        before = session.scalar(select(func.count()).select_from(AuditEvent))
    same = directory.send("PUT", f"/Users/{made['id']}", made).json
    assert same == made
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"schemas": 7}', 400),
        (b"\xff", 400),
        (b"[" * 20_000, 400),
        (b'{"userName": "' + b"x" * 70_000 + b'"}', 413),
        (b'{"schemas": ["' + USER.encode() + b'"], "userName": "\\ud800"}', 400),
        (b'{"schemas": ["' + USER.encode() + b'"], "userName": "a\\u0000b"}', 400),
    ],
)
def test_what_is_no_person_is_refused_in_the_form_of_scim(
    body: bytes, status: int, directory: Directory
) -> None:
    answer = directory.client.post(
        "/scim/v2/Users",
        data=body,
        headers={
            "Authorization": f"Bearer {directory.token}",
            "Content-Type": "application/scim+json",
        },
    )
    assert answer.status_code == status, answer.text
    assert answer.json
    assert answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Groups", 404),
        ("GET", "/Users/not-an-id", 404),
        ("POST", "/Bulk", 501),
        ("GET", "/Me", 501),
        ("PUT", "/Schemas", 405),
        ("GET", '/Users?filter=userName eq "', 400),
        ("GET", "/Users?count=x", 400),
    ],
)
def test_what_is_not_offered_is_said_so(
    method: str, path: str, status: int, directory: Directory
) -> None:
    directory.send(method, path, {} if method != "GET" else None, status)


def test_the_schema_lists_the_units_that_a_department_may_name(directory: Directory) -> None:
    schema = directory.send("GET", f"/Schemas/{WORK}").json
    assert schema
    named = next(a for a in schema["attributes"] if a["name"] == "department")
    assert "Anemonen" in named["canonicalValues"]


def test_by_address_where_the_settings_say_so(
    make_app: MakeApp, token: str, database: Database, cast: Cast
) -> None:
    directory = Directory(make_app(scim_user_name=ScimUserName.EMAIL), token)
    assert [u["id"] for u in directory.find(f'userName eq "{email_of("Eva").upper()}"')] == [
        str(cast.people["Eva"])
    ]
    said: dict[str, Any] = {
        "userName": "nora@osterhus.example",
        WORK: {"employeeNumber": "2001", "department": "Bøgen"},
    }
    made = directory.add(**said)
    assert made["emails"] == [{"value": "nora@osterhus.example", "type": "work"}]
    assert person_of(database, "2001").email == "nora@osterhus.example"
    directory.patch(made["id"], op="replace", path="userName", value="nn@osterhus.example")
    assert person_of(database, "2001").email == "nn@osterhus.example"
    directory.patch(made["id"], 409, op="replace", path="userName", value=email_of("Eva"))
