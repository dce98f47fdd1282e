"""What our source never does: each rule is one that a reviewer would otherwise look for by hand."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "wellbeing" / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))

RUNS_WHAT_IT_IS_GIVEN = {
    "eval", "exec", "compile", "__import__", "render_template_string", "from_string",
}  # fmt: skip
# Our own templates, not anything that came in.
MAY_RENDER = {("wellbeing/actions/law_documents.py", "environment.from_string")}
MAY_DECODE = {"wellbeing/actions/law_documents.py"}  # takes marks out of a page of ours
# pg_dump and psql, and our own interpreter to open ballots: each with a list of arguments.
MAY_COMMAND = {"wellbeing/store/copies.py", "wellbeing/crypto/ballot_batches.py"}
COMMANDS = {"subprocess", "os.system", "os.popen", "os.spawn", "os.exec", "pty", "commands"}
UNPACKS_OBJECTS = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}
XML = {"xml", "lxml", "defusedxml", "xmltodict"}
DECODES_AGAIN = {"urllib.parse.unquote", "urllib.parse.unquote_plus", "html.unescape"}
# Each module that makes a connection, or has one made: docs/limits.md says where to.
CONNECTS = {
    "aiosmtpd", "ftplib", "http.client", "imaplib", "opentelemetry.exporter", "poplib", "requests",
    "smtplib", "socket", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc",
}  # fmt: skip
MAY_CONNECT = {
    "wellbeing/mail.py": "the mail server",
    "wellbeing/actions/anchoring.py": "names the faults of the mail server",
    "wellbeing/single_sign_on/fetching.py": "the provider of single sign-on",
    "wellbeing/single_sign_on/signing_in.py": "names its faults",
    "wellbeing/actions/delivery.py": "names the faults of the mail server",
    "wellbeing/actions/outbox_outcomes.py": "names the faults of the mail server",
    "wellbeing/sms.py": "the gateway of text messages",
    "wellbeing/monitoring/traces.py": "the collector of traces",
    "wellbeing/webhook_posts.py": "other systems that an administrator named",
    "wellbeing/demo/mail_server.py": "the demo's own mail server, on this machine",
    "wellbeing/demo/server.py": "asks whether the demo's port is free",
}
WEAK = re.compile(r"\b(md5|sha1|sha224|des|3des|tripledes|arc4|rc4|blowfish|ecb|pkcs1v15)\b", re.I)
MAY_DRAW = ("wellbeing/demo/", "wellbeing/domain/")  # invented people, simulations
MAY_STAND_IN_PATTERNS = {
    "wellbeing/domain/staff_cells.py": {"separators"},  # constants of the callers
}
CIPHERS = {"argon2", "cryptography", "nacl", "pyotp", "webauthn"}
# They hand keys on, or ask an authenticator's code; the ciphers are in wellbeing/crypto.
MAY_USE_CIPHERS = {
    "wellbeing/actions/authenticator.py",
    "wellbeing/actions/backup.py",
    "wellbeing/actions/backup_files.py",
    "wellbeing/actions/key_holders.py",
    "wellbeing/actions/restore.py",
}
HASHES_AND_CHANCE = {"hashlib", "hmac", "secrets"}
PLAIN_HELPERS = {
    "binascii", "math", "threading", "zxcvbn",
    "base64", "contextlib", "enum", "itertools", "json", "os", "pathlib", "re", "shutil", "struct",
    "tempfile", "unicodedata", "uuid", "stat", "fcntl",
    # Many ballots are opened by several processes, passwords hashed by threads of their own.
    "concurrent", "multiprocessing", "numpy", "subprocess", "sys",
}  # fmt: skip
BINDS_TO_SCRIPT = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function|postMessage)\s*[=(]"
)


Call = tuple[str, ast.Call]


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the program with its path from the root."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for top in ("wellbeing", "jobs")
        for path in sorted((ROOT / top).rglob("*.py"))
    }


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports, also the names taken from a module."""
    found: dict[str, set[str]] = {path: set() for path in sources()}
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found[path] |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                found[path] |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return found


@cache
def calls() -> dict[str, list[Call]]:
    """What each module calls, as it is written."""
    return {
        path: [(_written(n.func), n) for n in ast.walk(tree) if isinstance(n, ast.Call)]
        for path, tree in sources().items()
    }


