"""`wellbeing serve --all-organisations`: the pages of each organisation at its own host."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from wellbeing.app import create_app
from wellbeing.by_host import ByHost
from wellbeing.commands.context import read_settings_of
from wellbeing.commands.serve import check_can_serve
from wellbeing.domain.errors import BadInput
from wellbeing.organisations import (
    check_apart,
    find_organisations,
    folder_of_organisations,
    get_organisation,
)
from wellbeing.settings import Settings


def make_by_host(areas: Sequence[str], *, alone: bool, ready: int) -> Callable[..., Any]:
    """The application of all; BadInput where two have an address or files in common.

    One whose settings, keys or database are not as they must be is told about when it is asked for,
    and keeps nobody else from being served.
    """
    for area in areas:  # what all applications share is in memory once, before workers fork
        import_module(f"wellbeing.web.{area}.routes")
    by_host = ByHost(
        find_hosts, _version, lambda name: make_app(name, areas, alone=alone), ready=ready
    )
    proxies = Settings().proxies
    if not proxies:
        return by_host
    # As each application does for itself: whoever answers is chosen by the name that it will see.
    return ProxyFix(by_host, x_for=proxies, x_proto=proxies, x_host=proxies)


def find_hosts() -> dict[str, str]:
    """Which organisation each host belongs to."""
    organisations = find_organisations()
    check_apart(organisations)
    hosts = {}
    for organisation in organisations:
        with suppress(BadInput):  # its file cannot be read: it has no host until it can
            hosts[organisation.host] = organisation.name
    return {host: name for host, name in hosts.items() if host}


def make_app(name: str, areas: Sequence[str], *, alone: bool) -> Flask:
    """The application of one; BadInput or UnfitKeys where it cannot be served."""
    settings = read_settings_of(get_organisation(name))
    check_can_serve(settings, tuple(areas), alone=alone)
    return create_app(settings, areas=areas)


def _version() -> object:
    """Changes when an organisation comes or goes."""
    root = folder_of_organisations()
    return root.stat().st_mtime_ns if root.is_dir() else None
