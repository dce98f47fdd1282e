"""The page of the rules: every row of the file in words, for everybody, and nothing besides."""

from dataclasses import fields, replace
from math import inf

import pytest
from flask import Flask

from tests.actions.test_references import TEACHERS, choose
from tests.cast import WHO_PLAYS, Cast
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, Clock
from wellbeing.actions.references import find_shipped
from wellbeing.domain.actor import Actor
from wellbeing.domain.flag_rules import LooksAt, load_flag_rules
from wellbeing.domain.level_model import TrendRules
from wellbeing.store.sessions import Database
from wellbeing.texts import translations_for
from wellbeing.web.employee.flag_rules_words import LOOKS_AT, NUMBERS, describe_rule

RULES = load_flag_rules()
PATH = "/flag-rules"


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_rule_stands_there_with_its_numbers_actions_and_sources(
    client_of: ClientOf, cast: Cast, language: str
) -> None:
    html = client_of("Eva", language=language).get(PATH).html
    texts = translations_for(language)
    for rule in RULES.rows:
        card = html.split(f'id="{rule.id}"')[1].split("</section>")[0]
        for number in (rule.threshold, rule.at_once):
            assert number == inf or texts.format_number(number) in card
        assert str(rule.rounds) in card
        for source in rule.guidance:
            assert source.title in card
            assert f'href="{source.link}"' in card


def test_every_number_of_the_model_has_words_and_its_value(client_of: ClientOf, cast: Cast) -> None:
    assert set(NUMBERS) == {field.name for field in fields(TrendRules)}
    assert set(LOOKS_AT) == set(LooksAt)
    page = client_of("Eva", language="en").get(PATH)
    rows = page.html.split('id="numbers"')[1].split("</table>")[0]
    for name, value in vars(RULES.trend).items():
        row = rows.split(f"<code>{name}</code>")[1].split("</tr>")[0]
        said = (
            "30 studies" if isinstance(value, str) else translations_for("en").format_number(value)
        )
        assert said in row, name


def test_what_the_rules_cost_and_find_is_what_was_measured(client_of: ClientOf, cast: Cast) -> None:
    assert RULES.measured
    page = client_of("Eva", language="en").get(PATH)
    assert RULES.measured.command in page.text
    for team in RULES.measured.teams:
        shares = " ".join(f"{share} %" for share in team.found.values())
        assert f"People in the team: {team.size} {team.false_a_year:g} {shares}" in page.text


def test_the_page_follows_the_file_and_holds_no_number_of_its_own(app: Flask) -> None:
    rule = next(rule for rule in RULES.rows if rule.id == "bo-up")
    changed = replace(rule, threshold=7.25, at_once=inf, rounds=3)
    reference = find_shipped()[0]
    with app.test_request_context():
        before, after = (dict(describe_rule(r, reference).facts) for r in (rule, changed))
    threshold, rounds = list(after)[2:4]
    assert "7,25" in after[threshold]
    assert "3" in after[rounds]
    assert before[threshold] != after[threshold]


def test_levels_are_told_in_points_of_the_sample_in_use(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    text = client_of("Eva", language="en").get(PATH).text
    assert "above 25.5 points" in text
    assert "90 % sure" in text
    choose(database, TEACHERS, clock.now(), Actor.person(cast.people["Hanne"]))
    text = client_of("Eva", language="en").get(PATH).text
    assert "above 30.7 points" in text
    assert "Compared with: Teachers in the United States." in text


@pytest.mark.parametrize("name", sorted(WHO_PLAYS.values()))
def test_everybody_reads_the_same_page(client_of: ClientOf, cast: Cast, name: str) -> None:
    found = client_of(name, language="en").get(PATH).text
    assert "How support comes to be suggested" in found
    assert "Hanne Thomsen" not in found or name == "Hanne"


def test_a_stranger_signs_in_first(app: Flask, cast: Cast) -> None:
    assert Browser(app).get(PATH, 302).location.startswith("/sign-in")
