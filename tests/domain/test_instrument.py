"""The instrument and its wordings: what the files hold, and what is refused."""

import math
import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from wellbeing.domain import instrument as instrument_module
from wellbeing.domain.checked_table import CheckedTable
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.instrument import (
    Band,
    Instrument,
    Scale,
    Wording,
    band_of,
    build_instrument,
    build_wording,
    load_instrument,
    load_wording,
    wording_locales,
)
from wellbeing.resources import folder

FOLDER = folder("config") / "instruments"
Data = dict[str, Any]


def _instrument_with(change: Callable[[Data], object]) -> Instrument:
    data = tomllib.loads((FOLDER / "proqol5.toml").read_text(encoding="utf-8"))
    change(data)
    return build_instrument(CheckedTable(data, "form.toml"))


def _wording_data(locale: str = "en") -> Data:
    return tomllib.loads((FOLDER / f"proqol5-adapted.{locale}.toml").read_text(encoding="utf-8"))


def _wording_with(change: Callable[[Data], object]) -> Wording:
    data = _wording_data()
    change(data)
    return build_wording(CheckedTable(data, "form.toml"))


def test_the_scales_have_the_published_items() -> None:
    assert dict(load_instrument().subscales) == {
        Scale.CS: (3, 6, 12, 16, 18, 20, 22, 24, 27, 30),
        Scale.BO: (1, 4, 8, 10, 15, 17, 19, 21, 26, 29),
        Scale.STS: (2, 5, 7, 9, 11, 13, 14, 23, 25, 28),
    }


def test_five_burnout_items_are_reversed() -> None:
    assert load_instrument().reversed_items == {1, 4, 15, 17, 29}


def test_the_scales_come_in_the_fixed_order() -> None:
    assert list(Scale) == ["CS", "BO", "STS"]


BANDS = {Band.LOW: (10, 22), Band.MODERATE: (23, 41), Band.HIGH: (42, 50)}


def test_every_band_has_its_published_limits_on_every_scale() -> None:
    assert set(Band) - BANDS.keys() == set()
    assert dict(load_instrument().bands) == dict.fromkeys(Scale, BANDS)


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize(
    ("value", "band"),
    [
        (10, Band.LOW),
        (22, Band.LOW),
        (22.49, Band.LOW),
        (22.5, Band.MODERATE),
        (23, Band.MODERATE),
        (41, Band.MODERATE),
        (41.5, Band.HIGH),
        (42, Band.HIGH),
        (50, Band.HIGH),
    ],
)
def test_a_score_or_mean_lies_in_one_band(scale: Scale, value: float, band: Band) -> None:
    assert band_of(load_instrument(), scale, value) is band


@pytest.mark.parametrize("value", [0, 9.9, 50.1, -1, math.nan, math.inf])
def test_what_is_no_score_has_no_band(value: float) -> None:
    with pytest.raises(BadInput, match="not a score from 10 to 50"):
        band_of(load_instrument(), Scale.BO, value)


@pytest.mark.parametrize("scale", Scale)
def test_the_standard_error_follows_from_alpha_and_the_pooled_spread(scale: Scale) -> None:
    form = load_instrument()
    pooled = form.references[0]
    expected = pooled.sd[scale] * math.sqrt(1 - form.alpha[scale])
    assert form.standard_error[scale] == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("scale", Scale)
def test_the_reliable_change_follows_from_alpha_and_the_pooled_spread(scale: Scale) -> None:
    form = load_instrument()
    error = form.references[0].sd[scale] * math.sqrt(1 - form.alpha[scale])
    assert form.reliable_change[scale] == math.ceil(1.96 * math.sqrt(2) * error)


def test_three_reference_samples_are_named_with_their_source() -> None:
    samples = load_instrument().references
    assert [(sample.id, sample.n) for sample in samples] == [
        ("pooled-30-studies", 5612),
        ("norwegian-child-protection", 506),
        ("us-teachers", 107),
    ]
    assert all(sample.source for sample in samples)


