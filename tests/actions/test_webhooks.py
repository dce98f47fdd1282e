"""Other systems are told of flags and offers: what, when, how often, and never of a person."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from jobs.context import JobContext
from jobs.timetable import JOBS
from tests.cast import Cast
from tests.rounds import BY, STEADY, WORN, RoundRunner
from tests.web.conftest import Clock
from tests.web.support_seed import seed_held_session
from tests.webhook_receiver import OWN, Mood, Receiver, load_verifier, running_receiver
from wellbeing.actions.webhook_delivery import GIVES_UP_AFTER, LEASE
from wellbeing.actions.webhook_events import queue_events
from wellbeing.actions.webhooks import (
    MOST_WEBHOOKS,
    Event,
    WebhookValues,
    add_webhook,
    list_webhooks,
    remove_webhook,
    switch_on,
)
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.settings import Settings
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.org import Unit
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState
from wellbeing.store.webhooks import Webhook, WebhookDelivery
from wellbeing.webhook_posts import post

is_genuine = load_verifier()
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Another system, on this machine."""
    with running_receiver() as found:
        yield found


class House:
    """The organisation with its job, a clock, and what other systems were told."""

    def __init__(self, database: Database, cast: Cast, folder: Path, clock: Clock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.settings = Settings(
            data=folder,
            database_url=database.url.render_as_string(hide_password=False),
            webhook_own_networks=OWN,
        )

    def add(self, url: str, unit: str | None = None, events: Any = frozenset(Event)) -> str:
        """A webhook; its secret."""
        unit_id = self.cast.units[unit] if unit else None
        values = WebhookValues("Sagssystem", url, unit_id, frozenset(events))
        with self.database.writing(Reach.ADMIN) as session:
            return add_webhook(session, values, own_networks=OWN, by=BY, now=self.clock.now())

    def run(self, **forward: float) -> str:
        """One pass of the job, so much later."""
        self.clock.forward(**forward)
        context = JobContext(self.database, self.settings, self.clock.now)
        return JOBS["deliver-webhooks"].run(context)

    def offer(self, unit: str, **more: Any) -> UUID:
        """An offer to a unit."""
        offer_id = uuid4()
        given = {"form": SupportForm.TEAM_SUPERVISION, "state": OfferState.OFFERED, **more}
        with self.database.writing(Reach.EVERYTHING) as session:
            session.add(
                Offer(
                    id=offer_id,
                    unit_id=self.cast.units[unit],
                    offered_on=self.clock.now().date(),
                    **given,
                )
            )
        return offer_id

    def set(self, table: type[Any], row_id: UUID, **values: Any) -> None:
        """Changes a row."""
        with self.database.writing(Reach.EVERYTHING) as session:
            session.execute(update(table).where(table.id == row_id).values(values))

    def count(self, table: type[Any]) -> int:
        """How many rows there are."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def house(database: Database, cast: Cast, tmp_path: Path, now: Any) -> House:
    """Nothing has happened yet."""
    return House(database, cast, tmp_path, Clock(now))


def told(receiver: Receiver) -> list[tuple[str, dict[str, str]]]:
    """The type and the data of every message."""
    messages = [json.loads(body) for _, body in receiver.received]
    return [(message["type"], message["data"]) for message in messages]


def test_flags_and_offers_are_told_as_they_change_and_once(
    house: House, rounds: RoundRunner, receiver: Receiver, cast: Cast
) -> None:
    for _ in range(2):
        round_id = rounds.open()
        rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
        rounds.answer_all(round_id, cast.members_of("team_b"), STEADY)
        rounds.publish(round_id)
        rounds.forward(days=91)
    earlier = house.count(Flag)
    secret = house.add(receiver.url)
    house.run()
    assert receiver.received == []  # what was before is not told
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    rounds.answer_all(round_id, cast.members_of("team_b"), WORN)
    house.run(minutes=1)
    assert receiver.received == []  # nor anything before a round is published
    rounds.publish(round_id)
    house.run(minutes=1)
    raised = house.count(Flag) - earlier
    assert raised > 0
    assert [kind for kind, _ in told(receiver)] == ["flag.raised"] * raised
    with house.database.reading(Reach.EVERYTHING) as session:
        flag = session.scalars(select(Flag).order_by(Flag.raised_on.desc())).first()
    assert flag is not None
    house.set(Flag, flag.id, state=FlagState.CLOSED)
    offer_id = house.offer("team_b")
    for _ in range(3):
        house.run(minutes=1)
    later = told(receiver)[raised:]
    unit_id = str(cast.units["team_b"])
    assert sorted(later, key=lambda one: one[0]) == [
        (
            "flag.closed",
            {"flag_id": str(flag.id), "unit_id": unit_id, "kind": flag.kind, "state": "closed"},
        ),
        (
            "offer.offered",
            {
                "offer_id": str(offer_id),
                "unit_id": unit_id,
                "form": "team_supervision",
                "state": "offered",
            },
        ),
    ]
    now = house.clock.now().timestamp()
    assert all(is_genuine(secret, *message, now) for message in receiver.received[raised:])
    assert len(set(receiver.ids)) == len(receiver.ids)
    assert house.count(WebhookDelivery) == 0


@on_sqlite
def test_each_step_of_an_offer_is_told_and_one_that_was_taken_back_too(
    house: House, receiver: Receiver
) -> None:
    house.add(receiver.url)
    house.run()
    offer_id = house.offer("team_a")
    house.run(minutes=1)
    for state in (*(OfferState.SCHEDULED, OfferState.OFFERED), OfferState.HELD, OfferState.CLOSED):
        house.set(Offer, offer_id, state=state)
        house.run(minutes=1)
    assert [kind for kind, _ in told(receiver)] == [
        "offer.offered",
        "offer.scheduled",
        "offer.offered",
        "offer.held",
        "offer.closed",
    ]


@on_sqlite
def test_a_webhook_is_told_of_its_unit_and_below_and_of_what_it_wants(
    house: House, receiver: Receiver, cast: Cast
) -> None:
    house.add(f"{receiver.url}?department_1", "department_1")
    house.add(f"{receiver.url}?held", None, [Event.OFFER_HELD])
    house.run()
    house.offer("team_a")
    house.offer("team_b")
    held = house.offer("team_b", state=OfferState.HELD)
    house.run(minutes=1)
    data = dict(zip(receiver.visits, (one for _, one in told(receiver)), strict=True))
    assert {visit: one["unit_id"] for visit, one in data.items()} == {
        "/hook?department_1": str(cast.units["team_a"]),
        "/hook?held": str(cast.units["team_b"]),
    }
    assert data["/hook?held"]["offer_id"] == str(held)
    # A unit that moves takes what happens from then on with it, and no past.
    with house.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_b"]).parent_id = cast.units["department_1"]
    house.run(minutes=1)
    assert len(receiver.received) == 2


def test_support_for_one_person_is_told_to_nobody(
    house: House, receiver: Receiver, cast: Cast
) -> None:
    house.add(receiver.url)
    house.run()
    now = house.clock.now()
    with house.database.writing(Reach.EVERYTHING) as session:
        for days, how in enumerate(
            (
                {"unit": None},
                {"form": SupportForm.CRISIS_HELP},
                {"form": SupportForm.INDIVIDUAL_SUPERVISION},
                {"seats": 1},
            ),
            start=2,
        ):
            seed_held_session(session, cast, now=now, days_ago=days, **how)  # type: ignore[arg-type]
    team = house.offer("team_a")
    house.run(minutes=1)
    assert [data["offer_id"] for _, data in told(receiver)] == [str(team)]
    sent = " ".join(body.decode() for _, body in receiver.received)
    assert not any(str(person) in sent for person in cast.people.values())


@on_sqlite
@pytest.mark.parametrize("mood", [Mood.FAILS, Mood.DIES, Mood.REDIRECTS])
def test_what_is_not_taken_is_sent_again_under_the_same_id_until_it_is(
    mood: Mood, house: House, receiver: Receiver
) -> None:
    house.add(receiver.url)
    house.run()
    house.offer("team_a")
    receiver.mood = mood
    house.run(minutes=1)
    house.run()  # not at once
    assert len(receiver.received) == 1
    house.run(minutes=1)
    house.run(minutes=1)  # by now only every second minute
    assert len(receiver.received) == 2
    receiver.mood = Mood.TAKES
    house.run(minutes=5)
    house.run(minutes=5)
    assert len(receiver.received) == 3
    assert len(set(receiver.ids)) == 1
    assert len({body for _, body in receiver.received}) == 1


@on_sqlite
def test_three_days_in_vain_switch_a_webhook_off_and_administrators_are_told(
    house: House, receiver: Receiver, cast: Cast
) -> None:
    house.add(receiver.url)
    house.run()
    receiver.mood = Mood.FAILS
    began = house.clock.now()
    house.offer("team_a")
    said = ""
    while "1 switched off" not in said:
        said = house.run(minutes=30)
        assert house.clock.now() <= began + GIVES_UP_AFTER + timedelta(hours=1)
    assert house.clock.now() >= began + GIVES_UP_AFTER
    assert 10 < len(receiver.received) < 40
    assert house.count(WebhookDelivery) == 0
    with house.database.reading(Reach.EVERYTHING) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
        letters = session.execute(select(OutboxMessage.kind, OutboxMessage.person_id)).all()
        (shown,) = list_webhooks(session)
    assert event is not None
    assert (event.act, event.details["dropped"]) == ("webhook.switched_off", 1)
    assert [tuple(one) for one in letters] == [("webhook_off", cast.people["Adam"])]
    receiver.mood, before = Mood.TAKES, len(receiver.received)
    house.offer("team_a")
    house.run(days=1)
    assert len(receiver.received) == before
    with house.database.writing(Reach.ADMIN) as session:
        switch_on(session, shown.webhook.id, by=BY, now=house.clock.now())
    house.run(minutes=1)
    house.offer("team_b")
    house.run(minutes=1)
    assert len(receiver.received) == before + 1


@on_sqlite
def test_a_message_that_alone_is_never_taken_does_not_switch_off_what_works(
    house: House, receiver: Receiver
) -> None:
    house.add(receiver.url)
    house.run()
    receiver.mood = Mood.FAILS
    house.offer("team_a")
    for _ in range(6):
        house.run(hours=2)
    receiver.mood = Mood.TAKES
    with house.database.writing(Reach.EVERYTHING) as session:
        # Only the first is still waiting; another was taken in the meantime.
        session.execute(update(Webhook).values(delivered_at=house.clock.now()))
    receiver.mood = Mood.FAILS
    said = house.run(hours=72)
    assert "1 given up, 0 switched off" in said
    assert house.count(WebhookDelivery) == 0


@on_sqlite
def test_after_days_in_which_the_service_itself_was_down_it_tries_first(
    house: House, receiver: Receiver
) -> None:
    house.add(receiver.url)
    house.run()
    house.offer("team_a")
    with house.database.writing(Reach.EVERYTHING) as session:
        queue_events(session, now=house.clock.now())
    receiver.mood = Mood.FAILS
    assert "0 switched off" in house.run(days=9)
    receiver.mood = Mood.TAKES
    assert "1 handed over" in house.run(hours=1)


@on_sqlite
def test_a_process_that_dies_on_the_way_leaves_the_message_to_be_sent_again(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add(receiver.url)
    house.run()
    house.offer("team_a")

    def killed(*args: Any, **more: Any) -> None:
        post(*args, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr("wellbeing.actions.webhook_delivery.post", killed)
    with pytest.raises(KeyboardInterrupt):
        house.run(minutes=1)
    monkeypatch.undo()
    house.run()
    assert len(receiver.received) == 1  # its lease is not over
    house.run(seconds=LEASE.total_seconds())
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1


def test_two_looks_at_once_queue_nothing_twice(house: House, receiver: Receiver) -> None:
    house.add(receiver.url)
    house.run()
    house.offer("team_a")
    for _ in range(2):
        with house.database.writing(Reach.EVERYTHING) as session:
            queue_events(session, now=house.clock.now())
    assert house.count(WebhookDelivery) == 1


@on_sqlite
def test_a_webhook_that_leads_inside_is_never_called(house: House, receiver: Receiver) -> None:
    house.add(receiver.url)
    house.run()
    house.offer("team_a")
    house.settings = house.settings.model_copy(update={"webhook_own_networks": ()})
    assert "1 to be tried again" in house.run(minutes=1)
    assert receiver.received == []


@on_sqlite
def test_one_that_is_removed_is_told_nothing_more(house: House, receiver: Receiver) -> None:
    house.add(receiver.url)
    house.run()
    house.offer("team_a")
    with house.database.writing(Reach.EVERYTHING) as session:
        queue_events(session, now=house.clock.now())
    with house.database.writing(Reach.ADMIN) as session:
        (shown,) = list_webhooks(session)
        assert shown.waiting == 1
        remove_webhook(session, shown.webhook.id, by=BY, now=house.clock.now())
    house.run(hours=1)
    assert receiver.received == []
    assert house.count(WebhookDelivery) == 0


@on_sqlite
def test_the_secret_is_sealed_in_the_database_and_in_no_log(
    house: House, receiver: Receiver
) -> None:
    secret = house.add(receiver.url)
    with house.database.engine(Reach.EVERYTHING).connect() as connection:
        stored = connection.exec_driver_sql("SELECT sealed_secret FROM webhook").scalar_one()
        logged = str(connection.exec_driver_sql("SELECT details FROM audit_event").all())
    assert secret.encode() not in stored
    assert secret not in logged
    assert "webhook" not in secret


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "http://hook.example/"}, "https"),
        ({"name": " "}, "name"),
        ({"events": frozenset()}, "at least one"),
    ],
)
def test_a_webhook_that_does_not_fit_is_not_added(
    changed: dict[str, Any], said: str, house: House
) -> None:
    given = {"name": "x", "url": "https://hook.example/", "unit_id": None, "events": set(Event)}
    values = WebhookValues(**{**given, **changed})
    with house.database.writing(Reach.ADMIN) as session, pytest.raises(BadInput, match=said):
        add_webhook(session, values, own_networks=(), by=BY, now=house.clock.now())
    assert house.count(Webhook) == 0


@on_sqlite
def test_there_is_an_end_to_how_many_there_are_and_only_for_units_that_are(house: House) -> None:
    now = house.clock.now()
    values = WebhookValues("x", "https://hook.example/", None, frozenset(Event))
    elsewhere = WebhookValues("x", "https://hook.example/", uuid4(), frozenset(Event))
    with house.database.writing(Reach.ADMIN) as session:
        with pytest.raises(Missing):
            add_webhook(session, elsewhere, own_networks=(), by=BY, now=now)
        for _ in range(MOST_WEBHOOKS):
            add_webhook(session, values, own_networks=(), by=BY, now=now)
        with pytest.raises(BadInput, match="at most"):
            add_webhook(session, values, own_networks=(), by=BY, now=now)


def test_a_round_that_is_not_released_tells_nothing(
    house: House, rounds: RoundRunner, receiver: Receiver, cast: Cast
) -> None:
    house.add(receiver.url)
    house.run()
    for answers in (STEADY, WORN):
        round_id = rounds.open()
        rounds.answer_all(round_id, cast.members_of("team_b"), answers)
        rounds.publish(round_id)
        rounds.forward(days=91)
    with house.database.writing(Reach.EVERYTHING) as session:
        session.execute(update(PublishedRound).values(key_destroyed_at=None))
    house.run(minutes=1)
    assert receiver.received == []


def test_two_processes_at_once_send_each_message_once(house: House, receiver: Receiver) -> None:
    house.add(receiver.url)
    house.run()
    for _ in range(12):
        house.offer("team_a")
    with house.database.writing(Reach.EVERYTHING) as session:
        queue_events(session, now=house.clock.now())
    together = Barrier(2)

    def work() -> str:
        together.wait()
        return house.run()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work) for _ in range(2)]:
            done.result()
    assert len(receiver.ids) == len(set(receiver.ids)) == 12
    assert house.count(WebhookDelivery) == 0
