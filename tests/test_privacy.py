"""Nobody else's page, export, mail or log shows anything of what one person answered.

One whole quarter is played with values that occur nowhere else; everything that anybody else can
fetch, in both languages, while the round is open and after it is published, is searched for them.
"""

import re
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.canaries import Canary, find_in_page, has_in_a_row, of_bytes, of_numbers, of_text
from tests.canaries import sheet_with_sums as sheet
from tests.cast import PASSWORD, email_of, full_name_of, make_cast
from tests.crawler import (
    Crawl,
    House,
    crawl,
    gathered_logs,
    read_mails,
    without_statements,
    words_of,
)
from tests.rounds import STEADY, WORN, RoundRunner
from tests.served import served
from tests.web.conftest import on_both_databases
from tests.web.employee.conftest import Answering
from wellbeing.actions.checkin import withdraw
from wellbeing.actions.scheduling import schedule_from_flag
from wellbeing.actions.session_times import SessionValues
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.demo.mail_server import mail_server
from wellbeing.domain.actor import Actor
from wellbeing.domain.instrument import Scale
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import RoundState
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey, Participation
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared.services import reading, services

pytestmark = pytest.mark.timeout(600)

SUMS = (11, 37, 43)
ANSWERS = sheet(SUMS, seed=1)
COLLEAGUES = {
    "Tom": (13, 41, 29),
    "Sara": (17, 31, 47),
    "Anne": (19, 39, 21),
    "Bent": (49, 15, 33),
    "Carl": (25, 45, 35),
    "Gry": (27, 23, 48),
}
DIARY_CODE = "Ærlige kålorme 7193"
# Everybody but Eva; None is a stranger. Whoever looks after accounts knows names and ids.
OTHERS: tuple[str | None, ...] = (
    *("Lis", "Hanne", "Hugo", "Sara", "Susan", "Adam", "Dina", "Tom"),
    None,
)
KNOWS_ACCOUNTS = {"Adam", "Dina"}
LANGUAGES = ("da", "en")
RECEIPT = re.compile(r'<code class="code receipt">([0-9a-f ]+)</code>')
RECOVERY = re.compile(r'<code class="code">([^<]+)</code>')
# Looking at figures is itself written there, so it grows with every look of the test.
AUDIT_LOG = "/admin/audit"
BY = Actor.command("test")
Bodies = Mapping[tuple[str | None, str], str]


@dataclass
class Played:
    """What was gathered while a quarter was played."""

    canaries: list[Canary]
    identity: list[Canary]
    crawls: dict[tuple[str, str, str | None], Crawl]
    mails: list[EmailMessage]
    logs: list[str]
    own_pages: list[str]

    def pages(self, names: Collection[str | None]) -> dict[str, str]:
        """Every different answer that any of these people got, and where one got it."""
        return {
            body: f"{stage}/{language}/{name}: {path}"
            for (stage, language, name), crawled in self.crawls.items()
            if name in names
            for path, body in crawled.everything()
        }


@pytest.fixture(scope="module")
def played(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Three quarters that raise a flag, a session, and the quarter that is looked at."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "wellbeing.db").write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{folder / 'wellbeing.db'}", durable=False)
    start = datetime(2025, 5, 5, 9, 0, tzinfo=UTC)
    with ExitStack() as stack:
        logs = stack.enter_context(gathered_logs())
        port = stack.enter_context(mail_server(folder / "mail"))
        house = House(database, folder, start, port)
        stack.callback(database.close)
        stack.callback(house.close)
        yield _play(house, logs)


@pytest.fixture
def unused_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _play(house: House, logs: list[str]) -> Played:
    _play_the_past(house)
    round_id = house.rounds.open()
    house.run("invite", "deliver-mail")
    eva = house.visitor("Eva")
    own_pages = [eva.post("/diary/start", _codes(), 200).html]
    own_pages.append(Answering(eva, round_id).answer(ANSWERS).html)
    for name, sums in COLLEAGUES.items():
        house.rounds.answer(round_id, house.cast.people[name], sheet(sums))
    house.rounds.answer_all(round_id, house.cast.members_of("team_b"), STEADY)
    canaries = list(_canaries_of_eva(house, own_pages))
    house.forward(days=4, hours=1)
    house.run("remind", "deliver-mail")
    crawls = _crawl_all(house, "open")
    house.forward(days=11)
    house.run("close-and-publish", "announce", "deliver-mail", "retention")
    assert house.rounds.state(round_id) is RoundState.PUBLISHED
    crawls |= _crawl_all(house, "published")
    mails = read_mails(house.settings.data / "mail")
    return Played(canaries, list(_identity_of_eva(house)), crawls, mails, logs, own_pages)


