"""The law and guidance behind an incident: read from config, each in both languages."""

from pathlib import Path

import pytest

from wellbeing.domain.errors import BadInput
from wellbeing.domain.incident_guidance import load_sources

GOOD = """
[[sources]]
title = "A"
link = "https://example.org/a"
about = { da = "a", en = "b" }
"""


def test_the_sources_shipped_name_the_duty_and_the_evidence() -> None:
    titles = " ".join(source.title for source in load_sources())
    for word in ("1839/2023", "1406/2020", "Arbejdstilsynet", "NICE NG116", "Billings"):
        assert word in titles


def test_every_source_says_in_both_languages_what_it_is() -> None:
    for source in load_sources():
        assert set(source.about) == {"da", "en"}
        assert source.link == "" or source.link.startswith("https://")


def test_a_language_that_is_missing_falls_back(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (source,) = load_sources(tmp_path / "a.toml")
    assert (source.about_in("en"), source.about_in("sv")) == ("b", "a")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://", "http://"),
        ("https://example.org/a", "javascript:alert(1)"),
        ('title = "A"', 'title = ""'),
        ('{ da = "a", en = "b" }', "{}"),
        ("title =", "titel ="),
    ],
)
def test_a_fault_in_the_file_is_said(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "a.toml").write_text(GOOD.replace(before, after))
    with pytest.raises(BadInput):
        load_sources(tmp_path / "a.toml")