def test_a_sample_without_a_published_spread_has_none() -> None:
    assert dict(load_instrument().references[1].sd) == {}


def test_the_items_ask_about_thirty_days() -> None:
    assert load_instrument().reference_days == 30


def test_the_instrument_is_read_once() -> None:
    assert load_instrument() is load_instrument()


def test_an_instrument_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        load_instrument().min_answered = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        load_instrument().alpha[Scale.CS] = 1.0  # type: ignore[index]


def _swap_item(data: Data) -> None:
    data["scales"]["CS"]["items"][0] = 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(items=29), "30 items answered 1 to 5"),
        (lambda d: d.update(highest_answer=6), "30 items answered 1 to 5"),
        (lambda d: d["scales"].pop("STS"), "scales: missing: STS"),
        (lambda d: d["scales"].update(TOTAL={}), "scales: not known: TOTAL"),
        (lambda d: d["scales"]["CS"]["items"].pop(), "each scale must have 10 items"),
        (_swap_item, "exactly one scale"),
        (lambda d: d["scales"]["BO"]["items"].__setitem__(0, 31), "exactly one scale"),
        (lambda d: d["reversed_items"].append(31), "a reversed item must be an item"),
        (lambda d: d.update(min_answered=11), "'min_answered' must be from 1 to 10"),
        (lambda d: d.update(min_answered=True), "'min_answered' must be a whole number"),
        (lambda d: d.pop("reversed_items"), "'reversed_items' must be a list of whole numbers"),
        (lambda d: d["scales"]["BO"]["bands"].update(low=[10, 21]), "bands must cover 10 to 50"),
        (lambda d: d["scales"]["BO"]["bands"].update(low=[10, 23]), "bands must cover 10 to 50"),
        (lambda d: d["scales"]["BO"]["bands"].update(high=[42, 49]), "bands must cover 10 to 50"),
        (lambda d: d["scales"]["BO"]["bands"].update(high=[42]), "its lowest and its highest"),
        (lambda d: d["scales"]["BO"]["bands"].pop("high"), "missing: high"),
        (lambda d: d["scales"]["STS"].update(alpha="high"), "STS: 'alpha' must be a number"),
        (lambda d: d["references"][0]["mean"].pop("BO"), "references 1, mean: 'BO' must be"),
        (lambda d: d.update(references=[1]), "'references' must be a list of tables"),
    ],
)
def test_an_unsound_instrument_is_refused(change: Callable[[Data], object], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        _instrument_with(change)


def test_a_fault_names_the_file() -> None:
    with pytest.raises(BadInput, match=r"^form\.toml"):
        _instrument_with(lambda d: d.update(items=29))


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("items = = 30", encoding="utf-8")
    with pytest.raises(BadInput, match=r"broken\.toml cannot be read"):
        load_instrument(tmp_path / "broken.toml")


def test_a_file_that_does_not_exist_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"none\.toml"):
        load_instrument(tmp_path / "none.toml")


def test_the_wordings_are_danish_and_english() -> None:
    assert wording_locales() == ("da", "en")


def test_a_new_file_adds_a_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (FOLDER / "proqol5-adapted.en.toml").read_text(encoding="utf-8")
    (tmp_path / "instruments").mkdir()
    file = tmp_path / "instruments" / "proqol5-adapted.nb.toml"
    file.write_text(text.replace('locale = "en"', 'locale = "nb"'), encoding="utf-8")
    monkeypatch.setattr(instrument_module, "folder", lambda _name: tmp_path)
    assert wording_locales() == ("nb",)
    assert load_wording("nb").locale == "nb"


def test_a_file_that_claims_another_language_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (FOLDER / "proqol5-adapted.en.toml").read_text(encoding="utf-8")
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "proqol5-adapted.nb.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(instrument_module, "folder", lambda _name: tmp_path)
    with pytest.raises(BadInput, match="'locale' must be 'nb'"):
        load_wording("nb")


