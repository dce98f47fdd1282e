"""The front page and the page about oneself."""

from uuid import UUID

from tests.cast import Cast
from tests.rounds import RoundRunner
from tests.web.conftest import ClientOf, Clock
from tests.web.employee.conftest import EITHER_LANGUAGE, Answering
from wellbeing.store.accounts import Person
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@EITHER_LANGUAGE
def test_an_open_checkin_is_offered_with_its_closing_time(
    client_of: ClientOf, open_round: UUID, language: str
) -> None:
    shown = client_of("Eva", language=language).get("/")
    assert f'href="/check-in/{open_round}"' in shown.html
    assert {"en": "16 February 2026", "da": "16. februar 2026"}[language] in shown.text


@EITHER_LANGUAGE
def test_whoever_has_answered_is_thanked_and_shown_no_score(
    client_of: ClientOf, open_round: UUID, language: str
) -> None:
    eva = client_of("Eva", language=language)
    Answering(eva, open_round).answer()
    shown = eva.get("/")
    assert {"en": "Thank you.", "da": "Tak."}[language] in shown.text
    assert "40" not in shown.text
    assert f"/check-in/{open_round}/receipt" in shown.html


@EITHER_LANGUAGE
def test_without_a_round_the_page_is_kind_and_names_somebody_to_talk_to(
    client_of: ClientOf, language: str
) -> None:
    text = client_of("Eva", language=language).get("/").text
    assert {"en": "Nothing is waiting", "da": "ikke noget, der venter"}[language] in text
    assert text.index("70 201 201") < text.index("112")


def test_after_closing_the_next_opening_is_named(
    client_of: ClientOf, rounds: RoundRunner, clock: Clock
) -> None:
    rounds.open()
    clock.forward(days=20)
    text = client_of("Eva", language="en").get("/").text
    assert "The next check-in opens" in text
    assert "May 2026" in text


@EITHER_LANGUAGE
def test_my_page_shows_what_is_stored_about_me(client_of: ClientOf, language: str) -> None:
    text = client_of("Lis", language=language).get("/me").text
    assert "Lis Vestergaard" in text
    assert "lis@osterhus.example" in text
    assert "Østerhus / Bostøtte / Anemonen" in text


def test_language_and_reminders_are_changed_on_my_page(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    eva = client_of("Eva")
    eva.post("/me", {"language": "en"}, 302)
    assert "Saved." in eva.get("/me?saved=1").text
    with database.reading(Reach.EVERYTHING) as session:
        person = session.get_one(Person, cast.people["Eva"])
        assert (person.language, person.reminders_stopped) == ("en", True)
    eva.post("/me", {"language": "en", "reminders": "y"}, 302)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Eva"]).reminders_stopped is False


def test_a_language_that_is_none_changes_nothing(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Eva").post("/me", {"language": "xx"}, 422)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Eva"]).language == "da"


def test_whether_i_have_answered_is_named_without_a_score(
    client_of: ClientOf, open_round: UUID
) -> None:
    eva = client_of("Eva", language="en")
    assert "That you have not answered the open check-in" in eva.get("/me").text
    Answering(eva, open_round).answer()
    assert "That you have answered the open check-in" in eva.get("/me").text
