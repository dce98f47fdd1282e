"""Answers on a page that has grown old: they travel on, unstored, and to their owner only."""

from uuid import UUID

import pytest
from flask import Flask

from tests.cast import PASSWORD, email_of
from tests.crawler import gathered_logs
from tests.rounds import STEADY
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import (
    EITHER_LANGUAGE,
    Answering,
    check_nothing_is_stored,
    count,
    fields_of,
    given,
)
from wellbeing.store.personal import Ballot
from wellbeing.store.sessions import Database

SIGN_IN = "/sign-in"
FIRST_PAGE = given(STEADY, range(1, 11))
SIGNED_IN_AGAIN = {"da": "Du er logget ind igen", "en": "You are signed in again"}
NOT_YOURS = "Svarene på den side var givet af en anden"
TOO_OLD = "Siden har været åben for længe"


@pytest.fixture
def eva(client_of: ClientOf, open_round: UUID) -> Answering:
    """Eva in front of the open check-in, in Danish."""
    return Answering(client_of("Eva"), open_round)


def expire(answering: Answering, clock: Clock) -> Shown:
    """Answers the first page; while reading it the sign-in ends; presses Next."""
    first = answering.start()
    clock.forward(hours=9)
    return answering.press(first, "next", FIRST_PAGE)


def sign_in(browser: Browser, shown: Shown, name: str, status: int = 200) -> Shown:
    """Fills in the sign-in page shown, which may carry answers."""
    password = PASSWORD if status == 200 else "wrong"
    more = {"email": email_of(name), "password": password}
    return browser.post_as_is(SIGN_IN, {**fields_of(shown, path=SIGN_IN), **more}, status)


def go_on(answering: Answering, shown: Shown) -> Shown:
    """Presses the one button of the page that leads back to the questions."""
    return answering.press(shown, "stay", {})


@on_both_databases
@EITHER_LANGUAGE
def test_an_expired_sign_in_loses_no_answer(
    client_of: ClientOf, open_round: UUID, database: Database, clock: Clock, language: str
) -> None:
    answering = Answering(client_of("Eva", language=language), open_round)
    with gathered_logs() as lines:
        shown = expire(answering, clock)
        assert FIRST_PAGE.items() <= fields_of(shown, path=SIGN_IN).items()
        shown = sign_in(answering.browser, shown, "Eva", 422)
        shown = sign_in(answering.browser, shown, "Eva")
        assert SIGNED_IN_AGAIN[language] in shown.text
        shown = go_on(answering, shown)
    sent_on = fields_of(shown, path=answering.path)
    assert FIRST_PAGE.items() <= sent_on.items()
    assert sent_on["step"] == "1"
    check_nothing_is_stored(database)
    assert [line for line in lines if sent_on["mark"] in line] == []


def test_somebody_else_who_signs_in_gets_none_of_it(
    eva: Answering, database: Database, clock: Clock
) -> None:
    shown = sign_in(eva.browser, expire(eva, clock), "Tom")
    assert NOT_YOURS in shown.text
    assert "item1" not in shown.html
    check_nothing_is_stored(database)


def test_sending_with_an_expired_sign_in_sends_once_and_only_when_pressed_again(
    eva: Answering, database: Database, clock: Clock
) -> None:
    last = eva.go_to_last_page()
    clock.forward(hours=9)
    shown = eva.press(last, "send", given(STEADY, range(21, 31)))
    back = go_on(eva, sign_in(eva.browser, shown, "Eva"))
    check_nothing_is_stored(database)
    eva.press(back, "send", {})
    assert count(database, Ballot) == 1


def test_pressing_start_with_an_expired_sign_in_leads_back_to_the_start(
    eva: Answering, clock: Clock
) -> None:
    start = eva.browser.get(eva.path)
    clock.forward(hours=9)
    sent_to = eva.browser.post_as_is(eva.path, fields_of(start, path=eva.path)).location
    more = {"email": email_of("Eva"), "password": PASSWORD}
    assert eva.browser.post(sent_to, more).location == eva.path


def test_a_page_that_was_open_for_too_long_keeps_its_answers_and_stores_none(
    eva: Answering, database: Database
) -> None:
    last = {**fields_of(eva.go_to_last_page(), path=eva.path), **given(STEADY, range(21, 31))}
    shown = eva.browser.post_as_is(eva.path, {**last, "csrf_token": "old", "go": "send"}, 400)
    assert TOO_OLD in shown.text
    check_nothing_is_stored(database)
    sent_on = fields_of(go_on(eva, shown), path=eva.path)
    assert given(STEADY, range(1, 31)).items() <= sent_on.items()


