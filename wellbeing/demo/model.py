"""Where the demo's answers come from: a stated model, drawn with a fixed seed.

A person's sum on a scale is the reference mean of the pooled sample (De La Rosa 2018) plus what
their team has in common, plus what is theirs, plus the day, plus the planted story of the team:

    sum = mean + SD × (0.35 team + √(0.7 − 0.35²) person + √0.3 day) + story

so that the correlation of one person's sums in two rounds is about .7. Burnout moves against
compassion satisfaction (−.77) in the personal part. The sum is then spread over the ten items at
random; no answer is typed in by hand.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wellbeing.demo.organisation import BURNOUT_TEAM, HELPED_TEAM, INCIDENT_TEAM
from wellbeing.domain.instrument import HIGHEST_SCORE, LOWEST_SCORE, Instrument, Scale

TEAM_SHARE = 0.35
STABILITY = 0.7
SATISFACTION_AND_BURNOUT = -0.77
RESPONSE = 0.82
RATHER_NOT = 0.004

# Points added to a team's sums in rounds 1 to 7: the three stories the demo tells.
STORIES: dict[str, dict[Scale, tuple[float, ...]]] = {
    BURNOUT_TEAM: {
        Scale.BO: (0, 0, 1, 3, 6, 8, 8),
        Scale.CS: (0, 0, 0, -2, -3, -4, -4),
    },
    INCIDENT_TEAM: {Scale.STS: (0, 0, 0, 0, 0, 9, 7)},
    HELPED_TEAM: {
        Scale.BO: (0, 7, 8, 4, 0, -1, -1),
        Scale.CS: (0, -3, -4, -1, 0, 1, 1),
    },
}


@dataclass
class AnswerModel:
    """Draws answers for people by number and team; the same seed draws the same answers."""

    instrument: Instrument
    seed: int = 20260
    _rng: np.random.Generator = field(init=False)
    _people: dict[str, NDArray[np.float64]] = field(init=False, default_factory=dict)
    _teams: dict[str, NDArray[np.float64]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def takes_part(self) -> bool:
        """Whether somebody answers this time."""
        return bool(self._rng.random() < RESPONSE)

    def draw(self, person: str, team: str, round_number: int) -> tuple[int, ...]:
        """Thirty answers, 1–5 and seldom 0, of one person in one round (from 1)."""
        pooled = self.instrument.references[0]
        own = self._people.setdefault(person, self._draw_person())
        shared = self._teams.setdefault(team, self._rng.standard_normal(3))
        day = self._rng.standard_normal(3)
        personal = np.sqrt(STABILITY - TEAM_SHARE**2)
        answers = [0] * self.instrument.items
        for at, scale in enumerate(Scale):
            parts = TEAM_SHARE * shared[at] + personal * own[at] + np.sqrt(1 - STABILITY) * day[at]
            story = STORIES.get(team, {}).get(scale, (0.0,) * 7)[round_number - 1]
            total = pooled.mean[scale] + pooled.sd[scale] * parts + story
            self._spread(answers, scale, total)
        return tuple(answers)

    def _draw_person(self) -> NDArray[np.float64]:
        own = self._rng.standard_normal(3)
        rest = np.sqrt(1 - SATISFACTION_AND_BURNOUT**2)
        own[1] = SATISFACTION_AND_BURNOUT * own[0] + rest * own[1]
        return own

    def _spread(self, answers: list[int], scale: Scale, total: float) -> None:
        """Gives ten items answers that sum to `total`, reversed items turned round."""
        left = int(np.clip(round(total), LOWEST_SCORE, HIGHEST_SCORE)) - LOWEST_SCORE
        values = np.ones(len(self.instrument.subscales[scale]), dtype=int)
        while left:
            at = self._rng.integers(values.size)
            if values[at] < self.instrument.highest_answer:
                values[at] += 1
                left -= 1
        for item, value in zip(self.instrument.subscales[scale], values, strict=True):
            turned = item in self.instrument.reversed_items
            answers[item - 1] = 6 - int(value) if turned else int(value)
            if self._rng.random() < RATHER_NOT:
                answers[item - 1] = 0
