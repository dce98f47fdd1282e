"""Who a person is to the service. Everyone is an employee; the other roles are granted."""

from enum import StrEnum


class Role(StrEnum):
    """A role; a grant is for one unit or, with no unit, for everything."""

    EMPLOYEE = "employee"
    LEADER = "leader"
    HR = "hr"
    SAFETY_REPRESENTATIVE = "safety_representative"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    DPO = "dpo"


GRANTED_ROLES = tuple(role for role in Role if role is not Role.EMPLOYEE)
WORKPLACE_READERS = frozenset({Role.LEADER, Role.SAFETY_REPRESENTATIVE, Role.HR})
