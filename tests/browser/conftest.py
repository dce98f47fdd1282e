"""Fixtures for the walk: a site on a port of this machine, real mail, and a real browser."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.windows import Window, chromium, open_window
from tests.cast import email_of
from tests.conftest import NO_BROWSER
from tests.crawler import House, read_mails
from tests.web.browser import Browser as ClientBrowser
from wellbeing.demo.mail_server import mail_server
from wellbeing.store.sessions import Database

OpenWindow = Callable[..., Window]


class Site(House):
    """A house that is served, with its mail in a folder."""

    def mails_to(self, name: str) -> list[EmailMessage]:
        """What the named person has got so far, first to last."""
        mails = read_mails(self.settings.data / "mail")
        return [mail for mail in mails if email_of(name) in str(mail["To"])]

    def newest_mail_to(self, name: str) -> EmailMessage:
        """The last mail the named person got."""
        return max(self.mails_to(name), key=lambda mail: str(mail["Date"].datetime))

    def let_in(self, window: Window, name: str) -> None:
        """The named person has signed in with this window, in as many steps as it takes."""
        visitor = ClientBrowser(self.app)
        visitor.sign_in_with(self.begin_sign_in(name))
        cookie = visitor.client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        there = {"name": cookie.key, "value": cookie.value, "url": self.settings.base_url}
        window.page.context.add_cookies([there])  # type: ignore[list-item]
        window.go("/")


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serves the app on a port of this machine while the block runs."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this test process."""
    with chromium() as running:
        if running is None:
            pytest.skip(NO_BROWSER)
        yield running


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path, now: datetime) -> Iterator[Site]:
    """The cast's organisation, served."""
    port = free_port()
    with mail_server(tmp_path / "mail") as smtp_port:
        site = Site(sqlite_database, tmp_path, now, smtp_port, f"http://127.0.0.1:{port}")
        with serving(site.app, port):
            yield site
        site.close()


@pytest.fixture
def window(browser: Browser, site: Site) -> Iterator[OpenWindow]:
    """`window("Hanne", width=360, is_dark=True)`: a window the named person has signed in with,
    or a stranger's for None.
    """
    opened: list[Window] = []

    def open_for(name: str | None, **options: object) -> Window:
        made = open_window(browser, site.settings.base_url, **options)  # type: ignore[arg-type]
        opened.append(made)
        if name:
            site.let_in(made, name)
        return made

    yield open_for
    for made in opened:
        made.page.context.close()
