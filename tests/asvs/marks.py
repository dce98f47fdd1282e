"""Finds `@pytest.mark.asvs("6.2.1", …)` in the source of the tests, without importing them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
_NEVER_RUN = ("skip", "xfail")


@dataclass(frozen=True, slots=True, order=True)
class Proof:
    """A test and one requirement it is marked with."""

    requirement: str
    file: str
    test: str

    @property
    def sentence(self) -> str:
        """The name of the test as the sentence it is."""
        return self.test.removeprefix("test_").replace("_", " ")


def find_proofs(folder: Path = TESTS) -> list[Proof]:
    """Every requirement with every test marked with it, in order."""
    return sorted(proof for path in folder.rglob("test_*.py") for proof in _of_file(path, folder))


def _of_file(path: Path, folder: Path) -> Iterator[Proof]:
    source = path.read_text(encoding="utf-8")
    if "mark.asvs" not in source:
        return
    file = path.relative_to(folder.parent).as_posix()
    for name, ids in _marked(ast.parse(source)):
        if not name.startswith("test_"):
            raise ValueError(f"{file}: {name} is marked and is no test")
        for requirement in ids:
            yield Proof(requirement, file, name)


def _marked(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Call)]
            ids = [identity for mark in marks for identity in _ids(mark)]
            if ids and not _is_never_run(node):
                yield node.name, ids


def _ids(mark: ast.Call) -> list[str]:
    if ast.unparse(mark.func) != "pytest.mark.asvs":
        return []
    return [str(ast.literal_eval(argument)) for argument in mark.args]


def _is_never_run(node: ast.FunctionDef) -> bool:
    names = [ast.unparse(mark) for mark in node.decorator_list]
    return any(name.startswith(f"pytest.mark.{word}") for name in names for word in _NEVER_RUN)
