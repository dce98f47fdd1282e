"""Does the mail server take us? Nothing is sent."""

from wellbeing.actions.health.findings import N_, Finding, Patient, broken, look, ok
from wellbeing.mail import Greeting, greet

SECONDS = 5.0


def check_mail(patient: Patient) -> Finding:
    """That it answers, speaks encrypted with a certificate that fits, and knows our login."""
    settings = patient.settings
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    match greet(settings, timeout_seconds=SECONDS):
        case Greeting.AWAY:
            return broken(
                N_("The mail server {place} does not answer: see smtp_host, and whether it runs."),
                place=place,
            )
        case Greeting.NOT_ENCRYPTED:
            return broken(
                N_("{place} cannot be spoken to encrypted: see its certificate, or smtp_starttls."),
                place=place,
            )
        case Greeting.LOGIN_REFUSED:
            return broken(
                N_("{place} refuses our login: see smtp_user and smtp_password."), place=place
            )
        case Greeting.OPEN_TO_READ:
            return look(
                N_("Mail goes to {place} unencrypted: set smtp_starttls."),
                place=place,
            )
        case Greeting.FINE:
            return ok(N_("The mail server {place} takes our mail."), place=place)
