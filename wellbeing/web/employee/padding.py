"""Pages about one's own answers have a length that says nothing of them.

Encryption hides what a page says and not how long it is; a result in other words, or with more
advice, is otherwise told apart by whoever sees the network.
"""

from flask import Response, request

# Twice the longest result page of any score, so that all of them have one length
# (tests/web/walls/test_leaks.py).
STEP = 32 * 1024
_PADDED = frozenset(
    {
        "employee.checkin",
        "employee.receipt",
        "employee.diary",
        "employee.delete_diary_entry",
    }
)
_BEFORE, _AFTER = b"<!-- ", b" -->"


def pad_page(response: Response) -> Response:
    """Lengthens a page to a multiple of `STEP` bytes, and asks that nobody packs it on its way:
    packed, its length would tell again.
    """
    if request.endpoint in _PADDED and response.mimetype == "text/html":
        page = response.get_data()
        missing = -(len(page) + len(_BEFORE) + len(_AFTER)) % STEP
        response.set_data(b"".join((page, _BEFORE, b"." * missing, _AFTER)))
        response.headers["Cache-Control"] = "no-store, no-transform"
    return response
