"""The design system in our theme: colours we have names for, the browser's rem, no more files."""

import importlib.util
import re
from pathlib import Path

import pytest

import wellbeing

ROOT = Path(__file__).resolve().parent.parent
_spec = importlib.util.spec_from_file_location("hook", ROOT / "config/styles/build_hook.py")
assert _spec
assert _spec.loader
hook = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hook)
STATIC = Path(wellbeing.__file__).parent / "static"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("a{color:#004D99}", "a{color:var(--accent)}"),
        ("a{color:#c00}", "a{color:var(--error)}"),
        ("a{border:1px solid #fff}", "a{border:1px solid var(--surface)}"),
        ("p{margin:1.6rem .8rem}", "p{margin:1rem 0.5rem}"),
        ("html{font-size:62.5%;line-height:1.5}", "html{line-height:1.5}"),
        ("a{top:0}.x::before{background:url(../img/x.svg)}b{top:1px}", "a{top:0}b{top:1px}"),
    ],
)
def test_a_rule_is_put_into_our_theme(theirs: str, ours: str) -> None:
    assert hook.in_our_theme(theirs) == ours


def test_a_colour_without_a_name_stops_the_build() -> None:
    with pytest.raises(ValueError, match="no name for #123456"):
        hook.in_our_theme("a{color:#123456}")


def test_the_sheet_that_was_built_uses_names_that_our_theme_gives() -> None:
    built = (STATIC / "vendor" / "dkfds.css").read_text(encoding="utf-8")
    given = set(re.findall(r"--([\w-]+):", (STATIC / "wellbeing.css").read_text(encoding="utf-8")))
    assert set(re.findall(r"var\(--([\w-]+)\)", built)) <= given
    assert "url(" not in built
    assert "@import" not in built
    assert not re.search(r"#[0-9a-f]{3,8}\b", built, re.IGNORECASE)


def test_nothing_is_fetched_while_the_inputs_are_those_of_the_last_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fetch(folder: Path) -> Path:
        raise AssertionError("the registry was asked")

    monkeypatch.setattr(hook, "_fetch", fetch)
    assert hook.build(ROOT) == STATIC / "vendor"


@pytest.mark.parametrize("lost", ["dkfds.css", "dkfds-licence.md"])
def test_a_file_that_was_lost_is_made_again(
    lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    (packages / "dkfds").mkdir(parents=True)
    (packages / "dkfds" / "LICENSE.md").write_text("MIT")
    monkeypatch.setattr(hook, "_fetch", lambda _: packages)
    monkeypatch.setattr(hook, "_compile", lambda _: "a{color:#fff}")
    vendor = hook.build(tmp_path)
    (vendor / lost).unlink()
    hook.build(tmp_path)
    assert (vendor / lost).exists()


def test_without_a_registry_it_says_in_one_sentence_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(SystemExit, match=r"npm could not fetch .*reaches npm's registry") as said:
        hook.build(tmp_path)
    assert "\n" not in str(said.value)
    assert not (tmp_path / "wellbeing").exists()


def test_no_address_of_a_registry_is_written_down() -> None:
    lock = (ROOT / "config" / "styles" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') >= 2
