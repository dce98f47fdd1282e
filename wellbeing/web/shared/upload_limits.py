"""The few pages that take a file may be sent more than others, by whoever may open them."""

from flask import Flask, request

from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.policy import can_open

# A file of five million bytes, and the form around it.
_MOST_BYTES = {"admin.wordings": 5_100_000}


def install_upload_limits(app: Flask) -> None:
    """To be installed before anything that reads a form: it decides how much is read at all."""
    app.before_request(_allow_uploads)


def _allow_uploads() -> None:
    most = _MOST_BYTES.get(request.endpoint or "")
    if most and request.method == "POST" and can_open(request.endpoint, current_roles()):
        request.max_content_length = most
