"""Closing and publishing: once, whole, final, and forgotten afterwards."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update

from tests.cast import Cast
from tests.rounds import BY, STEADY, WORN, RoundRunner
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.checkin import Answers, send
from wellbeing.actions.publishing import find_due_to_publish, resume_stopped
from wellbeing.actions.record import read_records
from wellbeing.crypto.ballots import OpenedBallot, ballot_mac, seal_ballot
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication_record import RoundRecord
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.reach import Reach

TEAM_A = "Østerhus / Bostøtte / Anemonen"
TEAM_C = "Østerhus / Bostøtte / Kløveren"


def _records(rounds: RoundRunner) -> tuple[RoundRecord, ...]:
    with rounds.database.reading(Reach.WORKPLACE) as session:
        return read_records(session)


def _answered_round(rounds: RoundRunner, cast: Cast) -> UUID:
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    rounds.answer_all(round_id, cast.members_of("team_b"), WORN)
    rounds.answer_all(round_id, cast.members_of("team_c"), STEADY)
    rounds.answer(round_id, cast.people["Lis"], WORN)
    rounds.answer(round_id, cast.people["Ole"], WORN)
    return round_id


def test_a_published_round_shows_the_teams_that_reach_the_size(
    rounds: RoundRunner, cast: Cast
) -> None:
    assert rounds.publish(_answered_round(rounds, cast))
    (record,) = _records(rounds)
    team = next(group for group in record.groups if group.label == TEAM_A)
    assert team.n == 8
    # STEADY by hand: CS items all 4 = 40; BO 5×2 + 5×(6−4) = 20; STS items all 2 = 20.
    assert {s: v.shown for s, v in team.values.items()} == {
        Scale.CS: "40",
        Scale.BO: "20",
        Scale.STS: "20",
    }


def test_a_small_team_is_withheld_and_counted_with_others(rounds: RoundRunner, cast: Cast) -> None:
    assert rounds.publish(_answered_round(rounds, cast))
    (record,) = _records(rounds)
    mark = next(mark for mark in record.withheld if mark.unit == TEAM_C)
    assert mark.reason == "too_few"
    others = next(group for group in record.groups if group.id == mark.counted_in)
    assert TEAM_C in others.counts_for
    assert others.n == 5  # three of the small team and both leaders, at the top of the house


@pytest.mark.asvs("2.3.1")
def test_a_round_is_not_published_before_it_is_over(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    assert not rounds.publisher(after=timedelta(days=13)).publish(round_id)
    assert rounds.state(round_id) is RoundState.OPEN
    assert _records(rounds) == ()


def test_publishing_destroys_keys_ballots_and_participation(
    rounds: RoundRunner, cast: Cast
) -> None:
    round_id = _answered_round(rounds, cast)
    assert rounds.publish(round_id)
    assert not rounds.keys.exist(round_id)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(Ballot)) == 0
        assert session.scalar(select(func.count()).select_from(Participation)) == 0


def test_publishing_twice_changes_nothing(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    assert rounds.publish(round_id)
    before = _records(rounds)
    assert rounds.publish(round_id)
    assert _records(rounds) == before
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert find_due_to_publish(session, rounds.keys, now=rounds.now + timedelta(days=99)) == []


def test_a_round_nobody_answered_is_published_with_everything_withheld(
    rounds: RoundRunner,
) -> None:
    assert rounds.publish(rounds.open())
    (record,) = _records(rounds)
    assert record.groups == ()
    assert {mark.reason for mark in record.withheld} == {"not_used"}


@pytest.mark.asvs("2.3.1")
def test_a_ballot_after_closing_is_refused_before_and_after_publication(
    rounds: RoundRunner, cast: Cast
) -> None:
    round_id = rounds.open()
    late = rounds.now + timedelta(days=14)
    for _ in range(2):
        with (
            pytest.raises(Refused, match="has closed"),
            rounds.database.writing(Reach.EMPLOYEE) as session,
        ):
            send(
                session,
                Answers(STEADY, ("da",)),
                person_id=cast.people["Eva"],
                round_id=round_id,
                form_id=uuid4(),
                keys=rounds.keys,
                now=late,
            )
        assert rounds.publish(round_id)


def _expect_stop(rounds: RoundRunner, round_id: UUID, words: str) -> None:
    assert not rounds.publish(round_id)
    assert rounds.state(round_id) is RoundState.STOPPED
    assert _records(rounds) == ()
    assert rounds.keys.exist(round_id)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert words in (session.get_one(Round, round_id).stopped_because or "")
        assert session.scalar(select(func.count()).select_from(Ballot)) != 0


def test_a_deleted_ballot_stops_the_tally(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.delete(session.scalars(select(Ballot).limit(1)).one())
    _expect_stop(rounds, round_id, "added or removed outside")


def test_a_stuffed_ballot_stops_the_tally(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        public_key = session.get_one(Round, round_id).public_key
        assert public_key is not None
        ballot_id, unit_id = uuid4(), cast.units["team_a"]
        stuffed = OpenedBallot((50, 10, 10), unit_id, "0" * 64)
        sealed = seal_ballot(stuffed, ballot_id=ballot_id, public_key_hex=public_key)
        session.add(
            Ballot(id=ballot_id, round_id=round_id, unit_id=unit_id, sealed=sealed, mac=bytes(32))
        )
    _expect_stop(rounds, round_id, "changed, moved or added outside")


def test_a_stuffed_ballot_with_a_stolen_mac_key_is_still_counted_against_participation(
    rounds: RoundRunner, cast: Cast
) -> None:
    round_id = _answered_round(rounds, cast)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        public_key = session.get_one(Round, round_id).public_key
        assert public_key is not None
        ballot_id, unit_id = uuid4(), cast.units["team_a"]
        stuffed = OpenedBallot((50, 10, 10), unit_id, "0" * 64)
        sealed = seal_ballot(stuffed, ballot_id=ballot_id, public_key_hex=public_key)
        mac = ballot_mac(
            rounds.keys.get_mac(round_id),
            ballot_id=ballot_id,
            round_id=round_id,
            unit_id=unit_id,
            sealed=sealed,
        )
        session.add(
            Ballot(id=ballot_id, round_id=round_id, unit_id=unit_id, sealed=sealed, mac=mac)
        )
    _expect_stop(rounds, round_id, "9 ballots, but 8 people")


def test_a_ballot_swapped_for_another_ones_seal_stops_the_tally(
    rounds: RoundRunner, cast: Cast
) -> None:
    round_id = _answered_round(rounds, cast)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        first, second = session.scalars(select(Ballot).limit(2)).all()
        first.sealed, second.sealed = second.sealed, first.sealed
    _expect_stop(rounds, round_id, "changed, moved or added outside")


def test_a_ballot_moved_to_another_unit_stops_the_tally(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        ballot = session.scalars(
            select(Ballot).where(Ballot.unit_id == cast.units["team_a"]).limit(1)
        ).one()
        ballot.unit_id = cast.units["team_b"]
    _expect_stop(rounds, round_id, "changed, moved or added outside")


def test_two_ballots_that_change_places_under_one_mac_key_are_found_by_their_inner_id(
    rounds: RoundRunner, cast: Cast
) -> None:
    round_id = _answered_round(rounds, cast)
    mac_key = rounds.keys.get_mac(round_id)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        first, second = session.scalars(select(Ballot).limit(2)).all()
        first.sealed, second.sealed = second.sealed, first.sealed
        for ballot in (first, second):
            ballot.mac = ballot_mac(
                mac_key,
                ballot_id=ballot.id,
                round_id=round_id,
                unit_id=ballot.unit_id,
                sealed=ballot.sealed,
            )
    _expect_stop(rounds, round_id, "another id")


def test_participation_set_back_stops_the_tally(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.execute(
            update(Participation)
            .where(Participation.person_id == cast.people["Eva"])
            .values(done=False)
        )
    _expect_stop(rounds, round_id, "8 ballots, but 7 people")


@pytest.mark.parametrize("kind", ["private", "mac"])
def test_publishing_without_a_key_stops_and_goes_on_once_it_is_back(
    rounds: RoundRunner, cast: Cast, kind: str
) -> None:
    round_id = _answered_round(rounds, cast)
    path = rounds.keys.folder / f"{round_id}.{kind}"
    kept = path.read_bytes()
    path.unlink()
    _expect_stop(rounds, round_id, f"{round_id}.{kind} is missing")
    path.write_bytes(kept)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        resume_stopped(session, round_id, now=rounds.now, by=BY)
    assert rounds.publish(round_id)
    assert len(_records(rounds)) == 1


def test_the_key_of_another_round_opens_nothing(rounds: RoundRunner, cast: Cast) -> None:
    round_id = _answered_round(rounds, cast)
    other = uuid4()
    rounds.keys.make(other)
    stolen = (rounds.keys.folder / f"{other}.private").read_bytes()
    (rounds.keys.folder / f"{round_id}.private").write_bytes(stolen)
    _expect_stop(rounds, round_id, "cannot be opened with this round's key")


@pytest.mark.asvs("2.3.1")
def test_nothing_is_released_while_a_key_still_exists(
    rounds: RoundRunner, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = _answered_round(rounds, cast)
    monkeypatch.setattr(type(rounds.keys), "destroy", lambda *_: None)
    with pytest.raises(Refused, match="key still exists"):
        rounds.publish(round_id)
    assert _records(rounds) == ()


def test_every_step_is_in_the_audit_log_and_the_chain_is_whole(
    rounds: RoundRunner, cast: Cast
) -> None:
    assert rounds.publish(_answered_round(rounds, cast))
    with rounds.database.reading(Reach.EVERYTHING) as session:
        acts = list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)))
        assert find_break(session) is None
    assert acts == [
        "programme.created",
        "round.opened",
        "round.closed",
        "flags.raised",
        "round.tallied",
        "round.published",
    ]


def test_a_changed_event_breaks_the_chain(rounds: RoundRunner, cast: Cast) -> None:
    assert rounds.publish(_answered_round(rounds, cast))
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.execute(text("UPDATE audit_event SET act = 'other' WHERE number = 3"))
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) == 3


def test_rewriting_leaves_no_row_with_the_mark_of_its_own_transaction(
    rounds: RoundRunner, cast: Cast
) -> None:
    if rounds.database.is_sqlite:
        pytest.skip("SQLite stores no transaction numbers")
    from wellbeing.actions.tally import scatter

    round_id = _answered_round(rounds, cast)
    marks = "SELECT count(DISTINCT xmin::text) FROM {}"
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.execute(text(marks.format("ballot"))).scalar_one() > 10
    in_place = "SELECT pg_stat_get_xact_tuples_hot_updated('{}'::regclass)"
    for entity, table in ((Participation, "participation"), (Ballot, "ballot")):
        with rounds.database.writing(Reach.EVERYTHING) as session:
            scatter(session, round_id, entity)
            assert session.execute(text(in_place.format(table))).scalar_one() > 10
    rounds.database.scrub("ballot", "participation")
    places = "SELECT {} FROM {} ORDER BY ctid"
    with rounds.database.reading(Reach.EVERYTHING) as session:
        for table, key in (("ballot", "id"), ("participation", "person_id")):
            assert session.execute(text(marks.format(table))).scalar_one() == 1
            keys = session.scalars(text(places.format(key, table))).all()
            assert keys == sorted(keys), "in the order of their random keys, and of nothing else"
