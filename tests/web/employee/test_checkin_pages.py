"""The check-in on the screen: start, three pages, send; and whatever may arrive instead."""

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from markupsafe import escape

from tests.rounds import STEADY, RoundRunner
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import (
    EITHER_LANGUAGE,
    Answering,
    change_words,
    check_nothing_is_stored,
    count,
    fields_of,
    given,
)
from wellbeing.domain.instrument import load_wording
from wellbeing.store.personal import Ballot
from wellbeing.store.sessions import Database

RECEIPT = re.compile(r'<code class="code receipt">([0-9a-f ]+)</code>')


@pytest.fixture
def eva(client_of: ClientOf, open_round: UUID) -> Callable[..., Answering]:
    """`eva()`: Eva in front of the open check-in, in the language wanted."""
    return lambda language="en": Answering(client_of("Eva", language=language), open_round)


@on_both_databases
@EITHER_LANGUAGE
def test_three_pages_and_send_store_one_ballot(
    eva: Callable[..., Answering], database: Database, language: str
) -> None:
    shown = eva(language).answer()
    assert count(database, Ballot) == 1
    assert RECEIPT.search(shown.html)


@EITHER_LANGUAGE
def test_every_item_stands_on_its_page_in_the_language_of_the_person(
    eva: Callable[..., Answering], language: str
) -> None:
    answering, wording = eva(language), load_wording(language)
    pages = [answering.start()]
    pages.append(answering.press(pages[-1], "next", given(STEADY, range(1, 11))))
    pages.append(answering.press(pages[-1], "next", given(STEADY, range(11, 21))))
    for number, shown in enumerate(pages):
        asked = [item for item in wording.items if f"{escape(item)}</legend>" in shown.html]
        assert asked == list(wording.items[number * 10 : number * 10 + 10])


@EITHER_LANGUAGE
def test_pages_that_show_items_or_scores_name_owner_and_origin(
    eva: Callable[..., Answering], language: str
) -> None:
    answering, wording = eva(language), load_wording(language)
    for shown in (answering.browser.get(answering.path), answering.start(), answering.answer()):
        assert wording.label in shown.text
        assert all(credit in shown.text for credit in wording.credits)
        assert f'href="{wording.link}"' in shown.html


def test_the_start_page_says_who_could_read_an_answer(eva: Callable[..., Answering]) -> None:
    answering = eva()
    text = answering.browser.get(answering.path).text
    assert "While a round is open, whoever controls the running server and its key could." in text
    assert "Voluntary, and without reward." in text


def test_the_start_page_gives_the_notice_in_short_and_leads_to_the_whole(
    eva: Callable[..., Answering],
) -> None:
    answering = eva()
    shown = answering.browser.get(answering.path)
    for term in ("Responsible", "What for", "Legal basis", "How long", "Your rights"):
        assert f"<dt>{term}</dt>" in shown.html
    assert 'href="/privacy#notice"' in shown.html


def test_nothing_is_stored_before_send(eva: Callable[..., Answering], database: Database) -> None:
    eva().go_to_last_page()
    check_nothing_is_stored(database)


@pytest.mark.asvs("14.3.2")
def test_the_result_page_is_kept_by_no_cache_and_is_no_redirect(
    eva: Callable[..., Answering],
) -> None:
    shown = eva().answer()
    assert shown.headers["Cache-Control"] == "no-store, no-transform"
    assert shown.status == 200


def test_the_result_says_words_before_numbers(eva: Callable[..., Answering]) -> None:
    text = eva().answer().text
    assert text.index("get about as much out of helping") < text.index("Your figure is 40")
    assert "The published form calls 23 to 41 “moderate”." in text
    assert "The average is 37.7." in text


def test_the_emergency_number_stands_after_every_other_way_to_get_help(
    eva: Callable[..., Answering],
) -> None:
    text = eva("da").answer().text
    assert text.index("kollega") < text.index("læge") < text.index("70 201 201")
    assert text.index("70 201 201") < text.index("112")


def test_back_keeps_what_was_chosen_on_the_page_left(eva: Callable[..., Answering]) -> None:
    answering = eva()
    second = answering.press(answering.start(), "next", given(STEADY, range(1, 11)))
    first = answering.press(second, "back", {"item11": "5", "item12": "none"})
    sent_on = fields_of(first, path=answering.path)
    assert (sent_on["item11"], sent_on["item12"]) == ("5", "none")
    assert given(STEADY, range(1, 11)).items() <= sent_on.items()


