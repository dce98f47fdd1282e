"""Imported forms wait for a second look, are asked from the next round, and keep their rounds."""

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.forms import ANCHORS_DA, sentences, wording_of
from tests.rounds import BY, RoundRunner
from wellbeing.actions.checkin import Answers
from wellbeing.actions.figures import find_rounds, find_series
from wellbeing.actions.programmes import set_occupation
from wellbeing.actions.wordings import (
    approve_wording,
    find_credited_wording,
    find_rounds_of,
    get_imported,
    get_wording,
    import_wording,
    refuse_wording,
    retire_wording,
    wordings_of_next_round,
)
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.instrument import Scale, Wording, load_wording
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import ImportedWording, Programme, RoundWording, WordingState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

FORM = wording_of()
OTHER_FORM = wording_of(anchors=ANCHORS_DA)
DECISIONS = {"approve": approve_wording, "refuse": refuse_wording, "retire": retire_wording}


class Office:
    """An administrator who reads forms in and decides, on the administrator's connection."""

    def __init__(self, database: Database, rounds: RoundRunner) -> None:
        self.database, self.rounds = database, rounds

    def read_in(self, form: Wording = FORM) -> WordingState:
        """Reads a form in; how far it has come then."""
        with self.database.writing(Reach.ADMIN) as session:
            return import_wording(session, form, "form.pdf", now=self.rounds.now, by=BY).state

    def decide(self, decision: str, form: Wording = FORM) -> WordingState:
        """Decides about a form; how far it has come then."""
        with self.database.writing(Reach.ADMIN) as session:
            DECISIONS[decision](session, form.id, now=self.rounds.now, by=BY)
        return self.state(form)

    def use(self, form: Wording = FORM) -> None:
        """Reads a form in and approves it."""
        self.read_in(form)
        self.decide("approve", form)

    def state(self, form: Wording = FORM) -> WordingState:
        """How far a form has come."""
        with self.database.reading(Reach.ADMIN) as session:
            return get_imported(session, form.id).state

    def acts(self) -> list[str]:
        """What the audit log says of forms."""
        query = select(AuditEvent.act).order_by(AuditEvent.number)
        with self.database.reading(Reach.EVERYTHING) as session:
            return [act for act in session.scalars(query) if act.startswith("wording.")]

    def next_ids(self) -> list[str]:
        """The wordings that a round would ask with now."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return [wording.id for wording in wordings_of_next_round(session)]


@pytest.fixture
def admin(database: Database, rounds: RoundRunner) -> Office:
    return Office(database, rounds)


OURS = [load_wording("da").id, load_wording("en").id]
OFFICIAL = [FORM.id, load_wording("en").id]


def test_a_form_waits_and_is_asked_once_approved(admin: Office) -> None:
    assert admin.read_in() is WordingState.WAITING
    assert admin.next_ids() == OURS
    assert admin.decide("approve") is WordingState.APPROVED
    assert admin.next_ids() == OFFICIAL
    assert admin.acts() == ["wording.imported", "wording.approved"]


def test_reading_in_and_deciding_twice_is_done_once(admin: Office) -> None:
    admin.read_in()
    assert admin.read_in() is WordingState.WAITING
    admin.decide("approve")
    assert admin.decide("approve") is WordingState.APPROVED
    assert admin.read_in() is WordingState.APPROVED
    admin.decide("retire")
    assert admin.decide("retire") is WordingState.RETIRED
    assert admin.acts() == ["wording.imported", "wording.approved", "wording.retired"]


def test_the_next_approved_form_takes_the_place_of_the_one_before(admin: Office) -> None:
    admin.use()
    admin.use(OTHER_FORM)
    assert admin.state() is WordingState.RETIRED
    assert admin.next_ids()[0] == OTHER_FORM.id


def test_each_language_has_its_own_form(admin: Office) -> None:
    english = wording_of("en")
    admin.use()
    admin.use(english)
    assert admin.next_ids() == [FORM.id, english.id]


def test_going_back_asks_our_own_wording_again(admin: Office) -> None:
    admin.use()
    admin.decide("retire")
    assert admin.next_ids() == OURS


@pytest.mark.parametrize("decision", ["refuse", "retire"])
def test_a_form_that_was_laid_aside_waits_again_when_it_is_read_in_again(
    admin: Office, decision: str
) -> None:
    admin.read_in()
    if decision == "retire":
        admin.decide("approve")
    admin.decide(decision)
    assert admin.read_in() is WordingState.WAITING


@pytest.mark.parametrize(
    ("before", "decision"),
    [
        ([], "retire"),
        (["refuse"], "approve"),
        (["refuse"], "retire"),
        (["approve"], "refuse"),
        (["approve", "retire"], "approve"),
        (["approve", "retire"], "refuse"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_and_changes_nothing(
    admin: Office, before: list[str], decision: str
) -> None:
    admin.read_in()
    for earlier in before:
        admin.decide(earlier)
    state = admin.state()
    with pytest.raises(Refused):
        admin.decide(decision)
    assert admin.state() is state


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_form_that_is_not_there_is_missing(admin: Office, decision: str) -> None:
    with pytest.raises(Missing):
        admin.decide(decision)


def test_a_form_that_was_changed_behind_our_back_is_never_asked(
    admin: Office, database: Database
) -> None:
    admin.read_in()
    with database.writing(Reach.EVERYTHING) as session:
        kept = session.get_one(ImportedWording, FORM.id)
        items = {**kept.document["items"], "1": "Noget helt andet."}
        kept.document = {**kept.document, "items": items}
    with pytest.raises(Refused, match="changed since it was imported"):
        admin.decide("approve")


def test_another_form_with_the_same_short_name_is_refused(
    admin: Office, database: Database
) -> None:
    admin.read_in()
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(ImportedWording, FORM.id).sha256 = "0" * 64
    with pytest.raises(Refused, match="same short name"):
        admin.read_in()


def test_a_round_freezes_id_hash_and_occupation_of_each_language(
    admin: Office, rounds: RoundRunner, database: Database
) -> None:
    admin.use()
    round_id = _open_with(rounds, {"da": "pædagog"})
    with database.reading(Reach.EVERYTHING) as session:
        danish = session.get_one(RoundWording, (round_id, "da"))
        english = session.get_one(RoundWording, (round_id, "en"))
    assert (danish.wording_id, danish.sha256) == (FORM.id, FORM.sha256)
    assert (danish.occupation, english.occupation) == ("pædagog", None)
    assert english.wording_id == load_wording("en").id


def _open_with(rounds: RoundRunner, occupation: dict[str, str]) -> object:
    """A second round, opened after its programme was given an occupation."""
    first = rounds.open()
    rounds.publish(first)
    _set_occupation(rounds, occupation)
    rounds.forward(days=91)
    return rounds.open()


def _set_occupation(rounds: RoundRunner, words: dict[str, str]) -> None:
    """Gives the programme an occupation, on HR's connection."""
    with rounds.database.writing(Reach.WORKPLACE) as session:
        programme = session.scalars(select(Programme)).one()
        set_occupation(session, programme.id, words, now=rounds.now, by=BY)


