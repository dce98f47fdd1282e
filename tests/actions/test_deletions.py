"""A restored copy forgets again what was deleted after it was made."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.actions.logged import Logged, logged_database
from tests.actions.support_helpers import ZONE, add_session
from tests.cast import Cast
from tests.rounds import BY, WORN, RoundRunner
from tests.web.seed import a_webhook
from wellbeing.actions import accounts, checkin, diary, requests
from wellbeing.actions.bookings import step_back
from wellbeing.actions.calendar_feeds import make_address, revoke_address
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.erasure import erase_person
from wellbeing.actions.incident_affected import say_affected, take_back_affected
from wellbeing.actions.reminders import set_reminders
from wellbeing.actions.sign_in_passkeys import remove_passkey
from wellbeing.actions.sign_in_recovery import make_recovery_codes, use_recovery_code
from wellbeing.actions.tally import count_round
from wellbeing.domain.errors import Refused
from wellbeing.domain.incidents import IncidentKind
from wellbeing.store.accounts import (
    ApiToken,
    Person,
    PersonStatus,
    RoleGrant,
    SignInPasskey,
    SignInRecoveryCode,
    SignInSession,
)
from wellbeing.store.incidents import Incident, IncidentAffected, RequestWish, SupportRequest
from wellbeing.store.org import RoundState
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import CalendarFeed
from wellbeing.store.support import Booking
from wellbeing.store.webhooks import Webhook, WebhookDelivery

CODE = "havregrød og blåbær"


@pytest.fixture
def logged(database: Database, tmp_path: Path, now: datetime) -> Iterator[Logged]:
    """The database with a log beside the round keys."""
    with logged_database(database, tmp_path / "keys", now) as found:
        yield found


def start_diary(logged: Logged, person_id: UUID) -> None:
    """A diary."""
    logged.do(lambda session: diary.start(session, CODE, person_id=person_id))


def ask(session: Session, person_id: UUID, now: datetime) -> None:
    """A request for a talk."""
    requests.ask(session, person_id, RequestWish.TALK, "", zone=ZONE, now=now)


def affected_incident(session: Session, cast: Cast, now: datetime) -> UUID:
    """An incident that Eva says affected her."""
    incident = Incident(
        id=uuid4(),
        unit_id=cast.units["team_a"],
        kind=IncidentKind.THREAT,
        happened_on=now.date(),
        registered_on=now.date(),
        affected_count=1,
        details="",
    )
    session.add(incident)
    session.flush()
    say_affected(session, incident.id, person_id=cast.people["Eva"])
    return incident.id


def test_each_deletion_of_ones_own_is_done_again_and_only_once(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    eva, acts = cast.people["Eva"], dict[type, Callable[[Session], object]]()
    session_id = add_session(logged.database, cast, at=now + timedelta(days=3))
    start_diary(logged, eva)
    with logged.database.writing(Reach.EVERYTHING) as session:
        ask(session, eva, now)
        make_address(session, eva, now=now, by=BY)
        incident_id = affected_incident(session, cast, now)
    acts[DiaryKey] = partial(diary.delete_all, person_id=eva)
    acts[SupportRequest] = partial(requests.take_back, person_id=eva, now=now)
    acts[CalendarFeed] = partial(revoke_address, person_id=eva, now=now, by=BY)
    acts[IncidentAffected] = partial(take_back_affected, incident_id=incident_id, person_id=eva)
    acts[Booking] = partial(step_back, person_id=eva, session_id=session_id, now=now)
    before = {table: logged.count(table) for table in acts}
    for act in acts.values():
        logged.lose(act)
    assert {table: logged.count(table) for table in acts} == before
    assert logged.replay() == len(acts)
    assert {table: logged.count(table) for table in acts} == {t: n - 1 for t, n in before.items()}
    assert logged.replay() == 0


def test_a_diary_begun_anew_is_another_one(logged: Logged, cast: Cast) -> None:
    eva = cast.people["Eva"]
    start_diary(logged, eva)
    logged.do(partial(diary.delete_all, person_id=eva))
    start_diary(logged, eva)
    assert logged.replay() == 0
    assert logged.count(DiaryKey) == 1


def test_whoever_left_is_shut_out_again_unless_they_came_back(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    eva, tom = cast.people["Eva"], cast.people["Tom"]
    logged.do(partial(accounts.disable, person_id=tom, now=now, by=BY))
    logged.do(partial(accounts.enable, person_id=tom, now=now, by=BY))
    logged.lose(partial(accounts.disable, person_id=eva, now=now, by=BY))
    assert logged.replay() == 1
    with logged.database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, eva).status is PersonStatus.DISABLED
        assert session.get_one(Person, eva).left_at == now
        assert session.get_one(Person, tom).status is PersonStatus.INVITED


def test_stopped_reminders_stay_stopped_and_the_latest_choice_counts(
    logged: Logged, cast: Cast
) -> None:
    eva, tom = cast.people["Eva"], cast.people["Tom"]
    logged.do(partial(set_reminders, person_id=tom, wanted=False))
    logged.do(partial(set_reminders, person_id=tom, wanted=True))
    logged.lose(partial(set_reminders, person_id=eva, wanted=False))
    assert logged.replay() == 1
    with logged.database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, eva).reminders_stopped
        assert not session.get_one(Person, tom).reminders_stopped


def test_a_withdrawn_answer_is_withdrawn_again_and_the_tally_adds_up(
    logged: Logged, cast: Cast, rounds: RoundRunner
) -> None:
    round_id, team = rounds.open(), cast.members_of("team_a")
    rounds.answer_all(round_id, team[1:])
    sent = rounds.answer(round_id, team[0], WORN)

    def withdraw(session: Session) -> None:
        assert sent.receipt
        checkin.withdraw(
            session,
            sent.receipt,
            person_id=team[0],
            round_id=round_id,
            keys=rounds.keys,
            now=rounds.now,
        )

    logged.lose(withdraw, Reach.EMPLOYEE)
    assert logged.count(Ballot) == len(team)
    assert (logged.replay(), logged.replay()) == (1, 0)
    assert logged.count(Ballot) == len(team) - 1
    opened = rounds.keys.get_private(round_id), rounds.keys.get_mac(round_id)
    with logged.database.reading(Reach.EVERYTHING) as session:
        assert not session.get_one(Participation, (round_id, team[0])).done
        assert len(count_round(session, round_id, *opened).unit_of) == len(team) - 1


def test_a_line_of_a_withdrawal_says_nothing_once_the_round_is_published(
    logged: Logged, cast: Cast, rounds: RoundRunner
) -> None:
    round_id, team = rounds.open(), cast.members_of("team_a")
    sent = rounds.answer(round_id, team[0])
    assert sent.receipt
    mac_key = rounds.keys.get_mac(round_id)
    with logged.database.writing(Reach.EMPLOYEE) as session:
        checkin.withdraw(
            session,
            sent.receipt,
            person_id=team[0],
            round_id=round_id,
            keys=rounds.keys,
            now=rounds.now,
        )
    (line,) = logged.log.read().deletions
    rounds.keys.destroy(round_id)
    # The log's own key, which stays, cannot make the same fingerprints; only the round's could.
    prints = {logged.log.fingerprint(*ids) for ids in ((round_id, team[0]), (line.kind, team[0]))}
    assert len(mac_key) == 32
    assert not prints & set(line.what)


def test_a_round_whose_keys_are_gone_is_not_brought_back(
    logged: Logged, cast: Cast, rounds: RoundRunner
) -> None:
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    logged.do(lambda session: note(session, Kind.ROUND_KEYS, round_id))
    rounds.keys.destroy(round_id)
    assert (logged.replay(), logged.replay()) == (1, 0)
    assert (logged.count(Ballot), logged.count(Participation)) == (0, 0)
    assert rounds.state(round_id) is RoundState.LOST


def test_roles_tokens_and_sign_ins_end_again(logged: Logged, cast: Cast, now: datetime) -> None:
    token = ApiToken(
        id=uuid4(),
        name="SCIM",
        scope="scim",
        secret_hash="0" * 64,
        made_at=now,
        expires_at=now + timedelta(days=9),
    )
    sign_in = SignInSession(
        secret_hash="1" * 64, person_id=cast.people["Eva"], started_at=now,
        expires_at=now + timedelta(hours=8),
    )  # fmt: skip
    with logged.database.writing(Reach.EVERYTHING) as session:
        session.add_all((token, sign_in))
        query = select(RoleGrant.id).where(RoleGrant.person_id == cast.people["Lis"])
        grant_id = session.scalars(query).one()
    grants = logged.count(RoleGrant)
    logged.do(lambda session: note(session, Kind.ROLE, grant_id))
    logged.do(lambda session: note(session, Kind.TOKEN, token.id))
    assert (logged.replay(), logged.replay()) == (3, 0)
    assert (logged.count(RoleGrant), logged.count(SignInSession)) == (grants - 1, 0)
    with logged.database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(ApiToken, token.id).revoked_at == now


def test_ways_in_that_are_used_up_or_taken_away_open_nothing_in_a_copy(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    eva, key, printed = cast.people["Eva"], b"k" * 32, list[str]()
    passkey = SignInPasskey(
        id=uuid4(),
        person_id=eva,
        credential_id=b"hers",
        public_key=b"public",
        sign_count=0,
        transports=[],
        name="Hendes",
        added_on=now.date(),
    )
    with logged.database.writing(Reach.EVERYTHING) as session:
        session.add(passkey)
        printed += make_recovery_codes(session, eva, key=key, now=now, is_first=True)
    logged.lose(lambda session: use_recovery_code(session, eva, printed[0], key=key, now=now))
    assert logged.replay() == 1
    assert logged.count(SignInRecoveryCode) == 9
    logged.lose(lambda session: make_recovery_codes(session, eva, key=key, now=now))
    logged.lose(lambda session: remove_passkey(session, eva, passkey.id, now=now))
    assert logged.replay() == 9 + 1
    assert (logged.count(SignInRecoveryCode), logged.count(SignInPasskey)) == (0, 0)


def test_a_webhook_that_was_removed_is_told_nothing_by_a_restored_copy(
    logged: Logged, now: datetime
) -> None:
    removed, kept = uuid4(), uuid4()
    row = {"body": "{}", "made_at": now, "due_at": now}
    with logged.database.writing(Reach.EVERYTHING) as session:
        session.add_all(a_webhook(one, now=now) for one in (removed, kept))
        session.flush()
        session.add_all(WebhookDelivery(webhook_id=one, **row) for one in (removed, kept))
    logged.do(lambda session: note(session, Kind.WEBHOOK, removed))
    assert (logged.replay(), logged.replay()) == (1, 0)
    assert (logged.count(Webhook), logged.count(WebhookDelivery)) == (1, 1)


def test_lines_before_the_copy_was_begun_are_not_replayed(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    eva = cast.people["Eva"]
    logged.lose(partial(set_reminders, person_id=eva, wanted=False))
    assert logged.replay(since=now + timedelta(hours=1)) == 0
    assert logged.replay(since=now) == 1


def test_what_cannot_be_logged_is_not_deleted(
    logged: Logged, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_diary(logged, cast.people["Eva"])

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wellbeing.crypto.deletion_log.os.write", full)
    with pytest.raises(Refused, match="nothing was deleted"):
        logged.do(partial(diary.delete_all, person_id=cast.people["Eva"]))
    monkeypatch.undo()
    assert logged.count(DiaryKey) == 1
    assert logged.kinds() == []


def test_a_refused_act_leaves_no_line(logged: Logged, cast: Cast, now: datetime) -> None:
    with pytest.raises(Refused):
        logged.do(partial(erase_person, person_id=cast.people["Eva"], now=now, by=BY))
    assert logged.kinds() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.asvs("14.2.7")
def test_a_copy_of_the_file_made_before_and_restored_after_forgets_everything_again(
    logged: Logged, cast: Cast, rounds: RoundRunner, tmp_path: Path, now: datetime
) -> None:
    eva, round_id = cast.people["Eva"], rounds.open()
    start_diary(logged, eva)
    rounds.answer(round_id, eva)
    logged.do(lambda session: ask(session, eva, now))
    rounds.database.scrub()
    copy = tmp_path / "copy.db"
    copy.write_bytes(Path(str(logged.database.url.database)).read_bytes())

    def leave_and_be_erased(session: Session) -> None:
        accounts.disable(session, eva, now=now, by=BY)
        erase_person(session, eva, now=now, by=BY)

    logged.do(leave_and_be_erased)
    # A crash while the next line was written.
    with logged.log.path.open("ab") as file:
        file.write(b'{"id":"12')
    restored = Database(f"sqlite:///{copy}", durable=False)
    assert logged.count(DiaryEntry, restored) == 1
    raw = "SELECT sealed_name FROM person WHERE employee_number = '1001'"
    with restored.reading(Reach.EVERYTHING) as session:
        name = bytes(session.connection().exec_driver_sql(raw).scalar_one())
    assert name in copy.read_bytes()
    assert logged.replay(database=restored) > 0
    assert logged.replay(database=restored) == 0
    restored.scrub()
    for table in (DiaryKey, DiaryEntry, SupportRequest):
        assert logged.count(table, restored) == 0
    assert name not in copy.read_bytes()
    restored.close()