def _play_the_past(house: House) -> None:
    for answers in (STEADY, STEADY, WORN, WORN):
        past = house.rounds.open()
        house.rounds.answer_all(past, house.cast.members_of("team_a"), answers)
        house.rounds.answer_all(past, house.cast.members_of("team_b"), STEADY)
        assert house.rounds.publish(past)
        house.forward(days=91)
    with house.database.writing(Reach.EVERYTHING) as session:
        flag = session.scalars(
            select(Flag.id).where(Flag.unit_id == house.cast.units["team_a"])
        ).first()
        assert flag is not None, "the past raised no flag"
        day = house.clock.now().date() + timedelta(days=20)
        values = SessionValues(
            SupportForm.TEAM_SUPERVISION, house.cast.people["Susan"], day, time(13), 90, "Loftet"
        )
        zone = house.settings.zone
        schedule_from_flag(session, flag, values, zone=zone, now=house.clock.now(), by=BY)


def _codes() -> dict[str, str]:
    return {"code": DIARY_CODE, "code_again": DIARY_CODE}


def _crawl_all(house: House, stage: str) -> dict[tuple[str, str, str | None], Crawl]:
    is_last = stage == "published"
    with without_statements():
        return {
            (stage, language, name): crawl(
                house, house.visitor(name, language), post=is_last, documents=name == "Tom"
            )
            # Pressing every form ends sign-ins, so one language is all there is to see afterwards.
            for language in (LANGUAGES[:1] if is_last else LANGUAGES)
            for name in OTHERS
        }


def _canaries_of_eva(house: House, own_pages: list[str]) -> Iterator[Canary]:
    started, result = own_pages
    receipt, recovery = RECEIPT.search(result), RECOVERY.search(started)
    assert receipt
    assert recovery
    yield of_text("receipt as shown", receipt[1])
    yield of_text("receipt", receipt[1].replace(" ", ""))
    yield of_text("recovery code", recovery[1])
    yield of_text("diary code", DIARY_CODE)
    yield of_numbers("answers", ANSWERS)
    yield of_numbers("scores", SUMS, keys=tuple(Scale))
    with house.database.reading(Reach.EVERYTHING) as session:
        for ballot in session.scalars(select(Ballot)):
            yield of_text("ballot id", str(ballot.id))
            yield of_bytes("ballot id", ballot.id.bytes)
            yield of_bytes("sealed ballot", ballot.sealed)
            yield of_bytes("ballot's MAC", ballot.mac)
        entry, key = session.scalars(select(DiaryEntry)).one(), session.scalars(select(DiaryKey))
        yield of_bytes("diary entry's id", entry.id.bytes)
        yield of_bytes("sealed diary entry", entry.sealed)
        for locked in key:
            yield of_bytes("diary's public key", locked.public_key)
            yield of_bytes("locked diary key", locked.locked_by_code)
            yield of_bytes("locked diary key", locked.locked_by_recovery)


def _identity_of_eva(house: House) -> Iterator[Canary]:
    yield of_text("name", full_name_of("Eva"))
    yield of_text("address", email_of("Eva"))
    yield of_text("id", str(house.cast.people["Eva"]))
    yield of_bytes("id", house.cast.people["Eva"].bytes)


def _faults(played: Played, canaries: list[Canary], *, to: Collection[str | None]) -> list[str]:
    seen = played.pages(to)
    assert len(seen) > 20 * len(to)
    return [
        f"{where}: {found}"
        for body, where in seen.items()
        for found in find_in_page(body, canaries)
    ]


@pytest.mark.asvs("15.3.1")
def test_no_page_of_anybody_else_shows_an_answer_score_receipt_ballot_or_diary(
    played: Played,
) -> None:
    assert _faults(played, played.canaries, to=OTHERS) == []


def test_no_page_of_anybody_else_names_the_person_but_those_on_accounts(played: Played) -> None:
    assert _faults(played, played.identity, to=set(OTHERS) - KNOWS_ACCOUNTS) == []


def test_no_page_shows_the_sums_of_one_person_beside_each_other(played: Played) -> None:
    rows = [SUMS, *(sums for name, sums in COLLEAGUES.items() if name not in OTHERS)]
    faults = [
        (where, row)
        for body, where in played.pages(OTHERS).items()
        for row in rows
        if has_in_a_row(re.sub(r"<[^>]*>", " ", body), row)
    ]
    assert faults == []


