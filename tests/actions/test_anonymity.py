"""The anonymity report says what the record proves, and nothing about single people."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from tests.cast import Cast
from tests.rounds import BY, STEADY, WORN, ZONE, RoundRunner
from wellbeing.actions.anonymity import AnonymityReport, make_report
from wellbeing.actions.publishing import Publisher, Step, resume_stopped
from wellbeing.actions.reads import Opened, record_opened
from wellbeing.actions.record import read_record
from wellbeing.actions.structure import form_group
from wellbeing.domain.actor import Actor
from wellbeing.domain.audit import find_worst_of_round
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import Missing
from wellbeing.domain.publication import Reason
from wellbeing.domain.roles import Role
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedFigure
from wellbeing.store.reach import Reach

RULES = load_rules()


@pytest.fixture
def published(rounds: RoundRunner, cast: Cast) -> UUID:
    """A round that eight people of Anemonen and two of Kløveren answered."""
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), WORN)
    rounds.answer_all(round_id, [cast.people["Otto"], cast.people["Ulla"]], STEADY)
    assert rounds.publish(round_id)
    return round_id


def report_of(rounds: RoundRunner, round_id: UUID) -> AnonymityReport:
    """The report as a signed-in person may read it."""
    with rounds.database.reading(Reach.EMPLOYEE) as session:
        return make_report(session, round_id, RULES)


def test_a_published_round_keeps_the_promise(rounds: RoundRunner, published: UUID) -> None:
    report = report_of(rounds, published)
    assert report.is_kept
    assert report.breaches == ()
    assert report.worst[0].narrowest >= RULES.promised_points
    known = report.worst[RULES.pooled_answers]
    assert known.lowest_strain <= RULES.lowest_strain_at_most
    assert known.highest_satisfaction >= RULES.highest_satisfaction_at_least


def test_the_bounds_are_those_of_the_record_with_none_one_and_two_answers_known(
    rounds: RoundRunner, published: UUID
) -> None:
    report = report_of(rounds, published)
    with rounds.database.reading(Reach.WORKPLACE) as session:
        record = read_record(session, published)
    assert [worst.pooled for worst in report.worst] == [0, 1, 2]
    assert list(report.worst) == [find_worst_of_round(record, pooled) for pooled in range(3)]


def test_what_was_shown_and_withheld_is_counted(rounds: RoundRunner, published: UUID) -> None:
    report = report_of(rounds, published)
    assert (report.groups, report.smallest) == (1, 8)
    with rounds.database.reading(Reach.WORKPLACE) as session:
        record = read_record(session, published)
    marks = Counter(Reason[mark.reason.upper()] for mark in record.withheld)
    assert marks
    assert report.withheld == dict(marks)
    assert report.rollups == len(record.rollups)


def test_a_reporting_group_is_told_from_what_is_withheld(rounds: RoundRunner, cast: Cast) -> None:
    with rounds.database.writing(Reach.WORKPLACE) as session:
        teams = (cast.units["team_a"], cast.units["team_c"])
        form_group(session, teams, now=rounds.now, by=Actor.command("Hanne"))
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    assert rounds.publish(round_id)
    assert report_of(rounds, round_id).withheld[Reason.POOLED] == 2


def test_a_round_that_showed_nothing_has_no_bounds(rounds: RoundRunner, cast: Cast) -> None:
    round_id = rounds.open()
    rounds.answer(round_id, cast.people["Eva"])
    assert rounds.publish(round_id)
    report = report_of(rounds, round_id)
    assert (report.groups, report.smallest, report.worst) == (0, None, ())
    assert report.is_kept


def test_nothing_is_left_of_the_answers_and_the_key_has_a_time_of_death(
    rounds: RoundRunner, published: UUID
) -> None:
    report = report_of(rounds, published)
    assert report.left_stored == 0
    assert report.key_destroyed_at == rounds.now + timedelta(days=15)
    assert [event.act for event in report.events] == [
        "round.opened",
        "round.closed",
        "round.tallied",
        "round.published",
    ]
    assert report.events[0].at == rounds.now


def test_rows_that_should_be_gone_are_counted(
    rounds: RoundRunner, cast: Cast, published: UUID
) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        person = cast.people["Eva"]
        session.add(Participation(round_id=published, person_id=person, done=True))
    assert report_of(rounds, published).left_stored == 1


def test_a_record_that_says_more_than_is_promised_is_told(
    rounds: RoundRunner, published: UUID
) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        burnout = PublishedFigure.scale == "BO"
        values = {"point": 50, "low": 49.5, "high": 50.0, "kind": "or_more"}
        session.execute(update(PublishedFigure).where(burnout).values(values))
    report = report_of(rounds, published)
    assert not report.is_kept
    assert report.worst[0].narrowest < RULES.promised_points


def test_stricter_rules_of_today_are_what_a_round_is_held_against(
    rounds: RoundRunner, published: UUID
) -> None:
    assert report_of(rounds, published).is_kept
    stricter = replace(RULES, promised_points=41, other_room=41)
    with rounds.database.reading(Reach.EMPLOYEE) as session:
        report = make_report(session, published, stricter)
    assert report.rules == stricter
    assert not report.is_kept


def test_who_has_looked_is_counted_by_role(rounds: RoundRunner, published: UUID) -> None:
    with rounds.database.writing(Reach.WORKPLACE) as session:
        for name in ("Lis", "Ole"):
            moment = rounds.now
            one = Opened(
                "figures.read",
                str(uuid4()),
                frozenset({Role.LEADER}),
                moment.date(),
                (("round", str(published)),),
            )
            record_opened(session, [one], now=moment, by=Actor.command(name))
    assert report_of(rounds, published).reads == {
        Role.LEADER: 2,
        Role.HR: 0,
        Role.SAFETY_REPRESENTATIVE: 0,
    }


def test_a_round_that_is_not_published_has_no_report(rounds: RoundRunner) -> None:
    open_round = rounds.open()
    for round_id in (open_round, uuid4()):
        with pytest.raises(Missing):
            report_of(rounds, round_id)


def test_there_is_no_report_before_the_key_is_destroyed(rounds: RoundRunner, cast: Cast) -> None:
    def die(step: Step) -> None:
        if step is Step.DESTROY_KEYS:
            raise KeyboardInterrupt

    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    after = rounds.now + timedelta(days=15)
    publisher = Publisher(rounds.database, rounds.keys, zone=ZONE, now=after, by=BY, on_step=die)
    with pytest.raises(KeyboardInterrupt):
        publisher.publish(round_id)
    with pytest.raises(Missing):
        report_of(rounds, round_id)


def test_a_stopped_and_resumed_round_says_so(rounds: RoundRunner, cast: Cast) -> None:
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    with rounds.database.writing(Reach.EVERYTHING) as session:
        ballot = session.scalars(select(Ballot)).first()
        assert ballot is not None
        good = ballot.mac
        ballot.mac = bytes(32)
        ballot_id = ballot.id
    assert not rounds.publish(round_id)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Ballot, ballot_id).mac = good
        resume_stopped(session, round_id, now=rounds.now, by=Actor.command("Dina"))
    assert rounds.publish(round_id)
    acts = [event.act for event in report_of(rounds, round_id).events]
    assert acts[1:4] == ["round.closed", "round.stopped", "round.resumed"]
