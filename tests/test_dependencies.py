"""docs/dependencies.md is the list of what the project uses, with the licences it is under."""

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, flags=re.MULTILINE)
EXCEPTIONS = dict(
    re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+?) \| [^|]+ \|$", TEXT, flags=re.MULTILINE)
)
WITH_NPM = (ROOT / "config" / "styles", ROOT / "tests" / "oidc")
NPM_KINDS = ("dependencies", "devDependencies")
COMPATIBLE = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC",
    "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unlicense",
    "Zlib",
}  # fmt: skip
# As packages without an expression of SPDX write it; the first that fits.
SPELLINGS = {
    r"GPLv2\+.*LGPLv2\+.*MPL 1\.1": "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1",
    r"Mozilla Public License 2": "MPL-2.0",
    r"Apache": "Apache-2.0",
    r"BSD-3-Clause|3-Clause BSD|BSD 3-Clause": "BSD-3-Clause",
    r"BSD-2-Clause|2-Clause BSD|BSD 2-Clause": "BSD-2-Clause",
    r"^(Flask-WTF|WTForms) ": "BSD-3-Clause",
    r"Python Software Foundation|PSF": "PSF-2.0",
    r"Unlicense": "Unlicense",
    r"ISC": "ISC",
    r"MIT|Permission is hereby granted, free of charge": "MIT",
    r"BSD": "BSD",
}


def named_in_pyproject() -> set[str]:
    """Every package the project names, in whatever part."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
        project["build-system"]["requires"],
    ]
    return {_plain(Requirement(each).name) for part in parts for each in part}


def named_for_npm() -> set[str]:
    """The packages of npm that the project names."""
    files = (folder / "package.json" for folder in WITH_NPM)
    named = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    return {name for each in named for kind in NPM_KINDS for name in each.get(kind, {})}


@cache
def npm_packages() -> dict[str, str]:
    """The packages of npm, also those that come along, with the licence their lock file tells."""
    files = (folder / "package-lock.json" for folder in WITH_NPM)
    locks = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    return {
        path.rpartition("node_modules/")[2]: each["license"]
        for lock in locks
        for path, each in lock["packages"].items()
        if path
    }


def locked() -> list[str]:
    """Every package of the lock, also those that only come along."""
    lock = (ROOT / "config" / "lock.txt").read_text(encoding="utf-8")
    return [_plain(name) for name in re.findall(r"^([\w.-]+)==", lock, flags=re.MULTILINE)]


@cache
def licence_of(package: str) -> str | None:
    """The licence an installed package says it has, in SPDX's words; None if not installed."""
    try:
        about = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return None
    if expression := about["License-Expression"]:
        return str(expression)
    told = " ".join([f"{about['Name']} ", *_told(package)])
    found = (name for pattern, name in SPELLINGS.items() if re.search(pattern, told))
    return next(found, f"unknown: {told[:60]}")


def _told(package: str) -> Iterator[str]:
    about = metadata.metadata(package)
    yield " ".join((about["License"] or "").split())[:120]
    yield from (c for c in about.get_all("Classifier") or [] if c.startswith("License"))
    for file in metadata.files(package) or []:
        if re.search(r"dist-info/(licenses/)?LICEN[CS]E", str(file)):
            yield file.read_text(encoding="utf-8").strip().partition("\n")[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.asvs("15.1.2")
def test_the_list_names_what_the_project_uses_and_nothing_else() -> None:
    used = named_in_pyproject() | named_for_npm()
    assert {name for name, *_ in ROWS} == used
    assert len(ROWS) == len(used), "one is there twice"


def test_each_says_why_and_what_instead() -> None:
    assert [name for name, why, _, instead in ROWS if len(why) < 5 or len(instead) < 3] == []


def test_the_licences_are_those_the_packages_say() -> None:
    of_npm = npm_packages()
    found = {name: of_npm.get(name) or licence_of(name) for name, *_ in ROWS}
    said = {name: licence for name, _, licence, _ in ROWS if found[name]}
    assert said == {name: licence for name, licence in found.items() if licence}
    assert len(said) > 55


@pytest.mark.asvs("15.1.2")
def test_every_package_that_comes_along_may_be_distributed_under_our_licence_or_has_a_reason() -> (
    None
):
    licences = {name: licence for name in locked() if (licence := licence_of(name))}
    licences |= npm_packages()
    assert len(licences) > 130
    odd = {name: licence for name, licence in licences.items() if not _is_compatible(licence)}
    assert odd == {name: EXCEPTIONS.get(name) for name in odd}
    assert set(odd) == {name for name in EXCEPTIONS if name in licences and name not in _listed()}


def _listed() -> set[str]:
    return {name for name, *_ in ROWS} - {"djlint"}


def _is_compatible(licence: str) -> bool:
    """Whether one choice of the expression is compatible in all its parts."""
    choices = licence.strip("()").split(" OR ")
    return any(set(choice.strip("()").split(" AND ")) <= COMPATIBLE for choice in choices)


@pytest.mark.asvs("15.1.2")
def test_every_package_is_locked_with_a_hash() -> None:
    lock = (ROOT / "config" / "lock.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(entries) > 130
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in lock
