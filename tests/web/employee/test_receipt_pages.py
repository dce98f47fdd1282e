"""Correcting and withdrawing with the receipt."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from tests.rounds import WORN
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.employee.conftest import (
    EITHER_LANGUAGE,
    Answering,
    change_words,
    count,
    fields_of,
    given,
)
from tests.web.employee.test_checkin_pages import RECEIPT
from wellbeing.store.personal import Ballot
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def eva(client_of: ClientOf, open_round: UUID) -> Answering:
    """Eva, who has not answered yet."""
    return Answering(client_of("Eva", language="en"), open_round)


def receipt_on(shown: Shown) -> str:
    """The receipt as it is shown, in blocks."""
    found = RECEIPT.search(shown.html)
    assert found
    return found[1]


def use(somebody: Answering, receipt: str, wish: str, status: int = 200) -> Shown:
    """Pastes a receipt and presses a button beside it."""
    path = f"{somebody.path}/receipt"
    fields = fields_of(somebody.browser.get(path), path=path)
    fields |= {"receipt": receipt, "go": wish}
    return somebody.browser.post_as_is(path, fields, status)


def sealed(database: Database) -> list[bytes]:
    """Every sealed ballot."""
    with database.reading(Reach.EVERYTHING) as session:
        return [ballot.sealed for ballot in session.query(Ballot)]


@on_both_databases
def test_answering_again_replaces_the_ballot_and_keeps_the_receipt(
    eva: Answering, database: Database
) -> None:
    receipt = receipt_on(eva.answer())
    before = sealed(database)
    shown = use(eva, receipt, "again")
    for button, items in (("next", (1, 11)), ("next", (11, 21)), ("send", (21, 31))):
        shown = eva.press(shown, button, given(WORN, range(*items)))
    assert "Your answer has been changed" in shown.text
    assert receipt_on(shown) == receipt
    assert len(sealed(database)) == 1
    assert sealed(database) != before


def test_an_answer_can_be_withdrawn_although_the_questions_were_changed(
    eva: Answering, open_round: UUID, database: Database
) -> None:
    receipt = receipt_on(eva.answer())
    change_words(database, open_round)
    use(eva, receipt, "again", 409)
    use(eva, receipt, "withdraw_now")
    assert sealed(database) == []


@on_both_databases
@EITHER_LANGUAGE
def test_withdrawing_asks_first_and_then_deletes_the_ballot(
    client_of: ClientOf, open_round: UUID, database: Database, language: str
) -> None:
    eva = Answering(client_of("Eva", language=language), open_round)
    receipt = receipt_on(eva.answer())
    asked = use(eva, receipt, "withdraw")
    assert count(database, Ballot) == 1
    path = f"{eva.path}/receipt"
    fields = {**fields_of(asked, path=path), "go": "withdraw_now"}
    eva.browser.post_as_is(path, fields, 200)
    assert count(database, Ballot) == 0


def test_whoever_has_withdrawn_may_answer_again(eva: Answering, database: Database) -> None:
    use(eva, receipt_on(eva.answer()), "withdraw_now")
    eva.answer()
    assert count(database, Ballot) == 1


def test_withdrawing_twice_is_refused_with_a_clear_page(eva: Answering) -> None:
    receipt = receipt_on(eva.answer())
    use(eva, receipt, "withdraw_now")
    assert "already been withdrawn" in use(eva, receipt, "withdraw_now", 409).text


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("wish", ["again", "withdraw", "withdraw_now"])
def test_the_receipt_of_somebody_else_does_nothing(
    eva: Answering, client_of: ClientOf, database: Database, wish: str
) -> None:
    receipt = receipt_on(eva.answer())
    tom = Answering(client_of("Tom", language="en"), eva.round_id)
    tom.answer()
    assert "does not belong to you" in use(tom, receipt, wish, 422).text
    assert count(database, Ballot) == 2


@pytest.mark.parametrize("receipt", ["", "abc", "0" * 64, "{" + "0" * 63, "æøå" * 21, "f" * 390])
def test_a_receipt_that_is_none_gets_a_clear_sentence(eva: Answering, receipt: str) -> None:
    eva.answer()
    shown = use(eva, receipt, "withdraw_now", 422)
    assert re.search(r'id="receipt-error"', shown.html)


def test_a_receipt_copied_with_breaks_and_dashes_works(eva: Answering) -> None:
    receipt = receipt_on(eva.answer())
    use(eva, "  " + receipt.upper().replace(" ", "-\n") + " ", "again")


def test_a_foreign_receipt_put_into_the_form_itself_changes_nothing(
    eva: Answering, client_of: ClientOf, database: Database
) -> None:
    theirs = receipt_on(eva.answer())
    before = sealed(database)
    tom = Answering(client_of("Tom", language="en"), eva.round_id)
    tom.answer()
    tom.browser.post_as_is(tom.path, tom.sheet(WORN, receipt=theirs), 422)
    assert set(before) <= set(sealed(database))


def test_after_ten_wrong_receipts_there_is_a_break(eva: Answering) -> None:
    eva.answer()
    for _ in range(10):
        use(eva, "0" * 64, "withdraw_now", 422)
    path = f"{eva.path}/receipt"
    token = eva.browser.fetch_token()
    eva.browser.post_as_is(path, {"csrf_token": token, "receipt": "0" * 64}, 429)


def test_the_receipt_stands_nowhere_in_the_database(eva: Answering, tmp_path: Path) -> None:
    receipt = receipt_on(eva.answer()).replace(" ", "")
    tag = bytes.fromhex(receipt[32:])
    content = b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    assert content
    assert tag not in content
    assert receipt.encode() not in content


@EITHER_LANGUAGE
def test_the_receipt_page_says_what_to_do_without_one(
    client_of: ClientOf, open_round: UUID, language: str
) -> None:
    browser = client_of("Eva", language=language)
    shown = browser.get(f"/check-in/{open_round}/receipt")
    assert 'href="/diary"' in shown.html