def _written(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return f"{_written(function.value)}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else "…"


def who_imports(unwanted: set[str]) -> set[str]:
    """The modules that import any of these, or what lies in them."""

    def is_unwanted(name: str) -> bool:
        return any(name == each or name.startswith(f"{each}.") for each in unwanted)

    return {path for path, names in imports().items() if any(map(is_unwanted, names))}


@pytest.mark.asvs("1.3.2", "1.3.7")
def test_nothing_runs_code_or_templates_that_it_is_given() -> None:
    found = {
        (path, name)
        for path, called in calls().items()
        for name, _ in called
        if name.rpartition(".")[2] in RUNS_WHAT_IT_IS_GIVEN and not name.startswith("re.")
    }
    assert found == MAY_RENDER


@pytest.mark.asvs("1.2.5")
def test_no_command_of_the_system_is_started_through_a_shell() -> None:
    found = {
        (path, name)
        for path, called in calls().items()
        for name, call in called
        if name.startswith(("os.system", "os.popen", "os.spawn", "os.exec"))
        or any(keyword.arg == "shell" for keyword in call.keywords)
        or (
            name.startswith("subprocess.")
            and isinstance(call.args[0], ast.JoinedStr | ast.Constant)
        )
    }
    assert found == set()
    assert who_imports(COMMANDS) == MAY_COMMAND


@pytest.mark.asvs("1.5.2")
def test_nothing_unpacks_objects_from_data() -> None:
    assert who_imports(UNPACKS_OBJECTS) == set()


def test_nothing_of_ours_parses_xml() -> None:
    assert who_imports(XML) == set()


@pytest.mark.asvs("1.1.1")
def test_nothing_decodes_what_the_framework_has_decoded() -> None:
    assert who_imports(DECODES_AGAIN) == MAY_DECODE


@pytest.mark.asvs("1.2.4")
def test_no_statement_is_put_together_from_anything_but_our_own_names() -> None:
    """Values are bound; where a name of a table or role has to stand, the module is in `store`."""
    put_together = {
        path
        for path, called in calls().items()
        for name, call in called
        if name.rpartition(".")[2] in {"text", "execute", "exec_driver_sql", "executemany"}
        for argument in call.args[:1]
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
    }
    assert {path for path in put_together if not path.startswith("wellbeing/store/")} == set()


@pytest.mark.asvs("1.2.9")
def test_what_stands_in_a_pattern_and_is_no_constant_is_escaped() -> None:
    """A pattern is written in its module, or its parts are constants there, or were escaped."""
    for path, called in calls().items():
        for name, call in called:
            if not re.fullmatch(r"re\.(compile|match|search|sub|findall|fullmatch|split)", name):
                continue
            names = {n.id for n in ast.walk(call.args[0]) if isinstance(n, ast.Name)}
            source = (ROOT / path).read_text(encoding="utf-8")
            for each in names - MAY_STAND_IN_PATTERNS.get(path, set()):
                is_escaped = re.search(rf"{each} = .*re\.escape", source)
                assert each.isupper() or is_escaped, (path, each)


@pytest.mark.asvs("1.3.6", "13.1.1", "13.2.4")
def test_only_these_modules_make_connections_and_the_document_names_each_place() -> None:
    assert who_imports(CONNECTS) == set(MAY_CONNECT)
    document = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    for path in MAY_CONNECT:
        assert f"`{path}`" in document, path


@pytest.mark.asvs("11.2.1")
def test_cryptography_is_done_by_proven_libraries_in_one_folder() -> None:
    assert {
        path for path in who_imports(CIPHERS) if not path.startswith("wellbeing/crypto/")
    } == set(MAY_USE_CIPHERS)
    ours = {"wellbeing", "dataclasses", "functools", "collections", "datetime", "typing"}
    used = {
        name.split(".")[0]
        for path, names in imports().items()
        if path.startswith("wellbeing/crypto/")
        for name in names
    }
    assert used - ours - CIPHERS - HASHES_AND_CHANCE - PLAIN_HELPERS == set()


@pytest.mark.asvs("11.3.1", "11.3.2", "11.4.1", "11.6.1")
def test_no_weak_cipher_mode_or_hash_is_named_anywhere() -> None:
    found = {
        (path, match[0])
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name | ast.alias)
        and (match := WEAK.search(_name_of(node)))
    }
    assert found == set()


def _name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return (
        node.id if isinstance(node, ast.Name) else node.name if isinstance(node, ast.alias) else ""
    )


@pytest.mark.asvs("11.5.1")
def test_chance_that_can_be_computed_is_used_for_figures_only() -> None:
    """Secrets come from the system and libsodium, never from where simulations draw."""
    drawing = who_imports({"random"}) | {
        path for path, tree in sources().items() if "random" in _attributes_of_numpy(tree)
    }
    assert {path for path in drawing if not path.startswith(MAY_DRAW)} == set()


def _attributes_of_numpy(tree: ast.Module) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _written(node.value) in {"np", "numpy"}
    }


@pytest.mark.asvs("13.4.2")
def test_nothing_turns_debugging_on() -> None:
    for path, called in calls().items():
        for _, call in called:
            for keyword in call.keywords:
                is_debug = keyword.arg in {"debug", "DEBUG", "use_debugger", "use_reloader"}
                is_off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                assert not is_debug or is_off, path


@pytest.mark.asvs("3.2.2", "3.5.5", "3.7.1", "15.3.6")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_makes_no_pages_from_text_and_takes_no_messages(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    assert BINDS_TO_SCRIPT.findall(source) == []
    assert "onmessage" not in source
    assert '"message"' not in source
    assert "__proto__" not in source
    assert re.findall(r"\.prototype\b[^;]*[^=!<>]=[^=>]", source) == []
    assert re.findall(r"\w\[[A-Za-z_.]+\]\s*=[^=]", source) == [], "a key that was computed"


@pytest.mark.asvs("1.2.3")
def test_no_template_writes_a_script() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        source = template.read_text(encoding="utf-8")
        assert re.findall(r"<script\b(?![^>]*\bsrc=)", source) == [], template
        assert re.findall(r"<script\b[^>]*>\s*[^<\s]", source) == [], template
        assert re.findall(r"""\son[a-z]+\s*=\s*["']|javascript:""", source) == [], template
