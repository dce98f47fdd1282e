"""The rules behind verdicts and suggestions of support, for everybody who is signed in."""

from flask import render_template

from wellbeing.actions.references import find_level_reference
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.web.employee import flag_rules_words as words
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.shared.reference_words import say_averages, say_source
from wellbeing.web.shared.services import reading
from wellbeing.web.team_page.words import say_rule


@blueprint.get("/flag-rules")
def flag_rules() -> Page:
    """Every rule as it is loaded, with its numbers in words, what it costs and what it finds."""
    rules = load_flag_rules()
    with reading() as db:
        reference = find_level_reference(db)
    return render_template(
        "employee/flag_rules.html",
        rules=[words.describe_rule(rule, reference) for rule in rules.rows],
        averages=say_averages(reference),
        source=say_source(reference),
        change_rule=say_rule(rules.trend),
        numbers=words.list_numbers(rules.trend),
        measured=words.describe_measured(rules.measured) if rules.measured else None,
    )
