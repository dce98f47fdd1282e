"""Every check of the running service, in the order in which one looks: one list for all.

`wellbeing doctor`, the administrator's page and the metrics go by it.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from wellbeing.actions.health.database import check_clock, check_database, check_migrations
from wellbeing.actions.health.files import check_disk, check_keys, check_security_log
from wellbeing.actions.health.findings import N_, Finding, Patient, State, broken, look
from wellbeing.actions.health.mail import check_mail
from wellbeing.actions.health.work import (
    check_audit_log,
    check_backups,
    check_jobs,
    check_outbox,
    check_rounds,
)

log = logging.getLogger("wellbeing.health")


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its name; `goes_out`: it speaks to another machine, and may take seconds."""

    name: str
    run: Callable[[Patient], Finding]
    goes_out: bool = False


CHECKS = (
    Check("database", check_database),
    Check("migrations", check_migrations),
    Check("clock", check_clock),
    Check("mail", check_mail, goes_out=True),
    Check("keys", check_keys),
    Check("disk", check_disk),
    Check("rounds", check_rounds),
    Check("jobs", check_jobs),
    Check("outbox", check_outbox),
    Check("audit_log", check_audit_log),
    Check("backups", check_backups),
    Check("security_log", check_security_log),
)


def examine(patient: Patient, *, outside: bool = True) -> Iterator[tuple[str, Finding]]:
    """What each check finds, as it is found; `outside`: those too that speak to other machines."""
    for check in CHECKS:
        if outside or not check.goes_out:
            yield check.name, _run(check, patient)


def worst(findings: Iterator[Finding] | list[Finding]) -> State:
    """The state of all together."""
    order = list(State)
    return max((finding.state for finding in findings), key=order.index, default=State.OK)


def _run(check: Check, patient: Patient) -> Finding:
    try:
        return check.run(patient)
    except SQLAlchemyError:
        if check.name == "database":
            return broken(
                N_("The database does not answer: see whether it runs, and database_url.")
            )
        return look(N_("This cannot be seen as long as the database does not answer rightly."))
    except Exception as fault:
        # One check that breaks must not keep all the others.
        log.exception("A check could not be carried out: %s.", check.name)
        return broken(
            N_("This check could not be carried out ({fault}): see the log of the process."),
            fault=type(fault).__name__,
        )
