"""The guided conversation of a small team, with its cards: for everybody, on screen and paper."""

from http import HTTPStatus

from flask import abort, render_template, url_for
from werkzeug.wrappers import Response

from wellbeing.domain.conversation import load_conversation
from wellbeing.pdf import can_render_pdf
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.documents import send_pdf
from wellbeing.web.shared.i18n import current_texts


@blueprint.get("/conversation")
def conversation() -> str:
    """How to hold the conversation, and its cards."""
    return render_template(
        "shared/conversation.html",
        guide=load_conversation(current_texts().locale),
        pdf_url=find_cards_url(),
    )


@blueprint.get("/conversation.pdf")
def conversation_pdf() -> Response:
    """The same to print and cut out."""
    if not can_render_pdf():
        abort(HTTPStatus.NOT_FOUND)
    guide = load_conversation(current_texts().locale)
    page = render_template("shared/conversation_pdf.html", guide=guide)
    return send_pdf(page, "conversation.pdf")


def find_cards_url() -> str:
    """Where the cards are as a PDF; "" where none can be made."""
    return url_for("shared.conversation_pdf") if can_render_pdf() else ""