def test_an_item_left_open_keeps_the_other_answers_and_says_which(
    eva: Callable[..., Answering], database: Database
) -> None:
    answering = eva()
    chosen = given(STEADY, range(1, 11))
    del chosen["item7"]
    shown = answering.press(answering.start(), "next", chosen, 422)
    assert chosen.items() <= fields_of(shown, path=answering.path).items()
    assert '<a href="#item7-1">Question 7</a>' in shown.html
    assert 'id="item7-error"' in shown.html
    assert shown.html.count('class="error"') == 1
    check_nothing_is_stored(database)


@pytest.mark.asvs("1.4.2", "2.2.1", "2.2.2", "15.3.5")
@pytest.mark.parametrize("value", ["0", "6", "-1", "x", "", "3.5", "NaN", "４", "1e1", "9" * 5000])
@pytest.mark.parametrize("item", ["item1", "item30"])
def test_an_answer_that_cannot_be_stores_nothing_and_keeps_the_rest(
    eva: Callable[..., Answering], database: Database, item: str, value: str
) -> None:
    answering = eva()
    sheet = {**answering.sheet(form_id=uuid4().hex), item: value}
    shown = answering.browser.post_as_is(answering.path, sheet, 422)
    kept = fields_of(shown, path=answering.path)
    others = {k: v for k, v in given(STEADY, range(1, 31)).items() if k != item}
    assert others.items() <= kept.items()
    assert item not in kept
    assert f'id="{item}-error"' in shown.html
    check_nothing_is_stored(database)


@pytest.mark.asvs("15.3.7")
def test_an_answer_given_twice_is_asked_for_again(
    eva: Callable[..., Answering], database: Database
) -> None:
    answering = eva()
    sheet: dict[str, object] = {**answering.sheet(), "item5": ["2", "4"]}
    shown = answering.browser.post_as_is(answering.path, sheet, 422)
    assert "Two answers came for this question" in shown.text
    check_nothing_is_stored(database)


@pytest.mark.asvs("2.3.1")
def test_hidden_answers_lost_on_the_way_lead_back_to_their_page(
    eva: Callable[..., Answering], database: Database
) -> None:
    answering = eva()
    sheet = answering.sheet()
    del sheet["item14"]
    shown = answering.browser.post_as_is(answering.path, sheet, 422)
    assert "Page 2 of 3" in shown.text
    kept = fields_of(shown, path=answering.path)
    assert kept["item1"] == str(STEADY[0])
    assert kept["item30"] == str(STEADY[29])
    check_nothing_is_stored(database)


@pytest.mark.asvs("2.2.2")
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"step": "99"},
        {"step": "x", "go": "next"},
        {"step": "-1", "go": "back"},
        {"go": "unheard of"},
        {"form_id": "no uuid", "go": "send"},
        {"step": "2", "go": "next", "item11": "3"},
    ],
)
def test_odd_forms_get_a_page_and_store_nothing(
    eva: Callable[..., Answering], database: Database, fields: dict[str, str]
) -> None:
    answering = eva()
    token = answering.browser.fetch_token()
    answer = answering.browser.client.post(answering.path, data={"csrf_token": token, **fields})
    assert answer.status_code in {200, 422}
    check_nothing_is_stored(database)


@pytest.mark.asvs("15.2.2")
def test_ten_thousand_fields_are_refused_with_a_page(
    eva: Callable[..., Answering], database: Database
) -> None:
    answering = eva()
    fields = {f"item{number}": "3" for number in range(10_000)}
    shown = answering.browser.post_as_is(answering.path, {**answering.sheet(), **fields}, 413)
    assert "too much at once" in shown.text
    check_nothing_is_stored(database)


@pytest.mark.asvs("15.3.3")
def test_fields_nobody_asked_for_are_never_shown_again(eva: Callable[..., Answering]) -> None:
    answering = eva()
    sheet = {**answering.sheet(go="back"), **{f"more{n}": "surplus" for n in range(2000)}}
    shown = answering.browser.post_as_is(answering.path, sheet, 200)
    assert "surplus" not in shown.html


