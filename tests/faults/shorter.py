"""Waits of the product that would make a suite of minutes one of hours, shortened where asked."""

import os

from wellbeing import mail

MAIL_SECONDS = "FAULTS_MAIL_SECONDS"


def install() -> None:
    """How long a mail server may take to answer, where the environment says so."""
    if seconds := os.environ.get(MAIL_SECONDS):
        setattr(mail, "_TIMEOUT_SECONDS", float(seconds))  # noqa: B010
