"""Finds the folders that ship beside the package, in a checkout and in an installed wheel."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str, *below: str) -> Path:
    """The folder `templates`, `migrations` or `config`, or one below it; FileNotFoundError if it is
    absent.
    """
    for home in (_PACKAGE / "_bundled", _PACKAGE.parent):
        candidate = home.joinpath(name, *below)
        if candidate.is_dir():
            return candidate
    path = "/".join((name, *below))
    raise FileNotFoundError(f"The folder '{path}' is missing from this installation.")