@pytest.mark.parametrize("then", ["retire", "another"])
def test_an_open_round_keeps_its_words_whatever_happens_to_the_form(
    admin: Office, rounds: RoundRunner, database: Database, cast: Cast, then: str
) -> None:
    admin.use()
    round_id = rounds.open()
    if then == "retire":
        admin.decide("retire")
    else:
        admin.use(OTHER_FORM)
    with database.reading(Reach.EMPLOYEE) as session:
        asked = get_wording(session, round_id, ("da",))
    assert asked.anchors == FORM.anchors
    assert asked.sha256 == FORM.sha256
    assert rounds.answer(round_id, cast.people["Eva"]).receipt


def test_a_form_approved_while_a_round_is_open_waits_for_the_next(
    admin: Office, rounds: RoundRunner, database: Database
) -> None:
    round_id = rounds.open()
    admin.use()
    with database.reading(Reach.EMPLOYEE) as session:
        assert get_wording(session, round_id, ("da",)) == load_wording("da")


def test_the_questions_name_the_occupation_of_the_round(
    admin: Office, rounds: RoundRunner, database: Database
) -> None:
    admin.use()
    first = rounds.open()
    with database.reading(Reach.EMPLOYEE) as session:
        assert get_wording(session, first, ("da",)).items[2].startswith("Som hjælper har")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(RoundWording, (first, "da")).occupation = "pædagog"
    with database.reading(Reach.EMPLOYEE) as session:
        assert get_wording(session, first, ("da",)).items[2].startswith("Som pædagog har")


