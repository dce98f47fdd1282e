"""Fixtures for leader pages: the past that was played, read by a process of the leader's own."""

import pytest

from tests.web.past import cast, clock, flags, past, rounds_past, sqlite_database

__all__ = ["cast", "clock", "flags", "past", "rounds_past", "sqlite_database"]


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The leader's pages run as a process of their own."""
    return ("leader",)
