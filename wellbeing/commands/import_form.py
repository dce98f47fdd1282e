"""`wellbeing import-form FILE`: reads the official ProQOL form in and shows it beside the key."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from wellbeing.commands.context import open_database, read_settings

if TYPE_CHECKING:
    from wellbeing.domain.instrument import Wording

_WIDTH = 72


@click.command("import-form")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.pdf|csv|json")
@click.option("--locale", required=True, help="The language of the form, such as da or en.")
@click.option("--approve", is_flag=True, help="Ask at once whether it is used from the next round.")
@click.option("--dry-run", is_flag=True, help="Show what was read, and store nothing.")
def import_form(file: Path, *, locale: str, approve: bool, dry_run: bool) -> None:
    """Read the official ProQOL form in and print each sentence beside its scale.

    The form waits until somebody has looked at it: an administrator on the page Questionnaire, or
    you, with --approve. It is asked unchanged from the next round that opens, with credits;
    [helper] is replaced by the occupation of the programme.

    \b
    PDF   form fields or text; refused where it cannot be read reliably
    CSV   columns item,text; optional rows answer 1 … answer 5 and instructions
    JSON  a FHIR Questionnaire, R4 or R5
    """
    from wellbeing.actions import wordings
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.domain.official_wording import get_frame, make_wording
    from wellbeing.form_files.reading import read_form_file
    from wellbeing.store.reach import Reach

    get_frame(locale)
    wording = make_wording(read_form_file(file, locale), locale)
    by = Actor.command("import-form")
    if dry_run:
        click.echo("\n".join(describe(wording)))
        click.echo("Dry run: nothing was stored.")
        return
    with open_database(read_settings()) as database:
        with database.writing(Reach.EVERYTHING) as session:
            kept = wordings.import_wording(session, wording, file.name, now=utc_now(), by=by)
            state = kept.state
        click.echo("\n".join(describe(wording)))
        if state == "approved":
            click.echo("This form is in use already.")
        elif approve and _agrees():
            with database.writing(Reach.EVERYTHING) as session:
                wordings.approve_wording(session, wording.id, now=utc_now(), by=by)
            click.echo("It is asked from the next round that opens. Trends begin anew with it.")
        else:
            click.echo("It waits for an administrator, on the page Questionnaire.")


def _agrees() -> bool:
    """The second look; nobody there to answer means no."""
    try:
        return click.confirm("Is each sentence in its place? Ask it from the next round?")
    except click.Abort:
        click.echo()
        return False


def describe(wording: "Wording") -> Iterator[str]:
    """The thirty items as a table: number, scale, R where the answer is turned round, sentence."""
    from wellbeing.domain.instrument import load_instrument

    instrument = load_instrument()
    scale_of = {n: scale for scale, numbers in instrument.subscales.items() for n in numbers}
    yield f"{wording.title}, {wording.locale}: {wording.id}"
    yield f"SHA-256 {wording.sha256}"
    yield from wrap(" · ".join(f"{n} = {word}" for n, word in enumerate(wording.anchors, 1)), 100)
    yield from wrap(wording.intro, 100)
    yield ""
    yield "Item  Scale     Sentence (R: the answer is turned round, 6 − answer)"
    for number, text in enumerate(wording.items, start=1):
        turned = "R" if number in instrument.reversed_items else " "
        first, *more = wrap(text, _WIDTH)
        yield f"{number:>4}  {scale_of[number]:<4} {turned}    {first}"
        yield from (f"{'':>16}{line}" for line in more)
    yield ""
