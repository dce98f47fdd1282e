"""The diary on the screen."""

import re
from uuid import UUID

import pytest

from tests.rounds import STEADY, WORN, RoundRunner
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import EITHER_LANGUAGE, Answering, count, given
from wellbeing.store.personal import DiaryEntry, DiaryKey
from wellbeing.store.sessions import Database

CODE = "måneskin over Anholt"
RECOVERY = re.compile(r'<code class="code">([a-z0-9-]+)</code>')


@pytest.fixture
def eva(client_of: ClientOf) -> Browser:
    """Eva's browser, in English."""
    return client_of("Eva", language="en")


def start(browser: Browser, code: str = CODE, again: str | None = None, status: int = 200) -> Shown:
    """Chooses a code on the page of the diary."""
    fields = {"code": code, "code_again": code if again is None else again}
    return browser.post("/diary/start", fields, status)


def read(browser: Browser, code: str = CODE, status: int = 200) -> Shown:
    """Opens the diary."""
    return browser.post("/diary", {"code": code}, status)


@on_both_databases
@EITHER_LANGUAGE
def test_a_checkin_is_found_in_the_diary_with_its_receipt(
    client_of: ClientOf, open_round: UUID, database: Database, language: str
) -> None:
    eva = client_of("Eva", language=language)
    eva.get("/diary")
    start(eva)
    eva.get("/diary")
    Answering(eva, open_round).answer(WORN)
    shown = read(eva)
    assert {"en": "clearly above the average", "da": "klart over gennemsnittet"}[language] in (
        shown.text
    )
    assert 'class="code receipt"' in shown.html
    assert shown.headers["Cache-Control"] == "no-store, no-transform"


def test_a_check_in_needs_no_code(eva: Browser, open_round: UUID) -> None:
    start(eva)
    assert "It is also in your diary." in Answering(eva, open_round).answer().text


def test_the_receipt_in_the_diary_leads_to_answering_again(
    eva: Browser, open_round: UUID, database: Database
) -> None:
    start(eva)
    answering = Answering(eva, open_round)
    answering.answer(WORN)
    receipt = re.search(r'name="receipt" value="([0-9a-f]{64})"', read(eva).html)
    assert receipt
    path = f"{answering.path}/receipt"
    shown = eva.post(path, {"receipt": receipt[1], "go": "again"}, 200)
    for button, items in (("next", (1, 11)), ("next", (11, 21)), ("send", (21, 31))):
        shown = answering.press(shown, button, given(STEADY, range(*items)))
    assert count(database, DiaryEntry) == 2
    diary = read(eva)
    assert diary.html.count("<h3>") == 1
    assert "(40 of 50)" in diary.text


def test_a_change_is_named_only_beyond_the_imprecision_of_the_form(
    eva: Browser, client_of: ClientOf, rounds: RoundRunner, clock: Clock
) -> None:
    start(eva)
    first = rounds.open()
    Answering(eva, first).answer(STEADY)
    clock.forward(days=40)
    rounds.publish(first)
    rounds.forward(days=40)
    later = client_of("Eva")
    Answering(later, rounds.open()).answer(WORN)
    shown = read(client_of("Eva", language="en"))
    assert "Burnout clearly above the average (40 of 50); higher than last time" in shown.text
    assert len(re.findall("<dd>[^<]* last time</dd>", shown.html)) == 3


def test_the_recovery_code_opens_the_diary_too(eva: Browser) -> None:
    recovery = RECOVERY.search(start(eva).html)
    assert recovery
    assert "Nothing in it yet" in read(eva, recovery[1].upper()).text


@pytest.mark.parametrize("code", ["", "something else", "x" * 10_000])
def test_a_wrong_code_opens_nothing(eva: Browser, open_round: UUID, code: str) -> None:
    start(eva)
    Answering(eva, open_round).answer()
    shown = read(eva, code, 422)
    assert "average" not in shown.text
    assert 'id="code-error"' in shown.html


def test_after_ten_wrong_codes_there_is_a_break(eva: Browser) -> None:
    start(eva)
    for _ in range(10):
        read(eva, "", 422)
    read(eva, CODE, 429)


@pytest.mark.parametrize(("code", "again"), [("short", "short"), (CODE, "another one"), ("", "")])
def test_a_code_that_is_short_or_mistyped_starts_nothing(
    eva: Browser, database: Database, code: str, again: str
) -> None:
    start(eva, code, again, 422)
    assert count(database, DiaryKey) == 0


def test_starting_twice_keeps_the_first_diary(eva: Browser) -> None:
    start(eva)
    assert "You already have a diary." in start(eva, "et andet sted ved havet", status=422).text
    read(eva)


def test_the_recovery_code_is_shown_once(eva: Browser) -> None:
    recovery = RECOVERY.search(start(eva).html)
    assert recovery
    assert recovery[1] not in eva.get("/diary").html + read(eva).html


@EITHER_LANGUAGE
def test_deleting_needs_the_tick_and_then_leaves_nothing(
    client_of: ClientOf, open_round: UUID, database: Database, language: str
) -> None:
    eva = client_of("Eva", language=language)
    start(eva)
    Answering(eva, open_round).answer()
    eva.post("/diary/delete", {}, 422)
    assert count(database, DiaryEntry) == 1
    eva.post("/diary/delete", {"confirm": "y"}, 200)
    assert count(database, DiaryEntry) == count(database, DiaryKey) == 0
    eva.post("/diary/delete", {"confirm": "y"}, 302)


@pytest.mark.asvs("8.2.2")
def test_a_diary_opens_for_its_owner_only(eva: Browser, client_of: ClientOf) -> None:
    start(eva)
    tom = client_of("Tom", language="en")
    start(tom, "Tom har sin egen lås")
    read(tom, CODE, 422)
