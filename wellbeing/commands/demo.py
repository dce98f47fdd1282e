"""`wellbeing demo`: an invented organisation with its past, ready to be tried."""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wellbeing.demo.history import DemoAccount


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--data",
    "folder",
    default=Path("wellbeing-demo"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo keeps everything.",
)
@click.option("--fresh", is_flag=True, help="Throw an earlier demo away and start anew.")
@click.option("--prepare-only", is_flag=True, help="Make the data and stop.")
@click.option(
    "--accounts-json",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the sign-ins to this file: role, e-mail, password.",
)
def demo(
    port: int, folder: Path, fresh: bool, prepare_only: bool, accounts_json: Path | None
) -> None:
    """Make an invented organisation with seven rounds, and serve it."""
    from wellbeing.clock import utc_now
    from wellbeing.demo.prepare import prepare
    from wellbeing.demo.server import check_port, serve

    if not prepare_only:
        check_port(port)
    folder = folder.resolve()
    click.echo("Preparing the demo (about half a minute the first time) …")
    accounts = prepare(
        folder, port=port, now=utc_now(), fresh=fresh, say=lambda line: click.echo(f"  {line}")
    )
    if accounts_json:
        rows = [asdict(account) for account in accounts]
        accounts_json.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
    _show(accounts, port)
    if prepare_only:
        return
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    click.echo("Serving. Press Ctrl-C to stop.")
    serve(folder, port)


def _show(accounts: "list[DemoAccount]", port: int) -> None:
    from wellbeing.demo.history import DIARY_CODE, WITH_DIARY

    click.echo(f"\n  Pages   http://127.0.0.1:{port}/")
    click.echo(f"  Outbox  http://127.0.0.1:{port}/demo/outbox\n")
    click.echo(f"  Everyone's password: {accounts[0].password}\n")
    click.echo(f"  The diary of '{WITH_DIARY}' opens with: {DIARY_CODE}\n")
    for account in accounts:
        click.echo(f"  {account.role:<24}{account.email:<34}{account.name}")
    click.echo()