def test_a_form_changed_behind_our_back_takes_no_answer(
    admin: Office, rounds: RoundRunner, database: Database, cast: Cast
) -> None:
    admin.use()
    round_id = rounds.open()
    with database.writing(Reach.EVERYTHING) as session:
        kept = session.get_one(ImportedWording, FORM.id)
        kept.document = {**kept.document, "intro": "Noget andet."}
    with pytest.raises(Refused, match="changed"):
        rounds.answer(round_id, cast.people["Eva"])


def test_every_trend_breaks_where_the_words_change_and_nowhere_else(
    admin: Office, rounds: RoundRunner, database: Database, cast: Cast
) -> None:
    team = cast.units["team_a"]
    for number in (1, 2, 3):
        if number == 2:
            admin.use()
        round_id = rounds.open()
        rounds.answer_all(round_id, cast.members_of("team_a"))
        rounds.publish(round_id)
        rounds.forward(days=100)
    with database.reading(Reach.LEADER) as session:
        series = find_series(session, {team})[team]
        wordings = [shown.wording for shown in find_rounds(session)]
        asked_with = find_rounds_of(session)[FORM.id]
    for scale in Scale:
        breaks = [point.series_break if point else None for point in series[scale]]
        assert breaks == [False, True, False]
    assert wordings == [" + ".join(OURS), *[" + ".join(OFFICIAL)] * 2]
    assert [asked.number for asked in asked_with] == [3, 2]


def test_figures_are_credited_by_the_words_of_their_round(
    admin: Office, rounds: RoundRunner, database: Database, cast: Cast
) -> None:
    first = rounds.open()
    rounds.publish(first)
    rounds.forward(days=100)
    admin.use()
    second = rounds.open()
    with database.reading(Reach.LEADER) as session:
        assert find_credited_wording(session, "da", first) == load_wording("da")
        assert find_credited_wording(session, "da", second).label == "ProQOL 5"
        assert find_credited_wording(session, "da").label == "ProQOL 5"
        assert find_credited_wording(session, "en").label == "adapted from the ProQOL"


def test_before_any_round_our_own_wording_is_credited(admin: Office, database: Database) -> None:
    admin.use()
    with database.reading(Reach.LEADER) as session:
        assert find_credited_wording(session, "da") == load_wording("da")


def test_an_occupation_that_cannot_be_one_is_refused(rounds: RoundRunner) -> None:
    rounds.open()
    for words in ({"da": "[hjælper]"}, {"da": "x" * 61}, {"sv": "kurator"}):
        with pytest.raises(BadInput):
            _set_occupation(rounds, words)


def test_the_log_says_which_words_were_chosen(rounds: RoundRunner, database: Database) -> None:
    rounds.open()
    for words in ({"da": " pædagog ", "en": ""}, {"da": "pædagog"}, {}):
        _set_occupation(rounds, words)
    with database.reading(Reach.EVERYTHING) as session:
        query = select(AuditEvent.details).where(AuditEvent.act == "programme.occupation_set")
        assert [d["words"] for d in session.scalars(query)] == [["da: pædagog"], []]
        assert session.scalars(select(Programme.occupation)).one() is None


def test_answers_are_scored_by_number_whatever_the_words() -> None:
    assert sentences()[0] != load_wording("da").items[0]
    assert Answers((3,) * 30, ("da",)).scores == (30, 30, 30)