@pytest.mark.parametrize("locale", ["xx", "", "../proqol5", "da.toml"])
def test_a_language_without_a_wording_is_missing(locale: str) -> None:
    with pytest.raises(Missing):
        load_wording(locale)


@pytest.mark.parametrize("locale", wording_locales())
def test_a_wording_has_thirty_distinct_items_and_five_distinct_anchors(locale: str) -> None:
    wording = load_wording(locale)
    assert len(wording.items) == len(set(wording.items)) == 30
    assert len(wording.anchors) == len(set(wording.anchors)) == 5


@pytest.mark.parametrize("locale", wording_locales())
def test_a_wording_credits_both_owners_and_links_to_the_instrument(locale: str) -> None:
    wording = load_wording(locale)
    credits = " ".join(wording.credits)
    assert "Center for Victims of Torture" in credits
    assert "B. Hudnall Stamm, 2009–2012" in credits
    assert "www.ProQOL.org" in credits
    assert wording.link == "https://proqol.org"


@pytest.mark.parametrize("locale", wording_locales())
def test_a_wording_belongs_to_the_instrument_and_says_30_days(locale: str) -> None:
    wording = load_wording(locale)
    assert wording.instrument_id == load_instrument().id
    assert str(load_instrument().reference_days) in wording.intro


def test_an_adapted_wording_says_so() -> None:
    assert load_wording("da").label == "tilpasset fra ProQOL"
    assert load_wording("en").label == "adapted from the ProQOL"


def test_a_danish_anchor_stands_for_each_answer() -> None:
    assert load_wording("da").anchors == ("aldrig", "sjældent", "nogle gange", "ofte", "meget ofte")


def test_wordings_differ_in_hash() -> None:
    hashes = {load_wording(locale).sha256 for locale in wording_locales()}
    assert len(hashes) == len(wording_locales())


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["items"].update({"1": "Other words."}),
        lambda d: d["items"].update({"30": "Other words."}),
        lambda d: d["items"].update({"1": d["items"]["2"], "2": d["items"]["1"]}),
        lambda d: d["anchors"].reverse(),
        lambda d: d.update(intro="Other words."),
        lambda d: d.update(prefer_not="Other words."),
    ],
)
def test_the_hash_changes_with_whatever_is_asked(change: Callable[[Data], object]) -> None:
    assert _wording_with(change).sha256 != load_wording("en").sha256


def test_the_hash_does_not_change_with_what_is_not_asked() -> None:
    changed = _wording_with(lambda d: d.update(label="x", credits=["y"], note="z", id="w"))
    assert changed.sha256 == load_wording("en").sha256


def test_the_hash_does_not_depend_on_the_order_of_the_file() -> None:
    data = _wording_data()
    turned = dict(reversed(deepcopy(data).items()))
    turned["items"] = dict(reversed(data["items"].items()))
    assert build_wording(CheckedTable(turned, "x")).sha256 == load_wording("en").sha256


def test_the_hash_does_not_depend_on_how_an_accent_is_stored() -> None:
    composed = _wording_with(lambda d: d["items"].update({"1": "På"}))
    combining = _wording_with(lambda d: d["items"].update({"1": "Pa\u030a"}))
    assert composed.sha256 == combining.sha256


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d["items"].pop("17"), "items: missing: 17"),
        (lambda d: d["items"].update({"31": "More."}), "items: not known: 31"),
        (lambda d: d["items"].update({"2": d["items"]["1"]}), "two items have the same text"),
        (lambda d: d["items"].update({"2": "  "}), "'2' is empty"),
        (lambda d: d["anchors"].pop(), "'anchors' must be 5 texts"),
        (lambda d: d["anchors"].__setitem__(0, 1), "'anchors' must be a list of texts"),
        (lambda d: d.pop("prefer_not"), "'prefer_not' must be a text"),
        (lambda d: d.update(items=[]), "'items' must be a table"),
    ],
)
def test_an_unsound_wording_is_refused(change: Callable[[Data], object], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        _wording_with(change)
