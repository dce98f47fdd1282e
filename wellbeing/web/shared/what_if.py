"""What somebody would get who steals something, in plain words; docs/compromise.md has the rest."""

from dataclasses import dataclass

from flask import render_template

from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.i18n import _


@dataclass(frozen=True, slots=True)
class Theft:
    """What was stolen, what whoever has it sees, and what they do not."""

    what: str
    seen: str
    unseen: str


THEFTS = (
    Theft(
        _("A copy of the database, or a backup"),
        _(
            "Published figures, support that was arranged for units, and which numbers stand for"
            " somebody who has booked a talk. While a round is open, also for who has answered."
        ),
        _(
            "What anybody answered, or anybody's name. Answers and names are locked, and the keys"
            " are not in the copy."
        ),
    ),
    Theft(
        _("The keys, without the database"),
        _("Nothing by themselves."),
        _("Answers. The key of a round is destroyed when the round is published."),
    ),
    Theft(
        _("The whole server, keys and all, while a round is open"),
        _(
            "The sums of the answers of that round, and everything that is sent while they are in"
            " there."
        ),
        _("Answers of rounds that are published, and diaries that nobody opens meanwhile."),
    ),
    Theft(
        _("The whole server, when no round is open"),
        _("Figures, support and who is signed in, and what is typed meanwhile."),
        _("What anybody answered in any round."),
    ),
    Theft(
        _("The mail account that Wellbeing writes from"),
        _(
            "Who was written to, and who was reminded. They could use a link to a new password"
            " before you do."
        ),
        _("Answers and results. They are never in a mail."),
    ),
    Theft(
        _("Your leader's password"),
        _("What your leader sees: the figures of the unit, and what support was offered."),
        _("What you answered, whether you answered, and whether you asked for a talk."),
    ),
    Theft(
        _("The password of somebody in HR"),
        _("What HR sees: figures, sessions, and who has asked for or booked a talk."),
        _("What anybody answered, and who has answered."),
    ),
    Theft(
        _("An administrator's password"),
        _("The list of everybody who works there, and the log of what was done."),
        _("Figures, answers, and who has booked a talk."),
    ),
    Theft(
        _("Your own password"),
        _("Your pages here. They could answer in your place."),
        _("What you have answered, and your diary, which has its own code."),
    ),
    Theft(
        _("Your phone or computer, while you are signed in"),
        _("Your pages, until the sign-in ends by itself, and a check-in you have not finished."),
        _("The result of a check-in that was sent, and your diary."),
    ),
    Theft(
        _("A letter or message with your code"),
        _("They could answer once in your place. Nobody can find that answer again."),
        _("Who you are, what you have answered, and whether you have answered."),
    ),
    Theft(
        _("Your receipt"),
        _("Nothing. It only works together with your own sign-in."),
        _("What you answered. It is not on the receipt."),
    ),
)


@blueprint.get("/what-if")
def what_if() -> str:
    """What a stolen thing gives, and what to do."""
    return render_template("shared/what_if.html", thefts=THEFTS)
