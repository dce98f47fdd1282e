"""`wellbeing law-documents`: the documents that the law asks for, ready to be read and signed."""

from pathlib import Path

import click

from wellbeing.commands.context import read_settings

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body>{body}</body></html>"""


@click.command("law-documents")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where they go.")
@click.option("--pdf", is_flag=True, help="As PDF too, to be signed.")
def law_documents(out: Path, *, pdf: bool) -> None:
    """Write every document in Danish and English, with what the settings say filled in.

    What only you can say stands in square brackets. Files of the same name are written over.
    """
    from wellbeing.actions.law_documents import write_documents
    from wellbeing.domain.errors import BadInput
    from wellbeing.pdf import can_render_pdf

    if pdf and not can_render_pdf():
        raise BadInput("PDFs need the extra `pdf`. Install it, or leave --pdf out.")
    try:
        written = write_documents(read_settings(), out)
        for path in written if pdf else ():
            path.with_suffix(".pdf").write_bytes(_as_pdf(path))
    except OSError as fault:
        raise BadInput(f"The documents cannot be written: {fault}.") from None
    click.echo(f"{len(written)} documents in {out}.")


def _as_pdf(path: Path) -> bytes:
    from wellbeing.domain.plain_markdown import as_html
    from wellbeing.pdf import render_pdf

    css = Path(__file__).resolve().parents[1] / "static" / "report.css"
    text = path.read_text(encoding="utf-8")
    title = text.partition("\n")[0].lstrip("# ")
    page = _PAGE.format(language=path.parent.name, title=title, body=as_html(text))
    return render_pdf(page, css)
