"""Letters and cards as one document, each in its receiver's language and with its QR code."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from uuid import UUID

import segno
from flask import current_app, render_template
from flask_babel import force_locale
from jinja2.environment import TemplateModule

from wellbeing.actions.printed_codes import PrintKind, Receiver
from wellbeing.crypto.codes import show_code
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.pdf import picture_address
from wellbeing.store.org import Round
from wellbeing.web.shared.services import services

STYLESHEET = "letters.css"
CARDS_ON_A_SHEET = 8
Document = tuple[str, str, tuple[bytes, ...]]
Sheets = Iterator[tuple[str, list[TemplateModule]]]


def render_letters(
    round_: Round, receivers: list[Receiver], codes: dict[UUID, str], kind: PrintKind
) -> Document:
    """The page, its stylesheet and its pictures: one QR code a person, in their order."""
    base = services().settings.base_url
    pictures = tuple(make_qr(f"{base}/code/{codes[one.person_id]}") for one in receivers)
    template = "hr/letter.html" if kind is PrintKind.LETTERS else "hr/code_card.html"
    pieces = [
        _render_one(template, round_, one, codes[one.person_id], picture_address(place))
        for place, one in enumerate(receivers)
    ]
    sheets = list(_sheets(receivers, pieces)) if kind is PrintKind.CARDS else []
    # A PDF has one language: that of most who get a piece of it.
    with force_locale(Counter(one.language for one in receivers).most_common(1)[0][0]):
        page = render_template("hr/letters_pdf.html", letters=pieces, sheets=sheets)
    return page, STYLESHEET, pictures


def make_qr(address: str) -> bytes:
    """The address as an SVG that a telephone's camera reads, also when creased a little."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=4, border=4)
    return drawn.getvalue()


def _render_one(
    template: str, round_: Round, receiver: Receiver, code: str, picture: str
) -> TemplateModule:
    base = services().settings.base_url
    variables = {
        "round": round_,
        "receiver": receiver,
        "code": show_code(code),
        "picture": picture,
        "typed_address": f"{base}/code".partition("://")[2],
        "contacts": load_contacts(),
    }
    with force_locale(receiver.language):
        current_app.update_template_context(variables)
        return current_app.jinja_env.get_template(template).make_module(variables)


def _sheets(
    receivers: list[Receiver], cards: list[TemplateModule]
) -> Iterator[tuple[str, list[TemplateModule]]]:
    """The cards of each unit, eight at a time, under the unit's path."""
    for unit, group in groupby(zip(receivers, cards, strict=True), key=lambda pair: pair[0].unit):
        of_unit = [card for _receiver, card in group]
        for start in range(0, len(of_unit), CARDS_ON_A_SHEET):
            yield unit, of_unit[start : start + CARDS_ON_A_SHEET]
