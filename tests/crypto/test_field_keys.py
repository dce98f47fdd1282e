"""Sealed fields open in their own place only, and never to garbage."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.crypto.field_keys import (
    FieldKeys,
    key_number,
    make_field_keys,
    padded_size,
    read_ring,
)
from wellbeing.domain.errors import UnfitKeys

ROW, OTHER = UUID(int=1), UUID(int=2)
NAME = "person.name"


@pytest.fixture
def keys(tmp_path: Path) -> FieldKeys:
    """Keys just made."""
    return make_field_keys(tmp_path / "keys")


@pytest.mark.asvs("11.3.2")
def test_what_was_sealed_opens(keys: FieldKeys) -> None:
    for plain in (b"", b"\0", "Åse Ørsted".encode(), b"x" * 5000):
        sealed = keys.seal(plain, place=NAME, row=ROW)
        assert plain not in sealed or not plain.strip(b"\0")
        assert keys.open(sealed, place=NAME, row=ROW) == plain


@pytest.mark.asvs("11.3.3")
@pytest.mark.parametrize(("place", "row"), [("person.email", ROW), (NAME, OTHER), ("", ROW)])
def test_it_opens_in_no_other_place_or_row(keys: FieldKeys, place: str, row: UUID) -> None:
    sealed = keys.seal(b"Eva Holm", place=NAME, row=ROW)
    with pytest.raises(UnfitKeys, match="changed or moved"):
        keys.open(sealed, place=place, row=row)


@pytest.mark.asvs("11.3.3")
def test_a_value_changed_anywhere_opens_to_nothing(keys: FieldKeys) -> None:
    sealed = keys.seal(b"Eva Holm", place=NAME, row=ROW)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(UnfitKeys):
            keys.open(bytes(changed), place=NAME, row=ROW)


@given(st.binary(max_size=200))
def test_bytes_that_were_never_sealed_are_refused(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    keys = make_field_keys(tmp_path_factory.getbasetemp() / "junk-keys")
    with pytest.raises(UnfitKeys):
        keys.open(junk, place=NAME, row=ROW)


@pytest.mark.asvs("11.3.1", "11.3.4")
def test_the_same_text_never_looks_the_same(keys: FieldKeys) -> None:
    assert len({keys.seal(b"Eva Holm", place=NAME, row=ROW) for _ in range(500)}) == 500


def test_names_and_addresses_look_equally_long(keys: FieldKeys) -> None:
    texts = ("Bo", "Anne-Margrethe Sønderby Christoffersen", "eva@osterhus.example", "+4512345678")
    assert len({len(keys.seal(t.encode(), place=NAME, row=ROW)) for t in texts}) == 1


@given(st.integers(min_value=0, max_value=100_000))
def test_lengths_are_rounded_up_to_a_power_of_two(length: int) -> None:
    size = padded_size(length)
    assert size >= max(64, length + 4)
    assert size & (size - 1) == 0
    assert size == 64 or size < 2 * (length + 4)


class TestIndex:
    def test_the_same_text_has_the_same_index(self, keys: FieldKeys) -> None:
        again = FieldKeys(keys.folder.folder)
        assert keys.index("eva@x", place=NAME) == again.index("eva@x", place=NAME)

    def test_other_texts_places_and_keys_have_others(self, keys: FieldKeys, tmp_path: Path) -> None:
        others = make_field_keys(tmp_path / "others")
        indexes = {
            keys.index("eva@x", place="a"),
            keys.index("eva@y", place="a"),
            keys.index("eva@x", place="b"),
            others.index("eva@x", place="a"),
        }
        assert len(indexes) == 4
        assert {len(index) for index in indexes} == {32}


class TestKeys:
    def test_a_value_names_the_key_it_needs(self, keys: FieldKeys) -> None:
        assert key_number(keys.seal(b"x", place=NAME, row=ROW)) == 1

    @pytest.mark.asvs("11.2.2")
    def test_a_newer_key_is_used_at_once_also_by_who_read_the_keys_before(
        self, keys: FieldKeys
    ) -> None:
        before = keys.seal(b"before", place=NAME, row=ROW)
        keys.folder.make("fields-2.key")
        after = keys.seal(b"after", place=NAME, row=ROW)
        assert (key_number(before), key_number(after)) == (1, 2)
        assert keys.open(before, place=NAME, row=ROW) == b"before"

    def test_a_key_that_came_later_is_found_when_a_value_needs_it(self, keys: FieldKeys) -> None:
        late = FieldKeys(keys.folder.folder)
        late.check()
        keys.folder.make("fields-2.key")
        sealed = keys.seal(b"new", place=NAME, row=ROW)
        assert late.open(sealed, place=NAME, row=ROW) == b"new"

    def test_a_missing_key_is_told_by_the_name_of_its_file(self, keys: FieldKeys) -> None:
        keys.folder.make("fields-2.key")
        sealed = keys.seal(b"x", place=NAME, row=ROW)
        keys.folder.destroy("fields-2.key")
        with pytest.raises(UnfitKeys, match=r"fields-2\.key is missing"):
            FieldKeys(keys.folder.folder).open(sealed, place=NAME, row=ROW)

    @pytest.mark.asvs("11.2.5")
    def test_the_key_of_another_organisation_opens_nothing_and_its_file_is_told(
        self, keys: FieldKeys, tmp_path: Path
    ) -> None:
        sealed = keys.seal(b"Eva Holm", place=NAME, row=ROW)
        others = make_field_keys(tmp_path / "others")
        with pytest.raises(UnfitKeys, match=r"others/fields-1\.key is not the key"):
            others.open(sealed, place=NAME, row=ROW)

    def test_an_empty_folder_is_told_and_nothing_is_made_in_it(self, tmp_path: Path) -> None:
        from tests.field_keys import REAL_READ_RING

        with pytest.raises(UnfitKeys, match=r"fields-1\.key is missing"):
            REAL_READ_RING(FieldKeys(tmp_path).folder)
        assert list(tmp_path.iterdir()) == []

    def test_without_the_index_key_nothing_is_read(self, keys: FieldKeys) -> None:
        keys.folder.path("index.key").unlink()
        with pytest.raises(UnfitKeys, match=r"index\.key is missing"):
            read_ring(keys.folder)

    def test_a_key_that_others_can_read_stops_the_start(self, keys: FieldKeys) -> None:
        keys.folder.path("fields-1.key").chmod(0o644)
        with pytest.raises(UnfitKeys, match="chmod 600"):
            FieldKeys(keys.folder.folder).check()


def test_many_threads_seal_and_open_with_one_ring(keys: FieldKeys) -> None:
    def there_and_back(_: int) -> bool:
        row, plain = uuid4(), os.urandom(20)
        return keys.open(keys.seal(plain, place=NAME, row=row), place=NAME, row=row) == plain

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(2000)))
