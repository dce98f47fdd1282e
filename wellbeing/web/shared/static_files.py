"""Style sheets, scripts and pictures: named by their content, and so kept for a year."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

_KEPT = "public, max-age=31536000, immutable"
_HASH_LENGTH = 12


def install_static_files(app: Flask) -> None:
    """Every address of a static file names its content; a file asked for by it never goes stale.

    FileNotFoundError at the start where the style sheet was not built.
    """
    folder = Path(app.static_folder or "")
    if not (folder / "vendor" / "dkfds.css").exists():
        raise FileNotFoundError(
            "The style sheet is missing. Build it with: python config/styles/build_hook.py"
        )

    known: dict[str, str] = {}

    def name_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            name = values["filename"]
            if name not in known and (folder / name).is_file():
                known[name] = _hash(folder / name)
            if name in known:
                values["v"] = known[name]

    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code < 400 and "v" in request.args:
            response.headers["Cache-Control"] = _KEPT
        return response

    app.url_defaults(name_content)
    app.after_request(keep)


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:_HASH_LENGTH]
