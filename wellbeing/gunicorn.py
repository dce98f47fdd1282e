"""Runs an application under gunicorn from code."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

WsgiApp = Callable[..., Any]


class GunicornServer(BaseApplication):  # type: ignore[misc]
    """A gunicorn with given options; the application is made once, before workers fork."""

    def __init__(self, make_app: Callable[[], WsgiApp], options: dict[str, Any]) -> None:
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

    def load(self) -> WsgiApp:
        """The application; its database connections are opened in each worker."""
        return self._make_app()
