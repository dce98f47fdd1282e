"""How far a connection reaches: the tables it may read or write, by name.

The database itself refuses the rest: PostgreSQL through roles and grants, SQLite through an
authoriser on the connection. Imports cannot see raw SQL; this wall can.
"""

from enum import StrEnum


class Reach(StrEnum):
    """A set of grants; `everything` is for jobs and the command line only."""

    EVERYTHING = "everything"
    SIGN_IN = "sign_in"
    EMPLOYEE = "employee"
    WORKPLACE = "workplace"
    ADMIN = "admin"


READ = frozenset({"SELECT"})
APPEND = frozenset({"SELECT", "INSERT"})
CHANGE = frozenset({"SELECT", "UPDATE"})
KEEP = frozenset({"SELECT", "INSERT", "UPDATE"})
WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

_PUBLISHED = (
    "published_round",
    "published_group",
    "published_group_unit",
    "published_figure",
    "published_rollup",
    "published_rollup_group",
    "published_withheld",
)
_ORGANISATION = (
    "unit",
    "membership",
    "reporting_group",
    "reporting_group_unit",
    "structure_approval",
    "programme",
    "pause",
    "round",
    "round_unit",
    "round_wording",
)
_SUPPORT = ("offer", "support_session", "booking")


def _each(tables: tuple[str, ...], privileges: frozenset[str]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(tables, privileges)


_SAY = {"audit_event": APPEND, "outbox_message": APPEND}
_WHO = {"person": READ, "role_grant": READ}

GRANTS: dict[Reach, dict[str, frozenset[str]]] = {
    Reach.SIGN_IN: {
        **_SAY,
        **_each(_ORGANISATION, READ),
        "person": CHANGE,
        "role_grant": READ,
        "credential": WRITE,
        "sign_in_link": WRITE,
        "sign_in_session": WRITE,
        "rate_count": WRITE,
    },
    Reach.EMPLOYEE: {
        **_SAY,
        **_each(_ORGANISATION, READ),
        **_each(_PUBLISHED, READ),
        **_each(_SUPPORT, READ),
        "flag": READ,
        "person": CHANGE,
        "role_grant": READ,
        "participation": WRITE,
        "ballot": WRITE,
        "diary_key": WRITE,
        "diary_entry": WRITE,
    },
    Reach.WORKPLACE: {
        **_SAY,
        **_WHO,
        **_each(_ORGANISATION, READ),
        **_each(_PUBLISHED, READ),
        **_each(_SUPPORT, KEEP),
        "flag": CHANGE,
        "reporting_group": WRITE,
        "reporting_group_unit": WRITE,
        "structure_approval": APPEND,
        "programme": KEEP,
        "pause": WRITE,
        "round": KEEP,
    },
    Reach.ADMIN: {
        **_SAY,
        "unit": READ,
        "membership": READ,
        "person": CHANGE,
        "role_grant": WRITE,
        "sign_in_link": WRITE,
        "sign_in_session": WRITE,
        "job_claim": READ,
    },
}


def role_name(reach: Reach) -> str:
    """The PostgreSQL role of a reach."""
    return f"wellbeing_{reach.value}"
