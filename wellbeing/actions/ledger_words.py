"""The steps of the ledger in words, for mails and pages alike."""

from wellbeing.domain.ledger import Step
from wellbeing.texts import Texts


def say_task(step: Step, texts: Texts) -> str:
    """What has to be done to take a step."""
    gettext = texts.gettext
    return {
        Step.OFFERED: gettext("Offer the support, or say why it is not the answer"),
        Step.SCHEDULED: gettext("Find a time for it"),
        Step.HELD: gettext("Write down whether it was held"),
        Step.ATTENDED: gettext("Write down how many came"),
        Step.USEFUL: gettext("Wait for the answers of those who were there"),
        Step.SCORES: gettext("Wait for the next figures"),
    }[step]
