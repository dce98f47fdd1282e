"""Long lists in pages of fifty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

PER_PAGE = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageOf(Generic[T]):
    """One page of a list: its rows, which page this is, and how many rows there are in all."""

    rows: Sequence[T]
    number: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return last_page(self.total)


def last_page(total: int) -> int:
    """How many pages so many rows fill; at least one."""
    return max(1, -(-total // PER_PAGE))


def page_within(wanted: int, total: int) -> int:
    """The page asked for, or the nearest that exists."""
    return min(max(1, wanted), last_page(total))
