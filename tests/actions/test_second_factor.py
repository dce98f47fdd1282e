"""App codes and recovery codes: each once, whoever is faster; and who needs a second factor."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from argon2.low_level import hash_secret_raw
from pyotp import TOTP
from sqlalchemy import func, select, update

from tests.cast import PASSWORD, Cast, email_of
from wellbeing.actions.authenticator import begin_app, confirm_app, remove_app, use_app_code
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.second_factor import (
    find_lacking,
    reset_second_factor,
    settle_after_removal,
)
from wellbeing.actions.sign_in import find_signed_in, sign_in
from wellbeing.actions.sign_in_recovery import (
    count_recovery_codes,
    make_recovery_codes,
    use_recovery_code,
)
from wellbeing.actions.sign_in_steps import (
    HALF_LIFE,
    SignInRules,
    find_half_sign_in,
    finish_sign_in,
)
from wellbeing.crypto import codes as codes_of_ours
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing, Refused, UnfitKeys
from wellbeing.domain.roles import Role
from wellbeing.settings import SECOND_FACTOR_FLOOR
from wellbeing.store.accounts import AuthenticatorApp, RoleGrant, SignInRecoveryCode, SignInSession
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sealed import NoSealer, Sealed
from wellbeing.store.sessions import Database

KEY = b"k" * 32
RULES = SignInRules(hours=8, second_factor_roles=SECOND_FACTOR_FLOOR)


@dataclass
class Owner:
    """Somebody with an app, and what the app knows."""

    database: Database
    person_id: UUID
    secret: str
    now: datetime

    def code(self, **later: float) -> str:
        """What the app shows then."""
        return TOTP(self.secret).at(self.now + timedelta(**later))

    def use(self, code: str, **later: float) -> bool:
        """Whether the code fits then."""
        with self.database.writing(Reach.SIGN_IN) as session:
            now = self.now + timedelta(**later)
            return use_app_code(session, self.person_id, code, now=now)


@pytest.fixture
def eva(database: Database, cast: Cast, tmp_path: Path, now: datetime) -> Owner:
    """Eva, who has set an app up three minutes ago."""
    return set_up(database, cast.people["Eva"], tmp_path, now)


def set_up(database: Database, person_id: UUID, folder: Path, now: datetime) -> Owner:
    """Somebody sets an app up three minutes ago."""
    earlier = now - timedelta(minutes=3)
    with database.writing(Reach.SIGN_IN) as session:
        secret = begin_app(session, person_id)
        code = TOTP(secret).at(earlier)
        confirm_app(session, person_id, code, now=earlier)
    return Owner(database, person_id, secret, now)


def mails_about(database: Database, person_id: UUID) -> list[str]:
    """What the person is told has changed, sorted."""
    query = select(OutboxMessage.context).where(
        OutboxMessage.kind == MailKind.SECURITY_CHANGED.value, OutboxMessage.person_id == person_id
    )
    with database.reading(Reach.EVERYTHING) as session:
        return sorted(context["change"] for context in session.scalars(query))


def acts(database: Database) -> list[str]:
    """What the audit log says, in order."""
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)))


def at_once(tries: int, attempt: Callable[[], bool]) -> int:
    """How many of so many simultaneous attempts succeed."""
    barrier = Barrier(tries)

    def go(_: int) -> bool:
        barrier.wait()
        return attempt()

    with ThreadPoolExecutor(tries) as pool:
        return sum(pool.map(go, range(tries)))


@pytest.mark.asvs("6.5.1")
def test_a_code_fits_once(eva: Owner) -> None:
    assert eva.use(eva.code())
    assert not eva.use(eva.code())
    assert not eva.use(eva.code(), seconds=25)


@pytest.mark.asvs("6.5.1")
def test_a_code_older_than_one_that_was_used_is_refused(eva: Owner) -> None:
    earlier = eva.code(seconds=-30)
    assert eva.use(eva.code())
    assert not eva.use(earlier)


@pytest.mark.parametrize(
    ("clock", "fits"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(clock: int, fits: bool, eva: Owner) -> None:
    assert eva.use(eva.code(seconds=clock)) is fits


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000 "])
def test_what_is_no_code_of_the_app_is_refused(typed: str, eva: Owner) -> None:
    assert not eva.use(typed)


def test_spaces_in_a_code_do_not_matter(eva: Owner) -> None:
    assert eva.use(f" {eva.code()[:3]} {eva.code()[3:]} ")


def test_one_code_sent_five_times_at_once_fits_once(eva: Owner) -> None:
    code = eva.code()
    assert at_once(5, lambda: eva.use(code)) == 1


def test_a_wrong_code_sets_up_nothing(
    database: Database, cast: Cast, tmp_path: Path, now: datetime
) -> None:
    tom = cast.people["Tom"]
    with database.writing(Reach.SIGN_IN) as session:
        secret = begin_app(session, tom)
    wrong = TOTP(secret).at(now + timedelta(hours=1))
    with pytest.raises(Refused), database.writing(Reach.SIGN_IN) as session:
        confirm_app(session, tom, wrong, now=now)
    with database.writing(Reach.SIGN_IN) as session:
        assert not use_app_code(session, tom, TOTP(secret).at(now), now=now)
        assert begin_app(session, tom) == secret  # a page loaded again shows the same


def test_an_app_that_is_set_up_is_not_shown_again(eva: Owner) -> None:
    with pytest.raises(Refused), eva.database.writing(Reach.SIGN_IN) as session:
        begin_app(session, eva.person_id)


def test_the_secret_lies_sealed_and_opens_in_no_other_row(
    eva: Owner, cast: Cast, tmp_path: Path
) -> None:
    with eva.database.writing(Reach.EVERYTHING) as session:
        stored = session.connection().exec_driver_sql("SELECT sealed_secret FROM authenticator_app")
        sealed = bytes(stored.scalar_one())
        assert eva.secret.encode() not in sealed
        session.add(AuthenticatorApp(person_id=cast.people["Tom"], secret="x", is_confirmed=True))
        session.flush()
        moved = update(AuthenticatorApp).where(AuthenticatorApp.person_id == cast.people["Tom"])
        session.execute(moved.values(sealed_secret=Sealed(sealed, "", NoSealer())))
    with pytest.raises(UnfitKeys), eva.database.writing(Reach.SIGN_IN) as session:
        use_app_code(session, cast.people["Tom"], eva.code(), now=eva.now)


def test_setting_up_and_removing_an_app_is_logged_and_mailed(eva: Owner) -> None:
    with eva.database.writing(Reach.SIGN_IN) as session:
        assert remove_app(session, eva.person_id, now=eva.now)
        assert not remove_app(session, eva.person_id, now=eva.now)
    assert acts(eva.database) == ["second_factor.set", "second_factor.removed"]
    assert mails_about(eva.database, eva.person_id) == ["app_added", "app_removed"]


def new_codes(eva: Owner) -> tuple[str, ...]:
    """Ten recovery codes for her."""
    with eva.database.writing(Reach.SIGN_IN) as session:
        return make_recovery_codes(session, eva.person_id, key=KEY, now=eva.now)


def use(eva: Owner, typed: str, person_id: UUID | None = None) -> bool:
    """Whether the recovery code fits."""
    with eva.database.writing(Reach.SIGN_IN) as session:
        person = person_id or eva.person_id
        return use_recovery_code(session, person, typed, key=KEY, now=eva.now)


@pytest.mark.asvs("6.5.1", "6.5.4")
def test_ten_recovery_codes_fit_once_each(eva: Owner, cast: Cast) -> None:
    codes = new_codes(eva)
    assert len(set(codes)) == 10
    assert not use(eva, codes[0], cast.people["Tom"])
    assert use(eva, codes[0].lower().replace("-", " "))
    assert not use(eva, codes[0])
    with eva.database.reading(Reach.SIGN_IN) as session:
        assert count_recovery_codes(session, eva.person_id) == 9
    assert mails_about(eva.database, eva.person_id) == ["app_added", "code_used", "codes_renewed"]


def test_one_recovery_code_used_four_times_at_once_fits_once(eva: Owner) -> None:
    code = new_codes(eva)[3]
    assert at_once(4, lambda: use(eva, code)) == 1


def test_new_recovery_codes_end_the_old_ones(eva: Owner) -> None:
    old, new = new_codes(eva), new_codes(eva)
    assert not use(eva, old[0])
    assert use(eva, new[0])


@pytest.mark.asvs("6.5.2")
def test_recovery_codes_are_kept_as_costly_hashes_with_a_salt_of_their_owner(
    eva: Owner, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed, salts = hash_secret_raw, []

    def noted(secret: bytes, salt: bytes, *cost: int, **more: object) -> bytes:
        salts.append((salt, cost))
        return hashed(secret, salt, *cost, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(codes_of_ours, "hash_secret_raw", noted)
    for name in ("Eva", "Tom"):
        codes_of_ours.hash_recovery_code("ABCDEFGHJKMN", KEY, person_id=cast.people[name])
    (eva_salt, cost), (tom_salt, _) = salts
    assert eva_salt != tom_salt
    assert cost == (2, 19 * 1024, 1)
    codes = new_codes(eva)
    with eva.database.reading(Reach.EVERYTHING) as session:
        kept = "".join(session.scalars(select(SignInRecoveryCode.code_hash)))
    assert not any(code.replace("-", "").lower() in kept.lower() for code in codes)


@pytest.mark.parametrize(
    ("name", "awaits"), [("Tom", False), ("Lis", True), ("Hanne", True), ("Adam", True)]
)
def test_leader_hr_and_administrator_are_half_signed_in_by_a_password(
    name: str, awaits: bool, database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.SIGN_IN) as session:
        begun = sign_in(session, email_of(name), PASSWORD, rules=RULES, now=now)
        assert begun.awaits_second_factor is awaits
        assert (find_signed_in(session, begun.secret, now=now) is None) is awaits
        half = find_half_sign_in(session, begun.secret, now=now)
    assert (half is not None) is awaits
    assert half is None or not half.factors.any


def test_who_has_set_an_app_up_is_asked_for_it_in_every_role(eva: Owner) -> None:
    with eva.database.writing(Reach.SIGN_IN) as session:
        begun = sign_in(session, email_of("Eva"), PASSWORD, rules=RULES, now=eva.now)
    assert begun.awaits_second_factor


@pytest.mark.asvs("7.2.4")
def test_a_half_finished_sign_in_is_finished_once_under_a_new_secret(eva: Owner) -> None:
    with eva.database.writing(Reach.SIGN_IN) as session:
        half = sign_in(session, email_of("Eva"), PASSWORD, rules=RULES, now=eva.now).secret
        whole = finish_sign_in(session, half, rules=RULES, now=eva.now)
        assert find_signed_in(session, half, now=eva.now) is None
        who = find_signed_in(session, whole, now=eva.now)
        assert who is not None
        assert who.roles == {Role.EMPLOYEE}
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 1
    with pytest.raises(Refused), eva.database.writing(Reach.SIGN_IN) as session:
        finish_sign_in(session, half, rules=RULES, now=eva.now)


def test_a_half_finished_sign_in_ends_after_a_quarter_of_an_hour(eva: Owner) -> None:
    late = eva.now + HALF_LIFE
    with eva.database.writing(Reach.SIGN_IN) as session:
        half = sign_in(session, email_of("Eva"), PASSWORD, rules=RULES, now=eva.now).secret
        assert find_half_sign_in(session, half, now=late) is None
    with pytest.raises(Refused), eva.database.writing(Reach.SIGN_IN) as session:
        finish_sign_in(session, half, rules=RULES, now=late)


@pytest.mark.asvs("6.5.6")
def test_an_administrator_resets_a_second_factor_and_the_person_is_told(eva: Owner) -> None:
    new_codes(eva)
    by = Actor.command("test")
    for _ in range(2):
        with eva.database.writing(Reach.ADMIN) as session:
            reset_second_factor(session, eva.person_id, by=by, now=eva.now)
    with eva.database.writing(Reach.SIGN_IN) as session:
        begun = sign_in(session, email_of("Eva"), PASSWORD, rules=RULES, now=eva.now)
        assert not begun.awaits_second_factor
        assert count_recovery_codes(session, eva.person_id) == 0
    assert "reset" in mails_about(eva.database, eva.person_id)
    assert acts(eva.database)[-1] == "second_factor.reset"


def test_nobody_resets_their_own_second_factor(eva: Owner) -> None:
    by = Actor.person(eva.person_id)
    with pytest.raises(Refused), eva.database.writing(Reach.ADMIN) as session:
        reset_second_factor(session, eva.person_id, by=by, now=eva.now)
    with pytest.raises(Missing), eva.database.writing(Reach.ADMIN) as session:
        reset_second_factor(session, UUID(int=7), by=by, now=eva.now)


def test_the_last_factor_of_a_role_that_needs_one_stays(eva: Owner) -> None:
    with eva.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=eva.person_id, role=Role.HR))
    with pytest.raises(Refused):
        _remove(eva)
    assert eva.use(eva.code())


def _remove(eva: Owner) -> None:
    with eva.database.writing(Reach.SIGN_IN) as session:
        remove_app(session, eva.person_id, now=eva.now)
        settle_after_removal(session, eva.person_id, roles=SECOND_FACTOR_FLOOR)


def test_who_lacks_a_second_factor_is_known_by_role(eva: Owner, cast: Cast) -> None:
    with eva.database.reading(Reach.ADMIN) as session:
        lacking = find_lacking(session, SECOND_FACTOR_FLOOR)
        everybody = find_lacking(session, {"employee"})
    assert lacking == {cast.people[name] for name in ("Lis", "Ole", "Hanne", "Hugo", "Adam")}
    assert cast.people["Tom"] in everybody
    assert not {eva.person_id, cast.people["Dan"], cast.people["Ida"]} & everybody