def test_the_crawler_opened_a_page_of_every_role_in_both_languages(played: Played) -> None:
    opened = {
        (language, path.split("/")[1], name)
        for (_, language, name), crawled in played.crawls.items()
        for path, shown in crawled.pages.items()
        if shown.status == 200
    }
    for language in LANGUAGES:
        for area, name in (
            *(("teams", "Lis"), ("teams", "Sara"), ("teams", "Hanne"), ("hr", "Hanne")),
            *(("supervisor", "Susan"), ("admin", "Adam"), ("admin", "Dina"), ("me", "Tom")),
        ):
            assert (language, area, name) in opened


def test_the_crawler_pressed_forms_and_saw_charts(played: Played) -> None:
    assert played.crawls["published", "da", "Hanne"].posted
    assert any(".svg" in where for where in played.pages(["Lis"]).values())


def test_the_crawler_would_see_the_person_s_own_result(played: Played) -> None:
    started, result = played.own_pages
    assert {"recovery code"} <= set(find_in_page(started, played.canaries))
    assert {"receipt", "receipt as shown"} <= set(find_in_page(result, played.canaries))
    assert has_in_a_row(re.sub(r"<[^>]*>", " ", result.replace("10 to 50", "")), (11,))


@pytest.mark.parametrize(
    "wrapping",
    ["<td>{}</td>", "<a href='/x?y={}'>", "%20{}", '{{"x": "{}"}}', "<b>{}</b>".upper()],
)
def test_a_canary_planted_on_a_page_is_found(played: Played, wrapping: str) -> None:
    for canary in played.canaries:
        for form in canary.forms:
            try:
                page = wrapping.format(form.decode())
            except UnicodeDecodeError:
                continue
            assert canary.name in find_in_page(page, played.canaries), form


@pytest.mark.parametrize(
    "page",
    [
        "CS 11, BO 37, STS 43",
        "<tr><td>11</td>\n<td>37</td>\n<td>43</td></tr>",
        "Medfølelse 11 point – udbrændthed 37 point – sekundær 43",
    ],
)
def test_sums_planted_on_a_page_are_found(page: str) -> None:
    assert has_in_a_row(re.sub(r"<[^>]*>", " ", page), SUMS)


def test_a_leader_page_with_a_planted_receipt_is_caught(played: Played) -> None:
    key = ("open", "da", "Lis")
    crawled = played.crawls[key]
    path = next(path for path, shown in crawled.pages.items() if shown.status == 200)
    receipt = next(c for c in played.canaries if c.name == "receipt")
    planted = f"{crawled.pages[path].html}<!-- {min(receipt.forms, key=len).decode()} -->"
    assert "receipt" in find_in_page(planted, played.canaries)


def test_no_mail_holds_anything_of_an_answer(played: Played) -> None:
    assert len(played.mails) > 60
    faults = [find_in_page(words_of(mail), played.canaries) for mail in played.mails]
    assert not any(faults)


def test_no_mail_to_anybody_else_names_the_person(played: Played) -> None:
    to_others = [mail for mail in played.mails if email_of("Eva") not in str(mail["To"])]
    assert len(to_others) < len(played.mails)
    faults = [find_in_page(words_of(mail), played.identity) for mail in to_others]
    assert not any(faults)


def test_nobody_at_work_is_copied_into_a_mail(played: Played) -> None:
    assert all(not mail["Cc"] and not mail["Bcc"] for mail in played.mails)
    assert all(str(mail["To"]).count("@") == 1 for mail in played.mails)


@pytest.mark.asvs("16.2.5")
def test_what_the_program_logs_holds_neither_answers_nor_people(played: Played) -> None:
    whole = "\n".join(played.logs)
    assert "INSERT INTO ballot" in whole, "the statements were logged, so this is a real proof"
    assert find_in_page(whole, played.canaries + played.identity) == []


def test_whoever_guesses_a_receipt_too_often_is_not_named_in_the_log(
    request: pytest.FixtureRequest, sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    house = House(sqlite_database, tmp_path, now)
    request.addfinalizer(house.close)
    path, eva = f"/check-in/{house.rounds.open()}/receipt", house.visitor("Eva")
    with gathered_logs() as lines:
        for _ in range(10):
            eva.post(path, {"receipt": "0" * 64}, 422)
        eva.post(path, {"receipt": "0" * 64}, 429)
    assert find_in_page("\n".join(lines), list(_identity_of_eva(house))) == []


def test_a_served_check_in_writes_nothing_into_the_server_s_log(
    sqlite_database: Database, tmp_path: Path, unused_port: int
) -> None:
    now = datetime.now(UTC)
    database = Database(sqlite_database.url.render_as_string(), make_field_keys(tmp_path / "keys"))
    with database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    round_id = RoundRunner(database, tmp_path, now).open()
    database.close()
    with served(tmp_path, unused_port) as server:
        before = server.read_log()
        assert "Listening at" in before
        receipt = server.answer(email_of("Eva"), PASSWORD, round_id, ANSWERS)
        assert len(receipt) == 64
        said = server.read_log()[len(before) :]
    assert said == ""
    signed_in = "".join(file.read_text() for file in (tmp_path / "security-log").iterdir())
    (moment,) = re.findall(r'"at": "([^"]+)"', signed_in)
    assert moment.endswith(":00:00+00:00")
    with sqlite_database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Ballot.id)).one() == UUID(hex=receipt[:32])
        assert session.get_one(Participation, (round_id, cast.people["Eva"])).done


