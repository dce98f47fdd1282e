"""Many organisations in one process: the host that a request names decides whose pages answer.

Each organisation has an application of its own, with its own database, keys, cookies and sign-ins;
this module only hands the request on. Of those that were asked for last some stay ready, the others
are made when they are next asked for.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from time import monotonic
from typing import Any

from flask import Flask
from werkzeug.wrappers import Response
from werkzeug.wsgi import ClosingIterator, get_host

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
log = logging.getLogger("wellbeing.organisations")

_RETRY_SECONDS = 10
_NOBODY = "Here is nobody. Check the address.\nHer er ingen. Se adressen efter.\n"
_LATER = (
    "These pages are closed for a moment. Try again in a few minutes.\n"
    "Siderne er lukket et øjeblik. Prøv igen om nogle minutter.\n"
)


@dataclass
class _Place:
    """An organisation's application, made by the first who asks; `users` are inside just now."""

    lock: Lock = field(default_factory=Lock)
    app: Flask | None = None
    users: int = 0


class ByHost:
    """A WSGI application of applications.

    `find_hosts` says which organisation each host belongs to, and is asked again when `version`,
    asked at each request, differs; `make` makes the application of one, or raises: that
    organisation then answers 503, and is tried again after ten seconds. `ready`: how many are kept;
    more only while all are in use.
    """

    def __init__(
        self,
        find_hosts: Callable[[], Mapping[str, str]],
        version: Callable[[], object],
        make: Callable[[str], Flask],
        *,
        ready: int,
    ) -> None:
        self._find_hosts = find_hosts
        self._version = version
        self._make = make
        self._ready = ready
        self._known = version()
        self._hosts = find_hosts()
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._failed: dict[str, float] = {}
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers as the organisation of this host does; 404 where there is none."""
        name = self._find(get_host(environ).lower())
        if name is None:
            return _say_that_nobody_is_here(environ)(environ, start_response)
        place = self._enter(name)
        try:
            app = self._app_of(name, place)
            answer = app(environ, start_response)
        except Exception as fault:
            self._leave(place)
            if place.app is not None:
                raise
            log.error("%s cannot be served: %s", name, fault)
            return _closed()(environ, start_response)
        return ClosingIterator(answer, [lambda: self._leave(place)])

    def close(self) -> None:
        """Closes every connection to a database."""
        with self._lock:
            while self._places:
                _close(self._places.popitem()[1])

    def _find(self, host: str) -> str | None:
        version = self._version()
        if version != self._known:
            self._look_again(version)
        return self._hosts.get(host)

    def _look_again(self, version: object) -> None:
        with self._lock:
            if version == self._known:
                return
            self._known = version
            try:
                self._hosts = self._find_hosts()
            except Exception as fault:  # those that were served before are served on
                log.error("The organisations cannot be read anew: %s", fault)
            gone = set(self._places) - set(self._hosts.values())
            for name in gone:
                _close(self._places.pop(name))

    def _enter(self, name: str) -> _Place:
        with self._lock:
            place = self._places.setdefault(name, _Place())
            self._places.move_to_end(name)
            place.users += 1
            idle = [name for name, each in self._places.items() if not each.users]
            for old in idle[: max(len(self._places) - self._ready, 0)]:
                _close(self._places.pop(old))
            return place

    def _leave(self, place: _Place) -> None:
        with self._lock:
            place.users -= 1

    def _app_of(self, name: str, place: _Place) -> Flask:
        # Each has a lock of its own: one whose database hangs holds up nobody else.
        with place.lock:
            if place.app is None:
                if monotonic() - self._failed.get(name, -_RETRY_SECONDS) < _RETRY_SECONDS:
                    raise _FailedJustNow("it was tried a moment ago")
                try:
                    place.app = self._make(name)
                except Exception:
                    self._failed[name] = monotonic()
                    raise
            return place.app


class _FailedJustNow(Exception):
    """Making this application failed a moment ago."""


def _close(place: _Place) -> None:
    if place.app is not None:
        place.app.extensions["wellbeing"].database.close()


def _say_that_nobody_is_here(environ: Environ) -> Response:
    # A load balancer asks by number whether the process is there at all.
    if environ.get("PATH_INFO") == "/healthz":
        return Response("ok\n", mimetype="text/plain")
    return Response(_NOBODY, HTTPStatus.NOT_FOUND, mimetype="text/plain")


def _closed() -> Response:
    headers = {"Retry-After": str(_RETRY_SECONDS), "Cache-Control": "no-store"}
    return Response(_LATER, HTTPStatus.SERVICE_UNAVAILABLE, headers, mimetype="text/plain")
