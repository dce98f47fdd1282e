"""Rounds for tests of walls."""

from tests.web.employee.conftest import open_round, rounds

__all__ = ["open_round", "rounds"]
