"""What a text message says to somebody without e-mail: that a check-in is open, and the link.

The link carries a one-time code made at this very moment, which replaces an earlier one.
"""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from wellbeing.actions.codes import keep_codes, make_codes
from wellbeing.actions.letter_contents import Occasion, find_wanted_round
from wellbeing.actions.outbox import MailKind
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.sms_text import first_that_fits
from wellbeing.sms import Sms
from wellbeing.texts import Texts, translations_for

BY_SMS = (MailKind.INVITATION, MailKind.REMINDER)


def write_sms(occasion: Occasion) -> Sms | None:
    """The message, or None where it is not wanted any more, or of a kind that goes by mail only."""
    kind, person = MailKind(occasion.message.kind), occasion.person
    if kind not in BY_SMS or not person.mobile:
        return None
    round_ = find_wanted_round(occasion)
    if round_ is None:
        return None
    codes, key = make_codes([person.id]), get_or_make_app_key(occasion.settings.key_folder)
    keep_codes(occasion.session, round_.id, codes, app_key=key)
    link = f"{occasion.settings.base_url}/code/{codes[person.id]}"
    texts, zone = translations_for(person.language), occasion.settings.zone
    host = urlsplit(occasion.settings.base_url).hostname or "localhost"
    text = say(kind, texts, link=link, closes_at=round_.closes_at, zone=zone)
    return Sms(f"{occasion.message.id}@{host}", person.mobile, text)


def say(kind: MailKind, texts: Texts, *, link: str, closes_at: datetime, zone: ZoneInfo) -> str:
    """The words around the link, short enough for one message where its address allows it."""
    day = texts.format_day_and_month(closes_at.astimezone(zone).date())
    if kind is MailKind.REMINDER:
        whole = texts.gettext(
            "The check-in is open until %(day)s. Answer if you like, or stop reminders here:"
            " %(link)s",
            day=day,
            link=link,
        )
    else:
        whole = texts.gettext(
            "A check-in about your work is open until %(day)s. About 5 minutes, voluntary and"
            " private: %(link)s",
            day=day,
            link=link,
        )
    return first_that_fits((whole, texts.gettext("Check-in until %(day)s:", day=day) + f" {link}"))
