"""The two sides that share the key of a round: neither opens a ballot without the other."""

from enum import StrEnum

from wellbeing.domain.roles import Role


class Duty(StrEnum):
    """On whose behalf a person holds a share; a person has one duty at most."""

    HR = "hr"
    SAFETY_REPRESENTATIVE = "safety_representative"

    @property
    def other(self) -> "Duty":
        """The side without which this one opens nothing."""
        return Duty.HR if self is Duty.SAFETY_REPRESENTATIVE else Duty.SAFETY_REPRESENTATIVE

    @property
    def role(self) -> Role:
        """The role that whoever has this duty must hold."""
        return Role(self.value)
