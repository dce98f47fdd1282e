"""The page checks find each fault, and find none in a sound page."""

import pytest

from tests.web.page_checks import check_page, check_page_once

SOUND = """<!doctype html>
<html lang="da">
<head><title>Forside · Wellbeing</title><link rel="stylesheet" href="/static/wellbeing.css"></head>
<body>
<a href="#main">Gå til indholdet</a> <a href="https://www.proqol.org">ProQOL</a>
<main id="main">
<h1>Forside</h1>
<form method="post" action="/x">
<input type="hidden" name="csrf_token" value="t">
<label for="name">Navn</label> <input id="name" name="name" aria-describedby="hint">
<p id="hint">Et tip</p>
<fieldset><legend>Svar</legend>
<label><input type="radio" name="q" value="1"> Aldrig</label>
<label><input type="radio" name="q" value="2"> Ofte</label>
</fieldset>
<label>Hvor langt <progress value="1" max="3">1 af 3</progress></label>
<button>Send</button>
</form>
<form method="get" action="/find"><input aria-label="Søg" name="s"></form>
<img src="/chart.svg" alt="">
</main>
</body>
</html>"""

FAULTS = {
    "no doctype": ("<!doctype html>", "", "doctype"),
    "no language": (' lang="da"', "", "no lang"),
    "no title": ("<title>Forside · Wellbeing</title>", "", "no title"),
    "a title of the layout alone": ("Forside · Wellbeing", " · Wellbeing", "no title"),
    "no heading": ("<h1>Forside</h1>", "", "0 h1"),
    "two headings": ("<h1>Forside</h1>", "<h1>A</h1><h1>B</h1>", "2 h1"),
    "an empty heading": ("<h1>Forside</h1>", "<h1> </h1>", "h1 is empty"),
    "a control without label": ('<label for="name">Navn</label>', "", "<input id=name name=name>"),
    "an empty label": (">Navn<", "><", "no label"),
    "a placeholder for a label": ('aria-label="Søg"', 'placeholder="Søg"', "no label"),
    "progress without label": ("Hvor langt ", "", "<progress> has no label"),
    "a button without text": (">Send<", "><", "has no text"),
    "an image without alt": (' alt=""', "", "no alt"),
    "radio buttons without legend": ("<legend>Svar</legend>", "", "'q' have no legend"),
    "an inline style": ("<h1>", '<h1 style="color:red">', "inline style"),
    "a style element": ("</head>", "<style>p{}</style></head>", "style element"),
    "an inline script": ("</body>", "<script>1</script></body>", "inline script"),
    "a handler": ("<h1>", '<h1 onclick="x()">', "inline handler onclick"),
    "script in an address": ('href="https://www.proqol.org"', 'href="javascript:x()"', "script in"),
    "a repeated id": ("<h1>", '<h1 id="hint">', "'hint' is used 2 times"),
    "a description that is absent": ('<p id="hint">', "<p>", "points at 'hint'"),
    "a jump to nowhere": ('<main id="main">', "<main>", "points at 'main'"),
    "a foreign stylesheet": ("/static/wellbeing.css", "https://cdn.example/x.css", "foreign"),
    "a foreign image": ('src="/chart.svg"', 'src="//cdn.example/x.svg"', "foreign"),
    "an image in the address": ('src="/chart.svg"', 'src="data:image/png;base64,x"', "foreign"),
    "a form sent elsewhere": ('action="/x"', 'action="https://example.org/x"', "foreign"),
    "a post without token": ('name="csrf_token"', 'name="other"', "csrf_token"),
    "a tag left open": ("</fieldset>", "", "not valid HTML"),
    "an attribute twice": ('<p id="hint">', '<p id="hint" id="hint">', "not valid HTML"),
}


def test_a_sound_page_has_no_faults() -> None:
    assert check_page(SOUND) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    sound, faulty, expected = FAULTS[name]
    assert SOUND.count(sound) >= 1
    faults = check_page(SOUND.replace(sound, faulty, 1))
    assert any(expected in fault for fault in faults), faults


def test_an_address_inside_a_drawing_is_looked_at() -> None:
    drawing = '<svg><image xlink:href="https://cdn.example/x.png"></image></svg>'
    faults = check_page(SOUND.replace("<h1>", drawing + "<h1>"))
    assert any("foreign" in fault for fault in faults)


def test_a_title_inside_a_drawing_is_not_the_title_of_the_page() -> None:
    drawing = "<svg><title>Kurve</title></svg>"
    assert check_page(SOUND.replace("<h1>", drawing + "<h1>")) == []


def test_a_page_built_otherwise_is_checked_though_one_like_it_passed() -> None:
    good = (
        '<!doctype html><html lang="da"><head><meta charset="utf-8"><title>Side</title></head>'
        '<body><main><h1>Ord</h1><p id="a1">Tekst</p></main></body></html>'
    )
    assert check_page_once(good) == []
    assert check_page_once(good.replace("Tekst", "Andet").replace("a1", "a2")) == []
    assert check_page_once(good.replace("Ord", "")) != []
    assert check_page_once(good.replace('<p id="a1">', '<p id="a1" style="x">')) != []
