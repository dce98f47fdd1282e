"""Whether a secret is anywhere in the memory of a running process, freed or not."""

import re
from contextlib import suppress
from pathlib import Path

_WRITABLE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")


def is_in_memory(pid: int, secret: bytes) -> bool:
    """Reads all memory that the process can write to; what is read-only comes from files."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            if found := _WRITABLE.match(line):
                start, end = int(found[1], 16), int(found[2], 16)
                with suppress(OSError, ValueError, OverflowError):
                    memory.seek(start)
                    if secret in memory.read(end - start):
                        return True
    return False
