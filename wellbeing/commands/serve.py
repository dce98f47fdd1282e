"""`wellbeing serve`: the web pages under gunicorn, with the timetable beside them if wanted."""

from typing import Any

import click

from wellbeing.commands.context import open_database, read_settings


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--areas", default="", help="Only these areas, for example employee,leader.")
def serve(bind: str, workers: int, threads: int, areas: str) -> None:
    """Serve the pages; run `wellbeing scheduler` beside it."""
    from wellbeing.app import AREAS, create_app
    from wellbeing.gunicorn import GunicornServer

    wanted = tuple(areas.split(",")) if areas else AREAS
    unknown = sorted(set(wanted) - set(AREAS))
    if unknown:
        raise click.UsageError(f"There is no area '{unknown[0]}'. Areas: {', '.join(AREAS)}.")
    settings = read_settings()
    with open_database(settings):
        pass
    options: dict[str, Any] = {
        "bind": bind,
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": True,
    }
    GunicornServer(lambda: create_app(settings, areas=wanted), options).run()
