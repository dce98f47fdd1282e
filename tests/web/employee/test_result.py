"""What a score is called beside the reference sample and beside the one before."""

import pytest

from wellbeing.domain.advice import Occasion
from wellbeing.domain.instrument import Band, Scale, load_instrument
from wellbeing.web.employee.result import (
    CHANGES,
    SCALE_ABOUT,
    SCALE_NAMES,
    SENTENCES,
    SHORT,
    Change,
    Direction,
    Standing,
    change_of,
    describe,
    occasions_of,
    reference_of,
    standing_of,
)

INSTRUMENT = load_instrument()


def test_every_scale_standing_and_change_has_its_words() -> None:
    assert set(SENTENCES) == {(scale, standing) for scale in Scale for standing in Standing}
    assert set(SHORT) == set(Standing)
    assert set(CHANGES) == set(Change)
    assert set(SCALE_NAMES) == set(SCALE_ABOUT) == set(Scale)


def test_the_reference_is_the_pooled_sample() -> None:
    assert reference_of(INSTRUMENT).n == 5612


# Burnout: mean 22.8, standard error 2.7, SD 5.4.
@pytest.mark.parametrize(
    ("score", "standing"),
    [
        (17, Standing.CLEARLY_BELOW),
        (18, Standing.BELOW),
        (20, Standing.BELOW),
        (21, Standing.NEAR),
        (25, Standing.NEAR),
        (26, Standing.ABOVE),
        (28, Standing.ABOVE),
        (29, Standing.CLEARLY_ABOVE),
    ],
)
def test_near_is_within_the_error_and_clearly_is_beyond_one_sd(
    score: int, standing: Standing
) -> None:
    assert standing_of(INSTRUMENT, Scale.BO, score) is standing


@pytest.mark.parametrize("scale", list(Scale))
def test_a_change_counts_from_the_reliable_change_on(scale: Scale) -> None:
    points = INSTRUMENT.reliable_change[scale]
    assert change_of(INSTRUMENT, scale, 20, 20 + points) is Change.UP
    assert change_of(INSTRUMENT, scale, 30, 30 - points) is Change.DOWN
    assert change_of(INSTRUMENT, scale, 20, 20 + points - 1) is Change.UNCLEAR


def test_a_scale_not_scored_has_neither_band_nor_standing_nor_change() -> None:
    cs, bo, _sts = describe(INSTRUMENT, (0, 22, 42), before=(30, 0, 20))
    assert (cs.band, cs.standing, cs.change) == (None, None, None)
    assert (bo.band, bo.change) == (Band.LOW, None)


def test_strain_that_the_published_band_calls_moderate_is_not_waved_away() -> None:
    bo = describe(INSTRUMENT, (37, 35, 17))[1]
    assert (bo.band, bo.standing) == (Band.MODERATE, Standing.CLEARLY_ABOVE)


@pytest.mark.parametrize(
    ("scores", "occasions"),
    [
        ((37, 23, 17), set()),
        ((50, 10, 10), set()),
        ((32, 28, 22), set()),
        ((31, 23, 17), {Occasion.LITTLE_SATISFACTION}),
        ((37, 29, 23), {Occasion.MUCH_BURNOUT, Occasion.MUCH_SECONDARY_STRESS}),
        ((0, 0, 0), set()),
    ],
)
def test_advice_follows_what_stands_out_from_the_reference(
    scores: tuple[int, int, int], occasions: set[Occasion]
) -> None:
    results = describe(INSTRUMENT, scores)
    assert occasions_of(results) == occasions
    assert all(result.band is not Band.HIGH or result.scale is Scale.CS for result in results)


def test_more_burnout_is_heavier_and_more_satisfaction_is_lighter() -> None:
    before, after = (30, 20, 20), (40, 30, 21)
    directions = [result.direction for result in describe(INSTRUMENT, after, before)]
    assert directions == [Direction.LIGHTER, Direction.HEAVIER, None]
    back = [result.direction for result in describe(INSTRUMENT, before, after)]
    assert back == [Direction.HEAVIER, Direction.LIGHTER, None]
