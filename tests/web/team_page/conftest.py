"""Fixtures for the team page: the past that was played, and both areas that show the page."""

import pytest

from tests.web.past import cast, clock, flags, past, rounds_past, sqlite_database

__all__ = ["cast", "clock", "flags", "past", "rounds_past", "sqlite_database"]


@pytest.fixture
def areas() -> tuple[str, ...]:
    """Those who show the page."""
    return ("employee", "leader")
