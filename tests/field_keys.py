"""The keys that tests seal fields with: the same in every test process, and in no folder."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wellbeing.crypto import field_keys
from wellbeing.crypto.field_keys import FieldKeys, KeyRing
from wellbeing.crypto.key_folder import KeyFolder
from wellbeing.store import sessions

TEST_RING = KeyRing({1: AESGCM(b"f" * 32)}, 1, b"i" * 32, Path("no-folder/fields-2.key"))
REAL_READ_RING = field_keys.read_ring


class KeysOfTests(FieldKeys):
    """Opens and seals with the test keys, wherever they are asked for."""

    def __init__(self) -> None:
        super().__init__(Path("no-folder"))


def use_test_keys() -> None:
    """From here on a database given no keys, and a key folder with none in it, have these."""

    def read_ring(folder: KeyFolder) -> KeyRing:
        return REAL_READ_RING(folder) if folder.field_numbers() else TEST_RING

    field_keys.read_ring = read_ring
    setattr(sessions, "NoSealer", KeysOfTests)  # noqa: B010 (mypy knows it by its own name)
