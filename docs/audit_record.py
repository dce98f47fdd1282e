#!/usr/bin/env python3
"""Checks the promise of anonymity in a published record, with nothing but Python 3.9 or later.

    wellbeing published --format json > record.json
    python3 audit_record.py record.json

For each round and for 0, 1 and 2 known answers it prints the worst that holds for anybody else:
the fewest points between the lowest and the highest score they can have, how high their lowest
possible burnout or traumatic stress gets, and how low their highest possible satisfaction gets.
Exit 0: the promise holds in every round. Exit 1: it is broken. Exit 2: the file cannot be read.
An organisation whose rules differ from ours says so: --known 1, --point 2 (config/disclosure.toml).

The idea fits a pencil. Scores are whole numbers from 10 to 50. If n scores sum to at least `low`
and at most `high`, one of them is at least low - 50 (n - 1) and at most high - 10 (n - 1). Known
answers are taken out of n and of the sums first, whatever they may be.
"""

import argparse
import json
import re
import sys
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

SCALES = ("CS", "BO", "STS")
LOWEST, HIGHEST, MIDDLE = 10, 50, 30
PROMISED_POINTS, LEAST_GROUP = 20, 5
BAND_ENDS = (22, 41)
SHOWN = re.compile(r"([1-4][0-9]|50)( or more| or less)?")


def read_text(shown, point):
    """The least mean that such as "24" or "30 or more" stands for, and the one it ends below."""
    found = SHOWN.fullmatch(shown)
    if not found:
        raise ValueError(f"{shown!r} is not a value that is shown")
    value, end, half = int(found.group(1)), found.group(2), Fraction(point, 2)
    low = Fraction(LOWEST) if end == " or less" else value - half
    return low, Fraction(HIGHEST + 1) if end == " or more" else value + half


def sums(n, value, point):
    """The whole sums that the text and the record's range both allow."""
    low, above = read_text(value["shown"], point)
    least = ceil(max(low, Fraction(str(value["low"]))) * n)
    most = min(ceil(above * n) - 1, floor(Fraction(str(value["high"])) * n))
    return max(least, LOWEST * n), min(most, HIGHEST * n)


def interval(n, low, high):
    """The lowest and the highest score of one of n people."""
    return max(LOWEST, low - HIGHEST * (n - 1)), min(HIGHEST, high - LOWEST * (n - 1))


def bounds(n, low, high, known):
    """The worst over every answer the known people may have given."""
    left = n - known
    told = range(
        max(LOWEST * known, low - HIGHEST * left), min(HIGHEST * known, high - LOWEST * left) + 1
    )
    found = [interval(left, low - given, high - given) for given in told] or [(HIGHEST, LOWEST)]
    return (
        min(b - a for a, b in found),
        max(a for a, _ in found),
        min(b for _, b in found),
    )


def check_round(record, rules):
    """The table of a round as {known: (narrowest, strain, satisfaction)}, and its faults."""
    table, faults, seen = {}, [], set()
    for group in record["groups"]:
        n = group["n"]
        if n < LEAST_GROUP:
            faults.append(f"{group['label']}: the group has {n} answers")
        for unit in group["counts_for"]:
            if unit in seen:
                faults.append(f"{unit}: its people count in two groups")
            seen.add(unit)
        for scale in SCALES:
            name, value = f"{group['label']}, {scale}", group["values"][scale]
            low, above = read_text(value["shown"], rules.point)
            if Fraction(str(value["low"])) < low or Fraction(str(value["high"])) >= above:
                faults.append(f"{name}: the text says more than the range beside it")
            low_sum, high_sum = sums(n, value, rules.point)
            for known in range(min(rules.known, n - 1) + 1):
                found = bounds(n, low_sum, high_sum, known)
                add(table, known, scale, found)
                faults += check_cell(name, known, scale, found)
    return table, faults + list(check_rollups(record, rules.point))


def add(table, known, scale, found):
    """Keeps the worst of each kind."""
    narrowest, strain, satisfaction = table.get(known, (HIGHEST, LOWEST, HIGHEST))
    table[known] = (
        min(narrowest, found[0]),
        strain if scale == "CS" else max(strain, found[1]),
        min(satisfaction, found[2]) if scale == "CS" else satisfaction,
    )


def check_cell(name, known, scale, found):
    """Alone: enough points and two bands. With known answers: nobody is shown to be strained."""
    narrowest, lowest, highest = found
    if known == 0:
        if narrowest < PROMISED_POINTS:
            yield f"{name}: a score is known to within {narrowest} points"
        if not any(lowest <= end < highest for end in BAND_ENDS):
            yield f"{name}: the band of a score is certain"
    elif highest < MIDDLE if scale == "CS" else lowest > MIDDLE:
        yield f"{name}: {known} known answers can show that another is strained"


def check_rollups(record, point):
    """A roll-up may only say what follows from its groups: the mean of their shown points."""
    groups = {group["id"]: group for group in record["groups"]}
    for rollup in record["rollups"]:
        parts = [groups[one] for one in rollup["of"]]
        n = sum(part["n"] for part in parts)
        for scale in SCALES:
            mine = rollup["values"][scale]
            cells = [(part["n"], part["values"][scale]) for part in parts]
            total = sum(size * int(cell["shown"].split()[0]) for size, cell in cells)
            low, high = (sum(size * cell[end] for size, cell in cells) for end in ("low", "high"))
            if len(cells) == 1:
                follows = mine == cells[0][1]
            else:
                means = {str((2 * total + n * p) // (2 * n * p) * p) for p in (1, point)}
                wide = mine["low"] * n <= low + 1e-9 * n and mine["high"] * n >= high - 1e-9 * n
                follows = mine["shown"] in means and wide
            if not follows:
                yield f"{rollup['unit']}, {scale}: the roll-up says more than its groups"


def report(rounds, rules):
    """Prints the table and the faults of each round; whether all is well."""
    say, ids, passed = sys.stdout.write, [record["id"] for record in rounds], True
    say(f"{'round':<38}{'known':>6}{'narrowest':>11}{'strain from':>13}{'satisfaction to':>17}\n")
    for record in rounds:
        table, faults = check_round(record, rules)
        if ids.count(record["id"]) > 1:
            faults.append("the round stands in the record more than once")
        for known, (narrowest, strain, satisfaction) in sorted(table.items()):
            say(f"{record['id']:<38}{known:>6}{narrowest:>11}{strain:>13}{satisfaction:>17}\n")
        for fault in faults:
            say(f"  {fault}\n")
        passed = passed and not faults
    return passed


def main():
    """Reads the record and says PASS or FAIL; the exit code as described above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "file", nargs="?", default="-", help="the record; standard input if left out"
    )
    parser.add_argument("--known", type=int, default=2, help="known answers that are promised for")
    parser.add_argument("--point", type=int, default=1, help="values are multiples of this")
    rules = parser.parse_args()
    try:
        text = sys.stdin.read() if rules.file == "-" else Path(rules.file).read_text("utf-8")
        passed = report(json.loads(text)["rounds"], rules)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        sys.stderr.write(f"The record cannot be read: {fault!r}\n")
        return 2
    sys.stdout.write("PASS\n" if passed else "FAIL\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
