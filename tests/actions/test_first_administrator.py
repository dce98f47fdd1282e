"""The first administrator has a name and an address as a staff file could have them."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from wellbeing.actions.accounts import invite_administrator
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput

ODD = {
    "NUL": "Adam\0Ravn",
    "half a letter": "Adam \ud800",
    "right to left": "Adam \u202envaR",
    "two lines": "Adam\r\nBcc: all@osterhus.example",
    "too long": "A" * 300,
}
NO_ADDRESSES = ("", " ", "adam", "adam@x.dk\nbcc: eva@x.dk", "adam\u200b@osterhus.example")


def invite(address: str, name: str, now: datetime) -> None:
    """Without a database: what is refused is refused before one is asked."""
    with Session() as session:
        invite_administrator(session, address, name, by=Actor.command("init"), now=now)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_name_or_address_is_refused(odd: str, now: datetime) -> None:
    with pytest.raises(BadInput):
        invite("adam@osterhus.example", odd, now)
    with pytest.raises(BadInput):
        invite(odd, "Adam Ravn", now)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused(address: str, now: datetime) -> None:
    with pytest.raises(BadInput):
        invite(address, "Adam Ravn", now)
