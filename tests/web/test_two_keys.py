"""Key holders through their pages: taking a key, giving a share, and what is said meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.actions.post_office import PostOffice
from tests.cast import Cast, email_of
from tests.key_desk import CODES, KeyDesk
from tests.mail_server import MailServer
from tests.rounds import RoundRunner
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.actions.share_letters import ask_for_shares
from wellbeing.domain.duties import Duty
from wellbeing.domain.roles import Role
from wellbeing.settings import Settings
from wellbeing.store.accounts import KeyHolder
from wellbeing.store.org import Programme, Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

HR_PAGE, REPRESENTATIVE_PAGE = "/hr/keys", "/teams/keys"


@pytest.fixture
def rounds(database: Database, cast: Cast, settings: Settings, clock: Clock) -> RoundRunner:
    """Rounds whose keys lie where the app looks for them."""
    return RoundRunner(database, settings.data, clock.now())


@pytest.fixture
def desk(rounds: RoundRunner, cast: Cast) -> KeyDesk:
    """Hanne and Sara, who hold no key yet."""
    return KeyDesk(rounds, cast)


def take(
    browser: Browser, path: str, code: str, again: str | None = None, status: int = 302
) -> Shown:
    """Takes a key with this code."""
    fields = {"take-code": code, "take-code_again": again or code, "do": "take"}
    return browser.post(path, fields, status)


def give(
    browser: Browser, path: str, round_id: UUID, code: str, *, status: int = 302, **more: Any
) -> Shown:
    """Gives a share with this code."""
    fields = {f"give-{round_id}-code": code, "do": f"give:{round_id}"}
    return browser.post(path, {**fields, **more}, status)


@on_both_databases
@pytest.mark.asvs("8.3.1")
def test_two_people_open_a_round_through_their_pages(
    client_of: ClientOf, rounds: RoundRunner, cast: Cast, clock: Clock
) -> None:
    hanne, sara = client_of("Hanne", language="en"), client_of("Sara", language="en")
    take(hanne, HR_PAGE, CODES["Hanne"])
    assert "Safety representative: nobody yet" in hanne.get(HR_PAGE).text
    take(sara, REPRESENTATIVE_PAGE, CODES["Sara"])
    round_id = rounds.open(two_keys=True)
    rounds.answer_all(round_id, cast.members_of("team_a"))
    clock.forward(days=15)
    assert not rounds.publish(round_id)
    rounds.handover.announce(now=clock.now())
    hanne, sara = client_of("Hanne", language="en"), client_of("Sara", language="en")
    assert "waits for both key holders" in hanne.get("/hr/rounds").text

    give(hanne, HR_PAGE, round_id, CODES["Hanne"])
    assert "The round now waits for the other side" in hanne.get(HR_PAGE).text
    assert "HR: given by Hanne Thomsen" in sara.get(REPRESENTATIVE_PAGE).text
    give(sara, REPRESENTATIVE_PAGE, round_id, CODES["Sara"])
    assert "within a few minutes" in sara.get(REPRESENTATIVE_PAGE).text
    assert rounds.publish(round_id)
    assert "No round with two keys is under way" in sara.get(REPRESENTATIVE_PAGE).text


def test_a_round_is_closed_before_its_day_when_both_tick_it(
    client_of: ClientOf, desk: KeyDesk, rounds: RoundRunner, clock: Clock
) -> None:
    desk.take_both()
    round_id = rounds.open(two_keys=True)
    rounds.handover.announce(now=clock.now())
    hanne, sara = client_of("Hanne", language="en"), client_of("Sara", language="en")
    shown = give(hanne, HR_PAGE, round_id, CODES["Hanne"], status=422)
    assert "still open" in shown.text
    early: dict[str, Any] = {f"give-{round_id}-closes_early": "y"}
    give(hanne, HR_PAGE, round_id, CODES["Hanne"], **early)
    hanne.post(HR_PAGE, {"do": f"take-back:{round_id}"})
    assert "The round closes on its day" in hanne.get(HR_PAGE).text
    give(hanne, HR_PAGE, round_id, CODES["Hanne"], **early)
    give(sara, REPRESENTATIVE_PAGE, round_id, CODES["Sara"], **early)
    rounds.publisher(timedelta(0)).publish(round_id)
    assert rounds.state(round_id) is RoundState.PUBLISHED


@pytest.mark.asvs("6.3.1", "2.4.1")
def test_a_wrong_code_gives_nothing_and_too_many_are_paused(
    client_of: ClientOf, desk: KeyDesk, rounds: RoundRunner, clock: Clock
) -> None:
    desk.take_both()
    round_id = rounds.open(two_keys=True)
    clock.forward(days=15)
    rounds.publish(round_id)
    rounds.handover.announce(now=clock.now())
    hanne = client_of("Hanne", language="en")
    for _ in range(10):
        shown = give(hanne, HR_PAGE, round_id, "helt forkert kode her", status=422)
    assert "That is not the code of your key." in shown.text
    assert "helt forkert" not in shown.html
    give(hanne, HR_PAGE, round_id, CODES["Hanne"], status=429)
    assert not rounds.keys.shares.is_given(round_id, Duty.HR)
    clock.forward(hours=2)
    rounds.handover.announce(now=clock.now())
    hanne = client_of("Hanne", language="en")
    give(hanne, HR_PAGE, round_id, CODES["Hanne"])


@pytest.mark.asvs("6.2.1", "6.2.4")
@pytest.mark.parametrize(
    ("code", "again", "says"),
    [
        ("kort", "kort", "at least 12 characters"),
        ("Hanne Thomsen 2026", "Hanne Thomsen 2026", "among the first"),
        (CODES["Hanne"], "noget helt andet her", "The two codes differ."),
    ],
)
def test_a_code_that_is_soon_guessed_or_mistyped_takes_no_key(
    client_of: ClientOf, database: Database, code: str, again: str, says: str
) -> None:
    shown = take(client_of("Hanne", language="en"), HR_PAGE, code, again, status=422)
    assert says in shown.text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(KeyHolder)).first() is None


def test_the_code_is_changed_and_the_key_laid_down(
    client_of: ClientOf, desk: KeyDesk, database: Database
) -> None:
    desk.take_both()
    hanne, new = client_of("Hanne", language="en"), "syv lilla paraplyer"
    fields = {"change-code": new, "change-code_again": new, "do": "change"}
    hanne.post(HR_PAGE, {**fields, "change-old_code": "forkert kode igen"}, 422)
    hanne.post(HR_PAGE, {**fields, "change-old_code": CODES["Hanne"]})
    hanne.post(HR_PAGE, {"do": "leave"}, 422)
    hanne.post(HR_PAGE, {"do": "leave", "leave-confirm": "y"})
    with database.reading(Reach.EVERYTHING) as session:
        assert [h.duty for h in session.scalars(select(KeyHolder))] == [Duty.SAFETY_REPRESENTATIVE]


def test_who_is_both_sees_that_one_person_never_holds_two(
    client_of: ClientOf, desk: KeyDesk
) -> None:
    desk.take_both()
    desk.grant("Hanne", Role.SAFETY_REPRESENTATIVE)
    hanne = client_of("Hanne", language="en")
    assert "You hold a key for the other side" in hanne.get(REPRESENTATIVE_PAGE).text
    shown = take(hanne, REPRESENTATIVE_PAGE, "ni gule badeænder", status=422)
    assert "never holds two" in shown.text


def test_a_round_that_waits_for_a_holder_says_why_instead_of_opening(
    client_of: ClientOf, rounds: RoundRunner, database: Database
) -> None:
    rounds.publish(rounds.open())
    hanne = client_of("Hanne", language="en")
    with database.writing(Reach.EVERYTHING) as session:
        programme_id = session.scalars(select(Programme.id)).one()
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        planned.opens_at = rounds.now
    hanne.post(f"/hr/programmes/{programme_id}/two-keys", {"wanted": "1"})
    text = hanne.get("/hr/rounds").text
    assert "The round waits until somebody in HR holds a key." in text
    assert "Opens within a minute" not in text
    hanne.post(f"/hr/programmes/{programme_id}/two-keys", {"wanted": ""})
    assert "Opens within a minute" in hanne.get("/hr/rounds").text


def test_holders_are_asked_by_mail_once_a_week_until_they_have_given(
    desk: KeyDesk,
    rounds: RoundRunner,
    clock: Clock,
    cast: Cast,
    database: Database,
    settings: Settings,
    mail_server: MailServer,
) -> None:
    desk.take_both()
    round_id = rounds.open(two_keys=True)
    office = PostOffice.open(database, settings.data, mail_server, clock.now())

    def ask(days: float) -> list[str]:
        office.clock.moment = rounds.now + timedelta(days=days)
        before = len(mail_server.received)
        with database.writing(Reach.EVERYTHING) as session:
            ask_for_shares(session, rounds.keys.folder, now=office.clock.moment)
        office.deliver()
        return sorted(mail.to for mail in mail_server.received[before:])

    def to(*names: str) -> list[str]:
        return sorted(email_of(name) for name in names)

    assert ask(3) == []
    rounds.publish(round_id)
    assert ask(15) == to("Hanne", "Sara")
    assert ask(16) == []
    desk.announce(timedelta(days=16))
    desk.give("Sara", round_id, after=timedelta(days=16))
    assert ask(22) == to("Hanne")
    assert desk.look(timedelta(days=22)).is_overdue
    desk.announce(timedelta(days=22))
    desk.give("Hanne", round_id, after=timedelta(days=22))
    desk.announce(timedelta(days=29))
    assert ask(29) == []
