"""Runs an application under gunicorn from code."""

import gc
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class GunicornServer(BaseApplication):  # type: ignore[misc]
    """A gunicorn with given options; the application is made once, before workers fork."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hands the options over; no configuration file is read."""
        for name, value in self._options.items():
            self.cfg.set(name, value)
        # Newer versions open a socket in the home folder that takes orders; nobody asked for one.
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)

    def load(self) -> Flask:
        """The application; its database connections are opened in each worker."""
        app = self._make_app()
        _share_with_workers(app)
        return app


def _share_with_workers(app: Flask) -> None:
    """Does once, before workers fork, what each of them would do for itself and keep for itself."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    # What is never looked at for being garbage stays where it is, in memory that all share.
    gc.collect()
    gc.freeze()