@pytest.mark.parametrize("mark", ["", "0" * 32, "å" * 32, "' or 1=1 --"])
def test_answers_from_a_page_that_is_not_ours_are_dropped(
    eva: Answering, database: Database, mark: str
) -> None:
    forged = {**given(STEADY, range(1, 31)), "mark": mark, "step": "3", "go": "send"}
    shown = eva.browser.post_as_is(eva.path, forged, 400)
    assert NOT_YOURS in shown.text
    assert "item1" not in shown.html
    check_nothing_is_stored(database)


def test_the_mark_of_another_person_does_not_help(
    eva: Answering, client_of: ClientOf, database: Database
) -> None:
    tom = Answering(client_of("Tom"), eva.round_id)
    forged = {**fields_of(tom.start(), path=tom.path), **given(STEADY, range(1, 31))}
    shown = eva.browser.post_as_is(eva.path, {**forged, "go": "send"}, 400)
    assert NOT_YOURS in shown.text
    check_nothing_is_stored(database)


def test_a_sign_in_page_that_has_grown_old_carries_on_too(eva: Answering, clock: Clock) -> None:
    fields = fields_of(expire(eva, clock), path=SIGN_IN)
    again = eva.browser.post_as_is(SIGN_IN, {**fields, "csrf_token": "old"}, 400)
    assert TOO_OLD in again.text
    assert FIRST_PAGE.items() <= fields_of(again, path=SIGN_IN).items()
    assert SIGNED_IN_AGAIN["da"] in sign_in(eva.browser, again, "Eva").text


def test_an_account_that_has_to_rest_keeps_the_answers_on_the_page(
    eva: Answering, clock: Clock
) -> None:
    shown = expire(eva, clock)
    for _ in range(10):
        shown = sign_in(eva.browser, shown, "Eva", 422)
    rests = sign_in(eva.browser, shown, "Eva", 429)
    assert FIRST_PAGE.items() <= fields_of(rests, path=SIGN_IN).items()
    clock.forward(hours=2)
    assert SIGNED_IN_AGAIN["da"] in sign_in(eva.browser, rests, "Eva").text


def test_only_what_belongs_to_a_check_in_is_carried(app: Flask, eva: Answering) -> None:
    fields = {"round_id": str(eva.round_id), "item1": "3", "item2": "<b>", "email": "x"}
    more = {"mark": '"><script>', "surplus": "planted"}
    shown = Browser(app).post(SIGN_IN, {**fields, **more}, 200)
    carried = fields_of(shown, path=SIGN_IN)
    assert carried["item1"] == "3"
    assert carried["mark"] == '"><script>'  # escaped: the page was checked
    assert not carried.keys() & {"item2", "surplus"}


@pytest.mark.parametrize("round_id", ["", "no uuid", "../admin"])
def test_a_sign_in_page_with_an_odd_round_carries_nothing(
    app: Flask, cast: object, round_id: str
) -> None:
    fields = {"email": email_of("Eva"), "password": PASSWORD, "round_id": round_id, "item1": "3"}
    assert Browser(app).post(SIGN_IN, fields).location == "/"


def test_a_round_that_closed_meanwhile_says_so_and_whom_to_turn_to(
    eva: Answering, database: Database, clock: Clock
) -> None:
    first = eva.start()
    clock.forward(days=14)
    shown = sign_in(eva.browser, eva.press(first, "next", FIRST_PAGE), "Eva")
    closed = eva.press(shown, "stay", {}, 409)
    assert "det er ikke gemt" in closed.text
    assert "70 201 201" in closed.text
    check_nothing_is_stored(database)


def test_stopping_stores_nothing_and_a_slip_can_be_taken_back(
    eva: Answering, database: Database
) -> None:
    stopped = eva.press(eva.start(), "stop", {"item1": "4", "item2": "none"})
    assert "ingen kan se, at du gik i gang" in stopped.text
    sent_on = fields_of(go_on(eva, stopped), path=eva.path)
    assert (sent_on["item1"], sent_on["item2"]) == ("4", "none")
    check_nothing_is_stored(database)


def test_a_page_from_another_window_says_that_the_answer_stands(
    eva: Answering, database: Database
) -> None:
    other = eva.start()
    eva.answer()
    shown = eva.press(other, "next", FIRST_PAGE)
    assert "Måske fra et andet vindue." in shown.text
    assert count(database, Ballot) == 1