@on_both_databases
@pytest.mark.parametrize("table", ["participation", "ballot", "diary_key", "diary_entry"])
def test_a_leader_s_request_is_refused_by_the_database_itself(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path, now: datetime, table: str
) -> None:
    house = House(database, tmp_path, now)
    request.addfinalizer(house.close)
    secret = house.visitor("Lis").client.get_cookie("wellbeing")
    assert secret
    header = {"Cookie": f"wellbeing={secret.value}"}
    with house.app.test_request_context("/teams", headers=header):
        for session_of in (reading, lambda: services().database.reading(Reach.WORKPLACE)):
            with pytest.raises(DatabaseError), session_of() as session:
                session.execute(text(f"SELECT * FROM {table}"))
            with session_of() as session:
                assert session.execute(text("SELECT count(*) FROM unit")).scalar_one() == 6


@pytest.mark.parametrize("path", ["/teams", "/hr", "/supervisor", "/admin", "/privacy"])
def test_no_area_but_the_employee_s_can_be_asked_for_ballots(
    request: pytest.FixtureRequest,
    sqlite_database: Database,
    tmp_path: Path,
    now: datetime,
    path: str,
) -> None:
    house = House(sqlite_database, tmp_path, now)
    request.addfinalizer(house.close)
    with (
        house.app.test_request_context(path),
        pytest.raises(DatabaseError),
        reading() as session,
    ):
        session.execute(text("SELECT count(*) FROM ballot"))


def test_no_page_of_anybody_else_changes_when_a_person_answers_or_withdraws(
    request: pytest.FixtureRequest, sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    house = House(sqlite_database, tmp_path, now)
    request.addfinalizer(house.close)
    past = house.rounds.open()
    house.rounds.answer_all(past, house.cast.members_of("team_a"), STEADY)
    assert house.rounds.publish(past)
    house.forward(days=91)
    round_id, eva = house.rounds.open(), house.cast.people["Eva"]
    browsers = {name: house.visitor(name) for name in OTHERS}

    def look() -> Bodies:
        crawls = ((name, crawl(house, browser)) for name, browser in browsers.items())
        bodies = {(name, path): b for name, seen in crawls for path, b in seen.bodies().items()}
        return {page: body for page, body in bodies.items() if not page[1].startswith(AUDIT_LOG)}

    look()  # that somebody has read a published round is itself shown, once a day
    before, acts = look(), _acts_but_reading(house)
    assert _changed(before, look()) == []
    answer = Answering(house.visitor("Eva"), round_id).answer(ANSWERS)
    assert _changed(before, look()) == []
    found = RECEIPT.search(answer.html)
    assert found
    _withdraw(house, round_id, eva, found[1])
    assert _changed(before, look()) == []
    assert _acts_but_reading(house) == acts


def test_the_pages_are_compared_closely_enough_to_see_a_change(
    request: pytest.FixtureRequest, sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    house = House(sqlite_database, tmp_path, now)
    request.addfinalizer(house.close)
    round_id, tom = house.rounds.open(), house.visitor("Tom")
    before = crawl(house, tom).bodies()
    house.rounds.answer(round_id, house.cast.people["Tom"])
    assert crawl(house, tom).bodies() != before


def _acts_but_reading(house: House) -> list[str]:
    with house.database.reading(Reach.EVERYTHING) as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.number))
        return [f"{e.act} {e.subject} {e.by}" for e in events if e.act != "figures.read"]


def _changed(before: Bodies, after: Bodies) -> list[tuple[str | None, str]]:
    assert before.keys() == after.keys()
    return [page for page, body in before.items() if after[page] != body]


def _withdraw(house: House, round_id: UUID, person_id: UUID, receipt: str) -> None:
    keys = RoundKeys(house.settings.key_folder)
    with house.database.writing(Reach.EMPLOYEE) as session:
        now = house.clock.now()
        withdraw(session, receipt, person_id=person_id, round_id=round_id, keys=keys, now=now)
