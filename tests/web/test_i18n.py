"""A language is a folder; pages, forms and dates speak the language of their reader."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import PoFileError
from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from jinja2 import Environment
from wtforms import StringField
from wtforms.validators import InputRequired

from wellbeing import texts
from wellbeing.texts import TRANSLATIONS, Texts, available_locales, own_names
from wellbeing.web.shared import i18n

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.fixture
def three_languages(tmp_path: Path) -> Path:
    part = tmp_path / "sv" / "shared.po"
    part.parent.mkdir()
    part.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Sign in"\nmsgstr "Logga in"\n\n'
        'msgid "%(num)s team"\nmsgid_plural "%(num)s teams"\n'
        'msgstr[0] "%(num)s arbetslag"\nmsgstr[1] "%(num)s arbetslag i plural"\n\n'
        'msgid "%(day)s at %(time)s"\nmsgstr "%(day)s kl. %(time)s"\n\n'
        'msgid "This field is required."\nmsgstr "Här saknas ett svar."\n',
        encoding="utf-8",
    )
    (tmp_path / "sv" / "leader.po").write_text('msgid "Teams"\nmsgstr "Arbetslag"\n')
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_a_language_is_a_folder_with_parts(three_languages: Path) -> None:
    assert available_locales(three_languages) == ("en", "sv")


def test_the_parts_of_a_language_are_merged(three_languages: Path) -> None:
    swedish = Texts("sv", three_languages)
    assert (swedish.gettext("Sign in"), swedish.gettext("Teams")) == ("Logga in", "Arbetslag")


def test_the_number_decides_the_form(three_languages: Path) -> None:
    swedish = Texts("sv", three_languages)
    assert swedish.ngettext("%(num)s team", "%(num)s teams", 1) == "1 arbetslag"
    assert swedish.ngettext("%(num)s team", "%(num)s teams", 2) == "2 arbetslag i plural"
    assert Texts("en").ngettext("%(num)s team", "%(num)s teams", 2) == "2 teams"


def test_a_text_without_translation_comes_in_english(three_languages: Path) -> None:
    assert Texts("sv", three_languages).gettext("Outbox") == "Outbox"


def test_a_malformed_part_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "sv").mkdir()
    (tmp_path / "sv" / "bad.po").write_text('msgid "A"\nmsgstr "B"\nnonsense\n')
    with pytest.raises(PoFileError, match="misformatted"):
        _app("sv", tmp_path)


def test_a_language_is_named_as_its_speakers_name_it() -> None:
    assert own_names(["da", "en", "sv"]) == {"da": "Dansk", "en": "English", "sv": "Svenska"}


def test_a_day_reads_as_the_language_writes_it() -> None:
    day = date(2026, 11, 3)
    assert Texts("da").format_day(day) == "3. november 2026"
    assert Texts("da").format_day(day, weekday=True) == "tirsdag den 3. november 2026"
    assert Texts("en").format_day(day) == "3 November 2026"


def test_a_month_is_short_enough_for_a_chart() -> None:
    day = date(2026, 2, 16)
    assert Texts("da").format_month(day) == "feb. 2026"
    assert Texts("en").format_month(day) == "Feb 2026"


@pytest.mark.parametrize(
    ("moment", "danish"),
    [
        (datetime(2026, 7, 1, 6, 0, tzinfo=UTC), "1. juli 2026 kl. 08.00"),
        (datetime(2026, 11, 3, 8, 0, tzinfo=UTC), "3. november 2026 kl. 09.00"),
        (datetime(2026, 11, 3, 23, 30, tzinfo=UTC), "4. november 2026 kl. 00.30"),
    ],
)
def test_a_moment_reads_as_the_wall_clock_of_the_zone(moment: datetime, danish: str) -> None:
    assert Texts("da").format_moment(moment, COPENHAGEN) == danish


def test_a_moment_in_english_is_european() -> None:
    moment = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    assert Texts("en").format_moment(moment, COPENHAGEN) == "3 November 2026 at 09:00"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Texts("da").format_moment(datetime(2026, 11, 3), COPENHAGEN)  # noqa: DTZ001


def test_a_number_has_the_decimal_sign_of_the_language() -> None:
    assert (Texts("da").format_number(24.5), Texts("en").format_number(24.5)) == ("24,5", "24.5")


def test_a_plain_environment_speaks_the_language() -> None:
    environment = Environment(autoescape=True)
    Texts("da").install(environment)
    source = "{{ locale }}: {{ _('Hello %(name)s,', name='<b>') }}"
    assert environment.from_string(source).render() == "da: Hej &lt;b&gt;"


def _app(locale: str, translations: Path = TRANSLATIONS) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="only a test", WTF_CSRF_ENABLED=False)
    i18n.init_i18n(app, "en", lambda: locale, translations)
    return app


def test_a_page_speaks_the_language_of_its_request() -> None:
    with _app("da").test_request_context():
        assert render_template_string("{{ _('Sign in') }}") == "Log ind"
        assert i18n.gettext("Sign in") == "Log ind"
        assert i18n.format_day(date(2026, 11, 3)) == "3. november 2026"


def test_a_page_speaks_a_language_added_by_its_folder_alone(three_languages: Path) -> None:
    with _app("sv", three_languages).test_request_context():
        assert render_template_string("{{ _('Sign in') }}") == "Logga in"
        moment = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
        assert i18n.format_moment(moment, COPENHAGEN) == "3 november 2026 kl. 09:00"


def test_the_dates_of_a_page_follow_its_language() -> None:
    source = "{{ day | format_day }} {{ 24.5 | format_number }}"
    with _app("da").test_request_context():
        assert render_template_string(source, day=date(2026, 11, 3)) == "3. november 2026 24,5"


def test_a_text_over_several_lines_is_one_sentence(three_languages: Path) -> None:
    with _app("sv", three_languages).test_request_context():
        assert render_template_string("{% trans %}\n  Sign in\n{% endtrans %}") == "Logga in"


def test_a_lazy_text_waits_for_its_reader() -> None:
    label = i18n.lazy_gettext("Sign in")
    with _app("da").test_request_context():
        assert str(label) == "Log ind"
    with _app("en").test_request_context():
        assert str(label) == "Sign in"


def test_a_lazy_text_is_escaped_on_the_page() -> None:
    with _app("da").test_request_context():
        greeting = i18n.lazy_gettext("Hello %(name)s,", name="<script>")
        assert render_template_string("{{ text }}", text=greeting) == "Hej &lt;script&gt;"


def test_a_form_speaks_the_language_of_its_page() -> None:
    class Form(FlaskForm):  # type: ignore[misc]
        name = StringField("Navn", [InputRequired()])

    app = _app("da")

    @app.post("/")
    def answer() -> str:
        form = Form()
        form.validate()
        return str(form.name.errors[0])

    assert app.test_client().post("/").text == "Her mangler et svar."


def test_texts_outside_a_request_are_english() -> None:
    assert i18n.current_texts().locale == "en"


def test_texts_knows_no_web() -> None:
    source = Path(texts.__file__).read_text(encoding="utf-8")
    assert "flask" not in source.lower().replace("knows no web", "")
