"""config/effects.toml is read whole or refused, and its page tells its numbers."""

from pathlib import Path

import pytest

from tests.domain.effect_tables import make_settings_table
from wellbeing.domain.effect_rules import load_effect_rules
from wellbeing.domain.errors import BadInput

RULES = load_effect_rules()


def test_rules_that_cannot_be_used_name_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "effects.toml"
    numbers = dict.fromkeys(vars(RULES), "3") | {"min_units": "0", "effect_sd": '"much"'}
    path.write_text("\n".join(f"{name} = {value}" for name, value in numbers.items()))
    with pytest.raises(BadInput) as refusal:
        load_effect_rules(path)
    assert [fault.split(":")[0] for fault in refusal.value.faults] == ["min_units", "effect_sd"]


@pytest.mark.parametrize("text", ["settling_days = ", "settling_days = 30", "unknown = 1"])
def test_rules_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "effects.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"effects\.toml cannot be read"):
        load_effect_rules(path)


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "0.0", "true"])
def test_an_effect_spread_without_sense_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "effects.toml"
    numbers = {name: str(number) for name, number in vars(RULES).items()} | {"effect_sd": value}
    path.write_text("\n".join(f"{name} = {number}" for name, number in numbers.items()))
    with pytest.raises(BadInput, match="numbers that cannot be used"):
        load_effect_rules(path)


def test_the_page_on_effects_has_the_rules_as_they_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "support-effects.md"
    assert make_settings_table() in page.read_text(encoding="utf-8")
