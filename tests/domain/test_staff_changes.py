"""What a directory changes in the present state, what it never may, and how it is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.errors import BadInput
from wellbeing.domain.roles import Role
from wellbeing.domain.staff import StaffDirectory, StaffRow
from wellbeing.domain.staff_cells import UnitPath
from wellbeing.domain.staff_changes import (
    FieldChange,
    Grant,
    Move,
    Present,
    PresentPerson,
    StaffChanges,
)
from wellbeing.domain.staff_comparison import compare
from wellbeing.domain.staff_units import Column

NOTHING = Present({}, frozenset(), frozenset())
HUS, NAT, DAG = ("Hus",), ("Hus", "Nat"), ("Hus", "Dag")


def person(number: str, unit_path: UnitPath = NAT, **values: object) -> StaffRow:
    """A person of the directory."""
    row = StaffRow(number, f"Name {number}", f"p{number}@hus.example", "", "da", unit_path)
    return replace(row, **values)  # type: ignore[arg-type]


def directory(*people: StaffRow, columns: frozenset[Column] = frozenset(Column)) -> StaffDirectory:
    """The directory of these people, with the units they are in and those above."""
    units = {row.unit_path[:level] for row in people for level in range(1, len(row.unit_path) + 1)}
    return StaffDirectory(tuple(sorted(units, key=lambda path: (len(path), path))), people, columns)


def applied(present: Present, changes: StaffChanges) -> Present:
    """The state after the changes, done as plainly as can be."""
    renames = sorted(changes.units_to_rename, key=lambda rename: len(rename[0]))

    def spell(path: UnitPath | None) -> UnitPath | None:
        names = list(path or ())
        for old, new in renames:
            if path and path[: len(old)] == old:
                names[len(old) - 1] = new[-1]
        return tuple(names) if path else None

    numbers = {change.old: change.new for change in changes.numbers_to_change}
    people = {
        numbers.get(n, n): replace(
            p, employee_number=numbers.get(n, n), unit_path=spell(p.unit_path)
        )
        for n, p in present.people.items()
    }
    for gone in changes.people_to_disable:
        people[gone.employee_number] = replace(gone, disabled=True, unit_path=None)
    for freed in changes.addresses_to_free:
        people[freed.employee_number] = replace(people[freed.employee_number], email="")
    for back in changes.people_to_restore:
        people[back.employee_number] = replace(people[back.employee_number], disabled=False)
    for row in changes.people_to_add:
        people[row.employee_number] = PresentPerson(
            row.employee_number, row.name, row.email, row.mobile, row.language, row.unit_path
        )
    for change in changes.people_to_change:
        number = change.employee_number
        people[number] = replace(people[number], **{change.field.value: change.new})  # type: ignore[arg-type]
    for move in changes.moves:
        people[move.employee_number] = replace(people[move.employee_number], unit_path=move.new)
    units = {spell(path) or () for path in present.units}
    grants = {
        replace(
            grant,
            employee_number=numbers.get(grant.employee_number, grant.employee_number),
            unit_path=spell(grant.unit_path),
        )
        for grant in present.grants
    }
    return Present(
        people,
        frozenset(units.union(changes.units_to_add).difference(changes.units_to_close)),
        frozenset(grants.difference(changes.grants_to_remove).union(changes.grants_to_add)),
    )


def present_of(*people: StaffRow) -> Present:
    """The state after importing these people into an empty house."""
    return applied(NOTHING, compare(NOTHING, directory(*people)))


def test_the_first_file_adds_every_unit_and_person() -> None:
    changes = compare(NOTHING, directory(person("1"), person("2", DAG)))
    assert changes.units_to_add == (HUS, DAG, NAT)
    assert [row.employee_number for row in changes.people_to_add] == ["1", "2"]


def test_new_people_come_with_their_roles() -> None:
    row = person("1", leader_of=(HUS,), roles=frozenset({(Role.HR, None)}))
    changes = compare(NOTHING, directory(row))
    assert set(changes.grants_to_add) == {
        Grant("1", Role.LEADER, HUS),
        Grant("1", Role.HR, None),
    }


def test_the_same_file_again_changes_nothing() -> None:
    people = (person("1", leader_of=(NAT,)), person("2", DAG))
    changes = compare(present_of(*people), directory(*people))
    assert not changes
    assert changes.describe() == ["Nothing to change."]


def test_a_changed_value_is_told_with_old_and_new() -> None:
    changes = compare(present_of(person("1")), directory(person("1", name="Anne Holm")))
    assert changes.people_to_change == (
        FieldChange("1", "Anne Holm", Column.NAME, "Name 1", "Anne Holm"),
    )


def test_two_people_may_swap_addresses() -> None:
    swapped = (person("1", email="p2@hus.example"), person("2", email="p1@hus.example"))
    changes = compare(present_of(person("1"), person("2")), directory(*swapped))
    assert [change.new for change in changes.people_to_change] == [
        "p2@hus.example",
        "p1@hus.example",
    ]


@pytest.mark.parametrize("column", [Column.EMAIL, Column.MOBILE, Column.LANGUAGE])
def test_what_the_file_has_no_column_for_stays(column: Column) -> None:
    present = present_of(person("1", mobile="+4512345678", language="en"))
    blank = person("1", mobile="", language="da", email="")
    changes = compare(present, directory(blank, columns=frozenset(Column) - {column}))
    assert column not in {change.field for change in changes.people_to_change}
    assert len(changes.people_to_change) == 2


def test_a_person_in_another_unit_moves() -> None:
    changes = compare(present_of(person("1"), person("2", DAG)), directory(person("1", DAG)))
    assert changes.moves == (Move("1", "Name 1", NAT, DAG),)


def test_people_no_longer_named_are_disabled_and_lose_their_roles() -> None:
    leader = person("3", leader_of=(NAT,))
    present = present_of(person("1"), person("2"), leader)
    changes = compare(present, directory(person("1"), person("2")))
    assert [gone.employee_number for gone in changes.people_to_disable] == ["3"]
    assert changes.grants_to_remove == (Grant("3", Role.LEADER, NAT),)


def test_people_without_a_unit_are_not_the_files_to_disable() -> None:
    present = present_of(person("1"))
    outside = PresentPerson("x", "External", "x@else.example", "", "da", None)
    present = replace(present, people={**present.people, "x": outside})
    assert not compare(present, directory(person("1")))


def test_a_person_who_comes_back_is_restored_and_placed() -> None:
    three = [person(number) for number in "123"]
    present = present_of(*three)
    after = applied(present, compare(present, directory(*three[:2])))
    changes = compare(after, directory(*three))
    assert [back.employee_number for back in changes.people_to_restore] == ["3"]
    assert changes.moves == (Move("3", "Name 3", None, NAT),)
    assert not compare(applied(after, changes), directory(*three))


def test_access_closed_by_an_administrator_stays_closed() -> None:
    present = present_of(person("1"), person("2"))
    closed = replace(present.people["2"], disabled=True)
    present = replace(present, people={**present.people, "2": closed})
    assert not compare(present, directory(person("1"), person("2")))
    gone = compare(present, directory(person("1"))).people_to_disable
    assert [left.employee_number for left in gone] == ["2"]


def test_units_no_longer_named_close_children_first() -> None:
    present = present_of(person("1"), person("2", ("Hus", "Dag", "Køkken")))
    changes = compare(present, directory(person("1"), person("2")))
    assert changes.units_to_close == (("Hus", "Dag", "Køkken"), DAG)


def test_a_role_in_a_unit_that_closes_ends() -> None:
    present = present_of(person("1", DAG, leader_of=(DAG,)))
    moved = directory(person("1"), columns=frozenset(Column) - {Column.LEADER_OF})
    assert compare(present, moved).grants_to_remove == (Grant("1", Role.LEADER, DAG),)


def test_a_partial_file_closes_and_disables_nothing() -> None:
    present = present_of(person("1"), person("2", DAG), person("3", DAG))
    assert not compare(present, directory(person("1")), complete=False)


def test_a_partial_file_of_another_organisation_is_refused() -> None:
    with pytest.raises(BadInput, match="must be about 'Hus'"):
        compare(present_of(person("1")), directory(person("1", ("Slot",))), complete=False)


def test_roles_are_added_and_removed_as_the_file_says() -> None:
    present = present_of(person("1", roles=frozenset({(Role.HR, HUS)})), person("2"))
    changes = compare(
        present, directory(person("1"), person("2", roles=frozenset({(Role.HR, HUS)})))
    )
    assert changes.grants_to_remove == (Grant("1", Role.HR, HUS),)
    assert changes.grants_to_add == (Grant("2", Role.HR, HUS),)


@pytest.mark.parametrize(
    ("column", "kept"), [(Column.ROLES, Role.HR), (Column.LEADER_OF, Role.LEADER)]
)
def test_a_file_without_a_column_of_roles_leaves_them_alone(column: Column, kept: Role) -> None:
    both = person("1", leader_of=(NAT,), roles=frozenset({(Role.HR, None)}))
    plain = directory(person("1"), columns=frozenset(Column) - {column})
    removed = compare(present_of(both), plain).grants_to_remove
    assert len(removed) == 1
    assert removed[0].role is not kept


def test_a_unit_in_another_case_is_renamed_not_replaced() -> None:
    changes = compare(present_of(person("1")), directory(person("1", ("Hus", "NAT"))))
    assert changes.units_to_rename == ((NAT, ("Hus", "NAT")),)
    assert not changes.units_to_add
    assert not changes.units_to_close
    assert not changes.moves


def test_a_new_name_of_the_organisation_renames_it_and_keeps_its_units() -> None:
    present = present_of(person("1", leader_of=(NAT,)))
    wanted = directory(person("1", ("Slot", "Nat"), leader_of=(("Slot", "Nat"),)))
    changes = compare(present, wanted)
    assert changes == StaffChanges(units_to_rename=((HUS, ("Slot",)),))
    assert not compare(applied(present, changes), wanted)


def many(count: int) -> list[StaffRow]:
    """So many people in one unit."""
    return [person(str(number)) for number in range(count)]


def test_half_of_the_people_may_leave() -> None:
    changes = compare(present_of(*many(4)), directory(*many(2)))
    assert len(changes.people_to_disable) == 2


def test_more_than_half_leaving_is_refused() -> None:
    with pytest.raises(BadInput, match="leaves out 3 of 5 people"):
        compare(present_of(*many(5)), directory(*many(2)))


def test_more_than_half_may_leave_when_expressly_allowed() -> None:
    changes = compare(present_of(*many(5)), directory(*many(2)), allow_mass_leave=True)
    assert len(changes.people_to_disable) == 3


def test_those_who_left_before_do_not_count_as_leaving() -> None:
    present = present_of(*many(4))
    after = applied(present, compare(present, directory(*many(2))))
    with pytest.raises(BadInput, match="leaves out 2 of 2"):
        compare(after, directory(person("9")))


def test_the_last_administrator_stays() -> None:
    present = present_of(person("1", roles=frozenset({(Role.ADMINISTRATOR, None)})), person("2"))
    with pytest.raises(BadInput, match="nobody as administrator"):
        compare(present, directory(person("1"), person("2")))


def test_the_role_of_administrator_may_pass_on() -> None:
    role = frozenset({(Role.ADMINISTRATOR, None)})
    present = present_of(person("1", roles=role), person("2"))
    assert compare(present, directory(person("1"), person("2", roles=role))).grants_to_remove


def test_the_address_of_somebody_who_left_can_be_given_on() -> None:
    present = present_of(person("1"), person("2"))
    new = person("3", email="p2@hus.example")
    changes = compare(present, directory(person("1"), new))
    assert [freed.employee_number for freed in changes.addresses_to_free] == ["2"]
    assert not compare(applied(present, changes), directory(person("1"), new))


def test_an_account_of_somebody_who_left_is_not_recognised_by_its_address() -> None:
    present = present_of(person("1"), person("2"))
    after = applied(present, compare(present, directory(person("1"))))
    changes = compare(after, directory(person("1"), person("3", email="p2@hus.example")))
    assert not changes.numbers_to_change
    assert [row.employee_number for row in changes.people_to_add] == ["3"]


def test_the_address_of_somebody_who_stays_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        compare(
            present_of(person("1"), person("2")),
            directory(person("3", email="P2@hus.example".lower())),
            complete=False,
        )
    assert refused.value.faults[0].startswith(
        "The e-mail address 'p2@hus.example' of 3 Name 3 belongs to 2 Name 2"
    )


def test_an_account_without_a_unit_is_recognised_by_its_address() -> None:
    admin = PresentPerson("admin-1", "Administrator", "p1@hus.example", "", "da", None)
    role = frozenset({(Role.ADMINISTRATOR, None)})
    held = frozenset({Grant("admin-1", Role.ADMINISTRATOR, None)})
    present = Present({"admin-1": admin}, frozenset(), held)
    wanted = directory(person("1", roles=role), person("2"))
    changes = compare(present, wanted)
    assert [(change.old, change.new) for change in changes.numbers_to_change] == [("admin-1", "1")]
    assert changes.moves == (Move("1", "Name 1", None, NAT),)
    assert [row.employee_number for row in changes.people_to_add] == ["2"]
    assert not changes.grants_to_add
    assert not compare(applied(present, changes), wanted)


def test_changes_are_told_a_line_each_and_counted() -> None:
    present = present_of(person("1"), person("2"), person("3", leader_of=(NAT,)))
    new = person("4", DAG, roles=frozenset({(Role.HR, DAG)}))
    changes = compare(present, directory(person("1", DAG), person("2", name="Åse"), new))
    assert changes.describe() == [
        "Add unit: Hus / Dag",
        "Add person: 4 Name 4, Hus / Dag",
        "Disable person: 3 Name 3, no longer in the file",
        "Change name: 2 Åse: Name 2 → Åse",
        "Move person: 1 Name 1: Hus / Nat → Hus / Dag",
        "Remove role: 3 Name 3: leader of Hus / Nat",
        "Give role: 4 Name 4: hr of Hus / Dag",
        "7 changes.",
    ]


UNITS = st.sampled_from([HUS, NAT, DAG, ("Hus", "Dag", "Køkken")])
SPELLINGS: list[Callable[[str], str]] = [str, str.upper]
ROLES = st.frozensets(st.tuples(st.just(Role.HR), st.sampled_from([None, HUS])), max_size=2)


@st.composite
def directories(draw: st.DrawFn) -> StaffDirectory:
    """Small directories of one organisation; now and then every name is in capitals."""
    numbers = draw(st.lists(st.sampled_from("123456"), min_size=1, max_size=6, unique=True))
    emails = draw(st.permutations([f"p{number}@hus.example" for number in "123456"]))
    spell = draw(st.sampled_from(SPELLINGS))
    people = []
    for number, email in zip(numbers, emails, strict=False):
        path = tuple(spell(name) for name in draw(UNITS))
        roles = frozenset((role, scope and path[:1]) for role, scope in draw(ROLES))
        leads = draw(st.sampled_from([(), (path,)]))
        people.append(person(number, path, email=email, leader_of=leads, roles=roles))
    return directory(*people)


@given(st.lists(directories(), min_size=1, max_size=4))
def test_every_file_applied_once_has_nothing_left_to_change(files: list[StaffDirectory]) -> None:
    present = NOTHING
    for wanted in files:
        changes = compare(present, wanted, allow_mass_leave=True)
        present = applied(present, changes)
        assert not compare(present, wanted)
        assert present.units == set(wanted.units)
        placed = {n: p.unit_path for n, p in present.people.items() if not p.disabled}
        assert placed == {row.employee_number: row.unit_path for row in wanted.people}
