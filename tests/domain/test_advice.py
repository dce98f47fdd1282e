"""Advice comes in three layers, and first for what stands out."""

from itertools import chain, combinations
from pathlib import Path

import pytest

from wellbeing.domain.advice import MOST_SHOWN, Layer, Occasion, choose_advice, load_advice
from wellbeing.domain.errors import BadInput
from wellbeing.texts import available_locales

OWN = [occasion for occasion in Occasion if occasion is not Occasion.EVERYBODY]
EVERY_MIX = list(chain.from_iterable(combinations(OWN, n) for n in range(len(OWN) + 1)))
ONE = '[[yourself]]\nfor = ["everybody"]\ntext = { da = "x" }\n'
WHOLE = ONE + ONE.replace("yourself", "together") + ONE.replace("yourself", "professional")


def test_every_piece_is_written_in_every_language() -> None:
    for piece in chain.from_iterable(load_advice().values()):
        assert set(piece.text) == set(available_locales())


@pytest.mark.parametrize("mix", EVERY_MIX)
def test_each_layer_has_something_for_everybody_and_never_too_much(
    mix: tuple[Occasion, ...],
) -> None:
    chosen = choose_advice(load_advice(), set(mix))
    assert list(chosen) == list(Layer)
    for pieces in chosen.values():
        assert 1 <= len(pieces) <= MOST_SHOWN
        assert any(Occasion.EVERYBODY in piece.occasions for piece in pieces)
        assert all(piece.occasions & {Occasion.EVERYBODY, *mix} for piece in pieces)


@pytest.mark.parametrize("mix", EVERY_MIX)
def test_whatever_stands_out_has_a_piece_of_its_own_in_every_layer(
    mix: tuple[Occasion, ...],
) -> None:
    for pieces in choose_advice(load_advice(), set(mix)).values():
        assert set(mix) <= frozenset().union(*(piece.occasions for piece in pieces))


def test_what_is_for_whoever_stands_out_comes_first() -> None:
    first = choose_advice(load_advice(), {Occasion.MUCH_BURNOUT})[Layer.TOGETHER][0]
    assert Occasion.MUCH_BURNOUT in first.occasions


@pytest.mark.parametrize(
    "word", ["alarm", "danger", "must", "diagnos", "farlig", "skal du", "prevent", "forebyg"]
)
def test_no_piece_alarms_orders_or_promises(word: str) -> None:
    for piece in chain.from_iterable(load_advice().values()):
        assert not any(word in text.lower() for text in piece.text.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        ONE,
        WHOLE.replace('["everybody"]', '["much_burnout"]', 1),
        WHOLE.replace('["everybody"]', '["high"]', 1),
        WHOLE.replace('{ da = "x" }', "{}", 1),
    ],
)
def test_advice_that_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "advice.toml"
    file.write_text(WHOLE)
    load_advice(file)
    broken = tmp_path / "broken.toml"
    broken.write_text(text)
    with pytest.raises(BadInput):
        load_advice(broken)
