"""Choosing what levels are compared with."""

import pytest

from tests.actions.test_references import (
    POOLED,
    TEACHERS,
    WORN,
    count_choices,
    in_use,
    publish_rounds,
)
from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.own_reference import OWN_REFERENCE_ID
from wellbeing.store.sessions import Database
from wellbeing.web.hr.reference_words import MEANINGS
from wellbeing.web.shared.reference_words import SAMPLES

PATH = "/hr/reference"


def test_every_sample_that_is_shipped_has_words() -> None:
    shipped = {sample.id for sample in load_instrument().references}
    assert set(SAMPLES) == {*shipped, OWN_REFERENCE_ID}
    assert set(MEANINGS) == {POOLED, TEACHERS, OWN_REFERENCE_ID}


@pytest.mark.parametrize("language", ["da", "en"])
def test_each_sample_is_shown_with_its_averages_and_source(
    client_of: ClientOf, cast: Cast, language: str
) -> None:
    text = client_of("Hanne", language=language).get(PATH).text
    for sample in load_instrument().references:
        assert sample.source in text
        for mean in sample.mean.values():
            assert f"{mean:g}".replace(".", "," if language == "da" else ".") in text


@on_both_databases
def test_a_choice_is_in_use_at_once_and_says_who_made_it(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    browser = client_of("Hanne", language="en")
    assert "Nobody has chosen yet" in browser.get(PATH).text
    browser.post(f"{PATH}/choose", {"sample": TEACHERS})
    text = browser.get(PATH).text
    assert "Chosen: Teachers in the United States." in text
    assert "In use now: Teachers in the United States" in text
    assert "(Hanne Thomsen)" in text
    assert in_use(database).id == TEACHERS


@pytest.mark.parametrize("sample", ["", "no-such-sample", "norwegian-child-protection"])
def test_a_sample_that_cannot_be_chosen_is_refused_in_words(
    client_of: ClientOf, database: Database, cast: Cast, sample: str
) -> None:
    browser = client_of("Hanne", language="en")
    browser.post(f"{PATH}/choose", {"sample": sample})
    assert "Choose one of the samples on the page." in browser.get(PATH).text
    assert count_choices(database) == (0, 0)


def test_below_200_answers_the_page_says_about_how_many_are_missing(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    publish_rounds(database, cast, clock.now(), 7)
    browser = client_of("Hanne", language="en")
    text = browser.get(PATH).text
    assert "About 200 are still missing." in text
    assert "193" not in text
    browser.post(f"{PATH}/choose", {"sample": OWN_REFERENCE_ID})
    assert "from 200 published answers on" in browser.get(PATH).text
    assert count_choices(database) == (0, 0)


def test_from_200_answers_on_the_own_figures_can_be_chosen_and_taken_anew(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    publish_rounds(database, cast, clock.now(), 107, 107)
    browser = client_of("Hanne", language="en")
    assert "Where everybody is strained, nobody lies above" in browser.get(PATH).text
    browser.post(f"{PATH}/choose", {"sample": OWN_REFERENCE_ID})
    text = browser.get(PATH).text
    assert "In use now: The organisation's own figures" in text
    assert "about 210 answers in published figures" in text
    assert "214" not in text
    assert "Use the figures of today" not in text
    clock.forward(days=91)
    publish_rounds(database, cast, clock.now(), 90, points={**WORN, Scale.BO: 20})
    assert "Use the figures of today" in client_of("Hanne", language="en").get(PATH).text


@pytest.mark.parametrize("name", ["Hugo", "Lis", "Sara", "Eva", "Susan", "Adam", "Dina"])
def test_only_hr_of_the_whole_organisation_chooses(
    client_of: ClientOf, database: Database, cast: Cast, name: str
) -> None:
    client_of(name).get(PATH, 404)
    client_of(name).post(f"{PATH}/choose", {"sample": TEACHERS}, 404)
    assert count_choices(database) == (0, 0)


def test_the_page_of_rounds_leads_there_for_whoever_may_choose(
    client_of: ClientOf, cast: Cast
) -> None:
    assert f'href="{PATH}"' in client_of("Hanne").get("/hr/rounds").html
    assert f'href="{PATH}"' not in client_of("Hugo").get("/hr/rounds").html
