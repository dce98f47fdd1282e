"""Every mail renders in both languages, as text and as HTML, with nothing left out."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from jinja2 import UndefinedError

from tests.web.page_checks import Page
from wellbeing.actions.outbox import MailKind
from wellbeing.mail import Mail, MailRenderer
from wellbeing.settings import Settings
from wellbeing.texts import available_locales

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
LINK = {"link": "https://wellbeing.example/link/abc"}
SESSION = {
    "session": {
        "title": "Supervision & pause",
        "starts_text": "4. november 2026 kl. 09.00",
        "ends_text": "4. november 2026 kl. 10.30",
        "place": "Mødelokale 2",
        "video_link": "https://video.example/abc",
        "form_label": "Supervision",
        "supervisor_name": "Ida Bruun",
        "unit_label": "Natherberget",
        "is_moved": False,
        "leads": False,
        "may_reply": False,
    }
}
VARIABLES: dict[MailKind, dict[str, Any]] = {
    MailKind.ACTIVATION: {**LINK, "hours": 72},
    MailKind.RESET: {**LINK, "hours": 1},
    MailKind.INVITATION: {**LINK, "closes_text": "17. november 2026"},
    MailKind.REMINDER: {
        **LINK,
        "closes_text": "17. november 2026",
        "stop_url": "https://wellbeing.example/reminders/stop/xyz",
    },
    MailKind.ROUND_PUBLISHED: LINK,
    MailKind.SESSION_INVITATION: SESSION,
    MailKind.SESSION_CANCELLED: SESSION,
    MailKind.INCIDENT_REGISTERED: LINK,
    MailKind.SESSION_RELEASED: SESSION,
    MailKind.STRUCTURE_CHANGED: {**LINK, "counted_in": "Fonden Broen / Natherberget"},
    MailKind.SUPPORT_OVERDUE: {
        **LINK,
        "unit_label": "Fonden Broen / Natherberget",
        "form_label": "Defusing",
        "task": "Find a time",
        "due_text": "2. november 2026",
    },
    MailKind.REQUEST_WAITING: LINK,
    MailKind.SHARE_WANTED: {**LINK, "closed_text": "1. november 2026 kl. 12.00"},
    MailKind.SECURITY_CHANGED: {**LINK, "change": "password", "at_text": "3. november 2026"},
    MailKind.WEBHOOK_OFF: {**LINK, "name": "Sagssystem"},
    MailKind.FEEDBACK_ASKED: {
        **LINK,
        "starts_text": "2. november 2026 kl. 13.00",
        "until_text": "17. november 2026",
    },
}


def _render(kind: MailKind, locale: str, **changed: Any) -> EmailMessage:
    variables = {"person_name": "Mette <Holm>", **VARIABLES[kind], **changed}
    mail = Mail("Mette", "mette@example.org", kind.value, locale, variables, "<1@example.org>")
    return MailRenderer(Settings(organisation="Fonden Broen")).render(mail, now=NOW)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_every_kind_of_mail_has_its_variables_here() -> None:
    assert set(MailKind) == VARIABLES.keys()


@pytest.mark.parametrize("locale", available_locales())
@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_says_the_same_as_text_and_as_html(kind: MailKind, locale: str) -> None:
    message = _render(kind, locale)
    shown = " ".join("".join(Page(_body(message, "html")).root.itertext()).split())
    for line in _body(message, "plain").splitlines():
        told = line.removeprefix("* ").strip()
        for piece in told.split(": ", 1) if kind.startswith("session") else [told]:
            assert piece in shown or piece == "--"


@pytest.mark.parametrize("locale", available_locales())
@pytest.mark.parametrize("kind", MailKind)
def test_the_html_of_a_mail_is_valid_and_plain(kind: MailKind, locale: str) -> None:
    html = _body(_render(kind, locale), "html")
    page = Page(html)
    assert page.parse_errors == []
    assert page.root.attrib["lang"] == locale
    assert not page.all("img", "script", "style", "link")
    assert "Mette &lt;Holm&gt;" in html


@pytest.mark.parametrize("locale", available_locales())
@pytest.mark.parametrize("kind", MailKind)
def test_the_text_of_a_mail_is_laid_out_for_reading(kind: MailKind, locale: str) -> None:
    text = _body(_render(kind, locale), "plain")
    assert "Mette <Holm>" in text
    assert "\n\n\n" not in text
    assert text == text.lstrip()
    assert all(line == line.strip() for line in text.splitlines())
    for address in [v for v in VARIABLES[kind].values() if str(v).startswith("https://")]:
        assert address in text.splitlines()


@pytest.mark.parametrize("kind", MailKind)
def test_a_danish_mail_leaves_no_english_line(kind: MailKind) -> None:
    danish, english = _render(kind, "da"), _render(kind, "en")
    assert danish["Subject"] != english["Subject"]
    given = {"--", "Fonden Broen", *map(str, VARIABLES[kind].values())}
    lines = set(_body(english, "plain").splitlines()) - given
    alike = lines & set(_body(danish, "plain").splitlines())
    if "session" in VARIABLES[kind]:
        alike -= {"", "Form: Supervision", "For: Natherberget"}
    assert alike <= {""}


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_that_lacks_a_variable_is_not_sent(kind: MailKind) -> None:
    for name in VARIABLES[kind]:
        without = {key: value for key, value in VARIABLES[kind].items() if key != name}
        mail = Mail(
            "M", "m@example.org", kind.value, "da", {"person_name": "M", **without}, "<1@x>"
        )
        with pytest.raises((UndefinedError, TypeError)):
            MailRenderer(Settings()).render(mail, now=NOW)


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("kind", MailKind)
def test_a_subject_is_one_line_and_names_nobody(kind: MailKind) -> None:
    subject = _render(kind, "da")["Subject"]
    assert subject
    assert "\n" not in subject
    assert "Mette" not in subject


@pytest.mark.parametrize("kind", [MailKind.INVITATION, MailKind.REMINDER])
@pytest.mark.parametrize("locale", ["da", "en"])
def test_a_check_in_mail_says_that_taking_part_is_free(kind: MailKind, locale: str) -> None:
    text = _body(_render(kind, locale), "plain")
    free = {
        (MailKind.INVITATION, "da"): "frivilligt",
        (MailKind.INVITATION, "en"): "voluntary",
        (MailKind.REMINDER, "da"): "helt i orden ikke at svare",
        (MailKind.REMINDER, "en"): "fine not to answer",
    }
    assert free[kind, locale] in text


def test_one_hour_is_not_hours() -> None:
    assert "i 1 time." in _body(_render(MailKind.RESET, "da"), "plain")
    assert "i 72 timer." in _body(_render(MailKind.RESET, "da", hours=72), "plain")


def test_a_session_without_a_place_shows_no_empty_line() -> None:
    session = {**SESSION["session"], "place": ""}
    message = _render(MailKind.SESSION_INVITATION, "da", session=session)
    assert "Sted" not in _body(message, "plain") + _body(message, "html")
    assert "\n\n\n" not in _body(message, "plain")
