"""Runs an application under gunicorn from code."""

import gc
from collections.abc import Callable
from typing import Any

from flask import Flask
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

        self.cfg.set("post_fork", _begin_worker)

    def load(self) -> WsgiApp:
        """The application, made before workers fork; its connections are opened in each of them."""
        app = self._make_app()
        _share_with_workers(app)
        return app


def _begin_worker(server: Any, _worker: Any) -> None:
    """A connection that a process and its child both use mixes up their answers."""
    app = server.app.wsgi()
    # Of many organisations none is made before the fork.
    services = getattr(app, "extensions", {}).get("wellbeing")
    if services is not None:
        services.database.forget_connections()


def _share_with_workers(app: WsgiApp) -> None:
    """Does once, before workers fork, what each of them would do for itself and keep for itself."""
    if isinstance(app, Flask):
        for name in app.jinja_env.list_templates(extensions=["html"]):
            app.jinja_env.get_template(name)
    # What is never looked at for being garbage stays where it is, in memory that all share.
    gc.collect()
    gc.freeze()
