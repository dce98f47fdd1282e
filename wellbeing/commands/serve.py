"""`wellbeing serve`: the web pages under gunicorn."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from wellbeing.commands.context import open_database, read_settings
from wellbeing.domain.errors import BadInput
from wellbeing.settings import Settings

# What a request may be before any of our code sees it, and how long work may take. Workers are not
# replaced after so many requests: whoever sends one to a worker that is just ending is told that
# the connection broke, and memory stays where it is (docs/performance.md).
LIMITS = {
    "limit_request_line": 4094,
    "limit_request_fields": 60,
    "limit_request_field_size": 8190,
    "timeout": 60,
    "graceful_timeout": 30,
    "keepalive": 5,
    "forwarded_allow_ips": "127.0.0.1,::1",
}


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--areas", default="", help="Only these areas, for example employee,leader.")
@click.option("--all-organisations", "of_all", is_flag=True, help="Of each, by the host's name.")
@click.option(
    "--ready",
    default=32,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="How many organisations each worker keeps ready.",
)
def serve(bind: str, workers: int, threads: int, areas: str, of_all: bool, ready: int) -> None:
    """Serve the pages; run `wellbeing scheduler` beside it."""
    from wellbeing.app import AREAS, create_app
    from wellbeing.commands.serve_all import make_by_host
    from wellbeing.gunicorn import GunicornServer
    from wellbeing.monitoring.server import watch_server

    wanted = tuple(areas.split(",")) if areas else AREAS
    unknown = sorted(set(wanted) - set(AREAS))
    if unknown:
        raise click.UsageError(f"There is no area '{unknown[0]}'. Areas: {', '.join(AREAS)}.")
    settings = read_settings()
    make: Callable[[], Any]
    if of_all:
        make = partial(make_by_host, wanted, alone=not areas, ready=ready)
    else:
        check_can_serve(settings, wanted, alone=not areas)
        make = partial(create_app, settings, areas=wanted)
    options = server_options(bind, workers, threads) | watch_server(settings, bind)
    GunicornServer(make, options).run()


def server_options(bind: str, workers: int, threads: int) -> dict[str, Any]:
    """How gunicorn runs. Its sign of life is a file, which a busy disk would hold up."""
    memory = Path("/dev/shm")  # nosec B108  # memory, no folder of ours
    return {
        "bind": bind,
        "workers": workers,
        "threads": threads,
        "worker_class": "wellbeing.buffered_worker.BufferedWorker",
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,
        "preload_app": True,
        **LIMITS,
    }


def check_can_serve(settings: Settings, areas: tuple[str, ...], *, alone: bool) -> None:
    """BadInput where the database is not ours or too old, or where keys would be made anew."""
    from wellbeing.crypto.secrets import has_app_key
    from wellbeing.store.logins import find_reaches_beyond
    from wellbeing.store.reach import Reach

    if alone:
        with open_database(settings):
            return
    if not has_app_key(settings.key_folder):
        raise BadInput(
            "A process of some areas signs cookies with the key of the others: copy app.secret "
            "into its key folder."
        )
    with open_database(settings, Reach.SIGN_IN) as database:
        if database.is_sqlite:
            return
        with database.engine(Reach.SIGN_IN).connect() as connection:
            beyond = find_reaches_beyond(connection, areas)
    if beyond:
        names = ", ".join(reach.value for reach in beyond)
        click.echo(
            f"This process's login also reaches: {names}. See wellbeing db logins.", err=True
        )