def test_pressing_send_twice_gives_one_ballot_and_the_same_receipt(
    eva: Callable[..., Answering], database: Database
) -> None:
    answering = eva()
    last = answering.go_to_last_page()
    first = answering.press(last, "send", given(STEADY, range(21, 31)))
    again = answering.press(last, "send", given(STEADY, range(21, 31)))
    assert RECEIPT.findall(first.html) == RECEIPT.findall(again.html)
    assert "had already been received" in again.text
    assert count(database, Ballot) == 1


def test_a_second_form_is_not_stored_and_says_so(
    eva: Callable[..., Answering], database: Database
) -> None:
    answering = eva()
    one, other = answering.go_to_last_page(), answering.go_to_last_page()
    answering.press(one, "send", given(STEADY, range(21, 31)))
    shown = answering.press(other, "send", given(STEADY, range(21, 31)))
    assert "What you sent just now was not stored" in shown.text
    assert RECEIPT.search(shown.html) is None
    assert count(database, Ballot) == 1


@EITHER_LANGUAGE
def test_whoever_has_answered_is_not_asked_again(
    eva: Callable[..., Answering], language: str
) -> None:
    answering = eva(language)
    answering.answer()
    page = answering.browser.get(answering.path)
    assert "item1" not in page.html
    assert f"{answering.path}/receipt" in page.html


@EITHER_LANGUAGE
def test_a_ballot_after_closing_is_refused_with_a_clear_page(
    eva: Callable[..., Answering], database: Database, clock: Clock, language: str
) -> None:
    clock.forward(days=14)
    answering = eva(language)
    shown = answering.browser.post_as_is(answering.path, answering.sheet(), 409)
    said = {"en": "it was not stored", "da": "det er ikke gemt"}
    assert said[language] in shown.text
    answering.browser.get(answering.path, 409)
    check_nothing_is_stored(database)


def test_a_round_that_never_was_is_not_found(client_of: ClientOf, open_round: UUID) -> None:
    browser = client_of("Eva")
    browser.get(f"/check-in/{uuid4()}", 404)
    browser.get(f"/check-in/{uuid4()}/receipt", 404)


def test_somebody_outside_the_roster_is_not_asked(client_of: ClientOf, open_round: UUID) -> None:
    client_of("Susan").get(f"/check-in/{open_round}", 404)


def test_changed_questions_are_refused_rather_than_mislabelled(
    eva: Callable[..., Answering], database: Database, open_round: UUID
) -> None:
    change_words(database, open_round)
    answering = eva()
    shown = answering.browser.get(answering.path, 409)
    assert "The questions have been changed since this round opened" in shown.text
    answering.browser.post_as_is(answering.path, answering.sheet(), 409)
    check_nothing_is_stored(database)


def test_whoever_has_begun_can_stop_although_the_questions_were_changed(
    eva: Callable[..., Answering], database: Database, open_round: UUID
) -> None:
    answering = eva()
    first = answering.start()
    change_words(database, open_round)
    assert "stopped" in answering.press(first, "stop", given(STEADY, range(1, 4))).text
    check_nothing_is_stored(database)


def test_whoever_has_answered_is_told_so_although_the_questions_were_changed(
    eva: Callable[..., Answering], database: Database, open_round: UUID
) -> None:
    answering = eva()
    answering.answer()
    change_words(database, open_round)
    assert "You have answered" in answering.browser.get(answering.path).text


def test_a_scale_with_too_few_answers_is_explained_not_scored(
    eva: Callable[..., Answering],
) -> None:
    without_two_of_cs = tuple(0 if item in {3, 6} else a for item, a in enumerate(STEADY, 1))
    shown = eva().answer(without_two_of_cs)
    assert "two or more of its ten questions unanswered" in shown.text
    assert shown.text.count("Your figure is") == 2


@EITHER_LANGUAGE
def test_whoever_leads_everything_is_told_before_and_after(
    hanne_leads_everything: None,
    client_of: ClientOf,
    rounds: RoundRunner,
    database: Database,
    language: str,
) -> None:
    hanne = Answering(client_of("Hanne", language=language), rounds.open())
    said = {"en": "not part of any figure", "da": "tæller ikke med i noget tal"}[language]
    assert said in hanne.browser.get("/").text
    assert said in hanne.browser.get(hanne.path).text
    shown = hanne.answer()
    assert said in shown.text
    assert RECEIPT.search(shown.html) is None
    assert count(database, Ballot) == 0
    assert said in hanne.browser.get("/").text
    assert said in hanne.browser.get(hanne.path).text
    assert said in hanne.browser.post_as_is(hanne.path, hanne.sheet(), 200).text
