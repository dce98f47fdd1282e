"""Addresses that somebody asks to be led to."""
"""Addresses of our own, told from those of others."""

import re

from flask import request

# One slash and then a name: browsers read // and /\ as another host, and skip tabs and newlines.
_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def local_address(wanted: str | None) -> str:
    """The address if it is one of ours, else the front page."""
    return wanted if wanted and _OURS.fullmatch(wanted) else f"{request.script_root}/"
