"""Checks a log that `wellbeing audit-log export` printed, with nothing but Python.

    wellbeing audit-log export > log.jsonl
    python verify_log.py log.jsonl [audit-anchors.jsonl …] [NUMBER:HASH …]

It knows nothing of the program that wrote the log: whoever doubts that program can read these few
lines and run them elsewhere. It prints what does not fit and exits 1, or says that all of it fits.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

SAID = ("number", "at", "by", "act", "subject", "details", "previous_hash")
NOTHING = "0" * 64


def hash_of(said: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(said).hexdigest()


def find_faults(lines: list[str], anchors: dict[int, str]) -> list[str]:
    """Each place where the chain breaks, and each anchor (hash by number) that it does not fit."""
    faults, number, previous, seen = [], 0, NOTHING, {}
    for line in lines:
        event = json.loads(line)
        if "checkpoint" in event:  # what came before has expired; this stands for it
            number, previous = event["checkpoint"], event["hash"]
            seen[number] = previous
            continue
        said = [event[name] for name in SAID]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        if event["number"] != number + 1:
            faults.append(f"Event {number + 1} is not where it should be.")
        elif (
            event["previous_hash"] != previous or sha256(text.encode()).hexdigest() != event["hash"]
        ):
            faults.append(f"Event {event['number']} does not fit.")
        number, previous = event["number"], event["hash"]
        seen[number] = previous
    for anchored, expected in sorted(anchors.items()):
        if anchored > number:
            faults.append(f"Event {anchored} was anchored, and the log ends at event {number}.")
        elif seen.get(anchored, expected) != expected:
            faults.append(f"Event {anchored} is another than the anchor's.")
    return faults


def read_anchors(given: list[str]) -> tuple[dict[int, str], list[str]]:
    """The anchors of files and of the command line, and each line that was edited."""
    anchors: dict[int, str] = {}
    faults = []
    for text in given:
        number, colon, said = text.partition(":")
        if colon and number.isdecimal():
            anchors[int(number)] = said.lower()
            continue
        previous = NOTHING
        for count, line in enumerate(Path(text).read_bytes().splitlines(), start=1):
            anchor: dict[str, Any] = json.loads(line)
            if anchor["previous"] != previous:
                faults.append(f"{text}, line {count} was edited, or one before it.")
            anchors[anchor["number"]] = anchor["hash"]
            previous = hash_of(line)
    return anchors, faults


def main() -> int:
    """1 where something does not fit."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    anchors, faults = read_anchors(sys.argv[2:])
    faults += find_faults(lines, anchors)
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if not faults:
        sys.stdout.write(f"{len(lines)} lines fit each other and {len(anchors)} anchors.\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
