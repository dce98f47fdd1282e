"""The page of webhooks: adding one, its secret shown once, switching it on again, removing it."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.webhooks import Webhook, WebhookDelivery

PAGE = "/admin/webhooks"
URL = "https://sager.osterhus.example/hook"
FORM = {"name": "Sagssystem", "url": URL, "unit": "", "events": ["flag.raised", "offer.held"]}


@on_both_databases
def test_the_secret_is_shown_once_and_never_again(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam = client_of("Adam", language="en")
    added = adam.post(PAGE, {**FORM, "unit": str(cast.units["team_a"])}, status=200)
    (secret,) = re.findall(r"whsec_[\w+/=]+", added.html)
    listed = adam.get(PAGE)
    assert secret not in listed.html
    assert "Sagssystem" in listed.text
    assert "Nothing has been handed over yet." in listed.text
    with database.reading(Reach.EVERYTHING) as session:
        (webhook,) = session.scalars(select(Webhook))
        assert webhook.secret == secret
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "webhook.added")).one()
    assert (webhook.url, webhook.unit_id) == (URL, cast.units["team_a"])
    assert webhook.events == ["flag.raised", "offer.held"]
    assert event.by == f"person:{cast.people['Adam']}"
    assert secret not in str(event.details)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("url", "http://sager.osterhus.example/", "must begin with https"),
        ("url", "https://10.0.0.1/", "inside a network"),
        ("url", "", "required"),
        ("name", "", "required"),
        ("events", [], "required"),
        ("unit", "x", "choice"),
    ],
)
def test_what_does_not_fit_is_said_on_the_page(
    field: str, value: object, said: str, client_of: ClientOf, database: Database
) -> None:
    answer = client_of("Adam", language="en").post(PAGE, {**FORM, field: value}, status=422)
    assert said in answer.text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Webhook)).all() == []


@on_both_databases
def test_one_that_was_switched_off_is_switched_on_and_removed_with_what_waits(
    client_of: ClientOf, database: Database, clock: Clock
) -> None:
    adam = client_of("Adam", language="en")
    adam.post(PAGE, FORM, status=200)
    with database.writing(Reach.EVERYTHING) as session:
        webhook_id = session.scalars(select(Webhook.id)).one()
        session.execute(update(Webhook).values(off_at=clock.now(), started_at=clock.now()))
    assert "Switched off" in adam.get(PAGE).text
    adam.post(f"{PAGE}/{webhook_id}/on")
    with database.writing(Reach.EVERYTHING) as session:
        webhook = session.scalars(select(Webhook)).one()
        assert webhook.off_at is webhook.started_at is None
        row = {"body": "{}", "made_at": clock.now(), "due_at": clock.now()}
        session.add_all(WebhookDelivery(webhook_id=webhook_id, **row) for _ in range(2))
    assert "2 messages wait." in adam.get(PAGE).text
    adam.post(f"{PAGE}/{webhook_id}/remove")
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Webhook)).all() == []
        assert session.scalars(select(WebhookDelivery)).all() == []
        acts = set(session.scalars(select(AuditEvent.act)))
    assert {"webhook.added", "webhook.switched_on", "webhook.removed"} <= acts
    adam.post(f"{PAGE}/{webhook_id}/remove", status=404)
    adam.post(f"{PAGE}/{UUID(int=0)}/on", status=404)
