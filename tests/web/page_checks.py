"""What every page must be: valid, labelled, free of inline style and script, and our own."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as PARSE_ERRORS

_NEEDS_LABEL = {"input", "select", "textarea", "meter", "progress"}
_LABELS_ITSELF = {"hidden", "submit", "button", "reset", "image"}
_ASSETS = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("track", "src"),
    ("input", "src"),
    ("image", "href"),
    ("use", "href"),
    ("form", "action"),
    ("button", "formaction"),
}
_FOREIGN = ("http:", "https:", "//", "data:", "javascript:")
# What says nothing of how a page is built: words between tags, values, and numbers in ids.
_WORDS = re.compile(r">[^<]*[^<\s][^<]*<")
_CHANGING = re.compile(r'(?<=value=")[^"]+|[0-9a-f]{8,}|\d+')
_PASSED: set[int] = set()
_ID_LISTS = ("aria-describedby", "aria-labelledby", "aria-controls")


class Page:
    """A parsed page with what the checks look up more than once."""

    def __init__(self, html: str) -> None:
        self.html = html
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(html)
        self.parse_errors = [
            f"line {line}: {PARSE_ERRORS.get(code, code) % values}"
            for (line, _), code, values in parser.errors
        ]
        self.parent_of = {child: parent for parent in self.root.iter() for child in parent}
        self.elements = [e for e in self.root.iter() if isinstance(e.tag, str)]
        self.ids = Counter(e.attrib["id"] for e in self.elements if "id" in e.attrib)
        self.label_for = {e.attrib.get("for", ""): e for e in self.elements if e.tag == "label"}

    def all(self, *tags: str) -> list[Element]:
        """Every element with one of these names, svg and html alike."""
        return [e for e in self.elements if _local(e.tag) in tags]

    def ancestors(self, element: Element) -> Iterator[Element]:
        """From the parent up to the root."""
        while element in self.parent_of:
            element = self.parent_of[element]
            yield element


def check_page_once(html: str) -> list[str]:
    """As `check_page`, but a page built like one that passed is not taken apart again: most tests
    meet the same pages, with other words, numbers and names.
    """
    shape = hash(_CHANGING.sub("#", _WORDS.sub(">w<", html)))
    if shape in _PASSED:
        return []
    faults = check_page(html)
    if not faults:
        _PASSED.add(shape)
    return faults


def check_page(html: str) -> list[str]:
    """The faults of a page, one sentence each; an empty list where there is none."""
    page = Page(html)
    return [fault for check in _CHECKS for fault in check(page)]


def _parses(page: Page) -> Iterator[str]:
    yield from (f"not valid HTML: {error}" for error in page.parse_errors)
    if not page.html.lstrip().lower().startswith("<!doctype html>"):
        yield "the doctype is missing"


def _has_language_and_title(page: Page) -> Iterator[str]:
    if not page.root.attrib.get("lang"):
        yield "html has no lang"
    titles = [_text(title) for title in page.all("title") if page.parent_of[title].tag == "head"]
    if len(titles) != 1 or not titles[0] or titles[0].startswith("·"):
        yield "the page has no title of its own"


def _has_one_heading(page: Page) -> Iterator[str]:
    headings = page.all("h1")
    if len(headings) != 1:
        yield f"the page has {len(headings)} h1, not one"
    yield from (f"{h.tag} is empty" for h in page.all("h1", "h2", "h3", "h4") if not _text(h))


def _labels_controls(page: Page) -> Iterator[str]:
    for element in page.all(*_NEEDS_LABEL):
        if element.attrib.get("type") not in _LABELS_ITSELF and not _has_name(page, element):
            yield f"{_describe(element)} has no label"
    for button in page.all("button"):
        if not _text(button) and not _has_name(page, button):
            yield f"{_describe(button)} has no text"
    for element in page.all("input"):
        if element.attrib.get("type") == "image" and not element.attrib.get("alt"):
            yield f"{_describe(element)} has no alternative text"
    yield from (f"{_describe(e)} has no alt" for e in page.all("img") if "alt" not in e.attrib)


def _names_radio_groups(page: Page) -> Iterator[str]:
    radios = [e for e in page.all("input") if e.attrib.get("type") == "radio"]
    for name, count in Counter(e.attrib.get("name", "") for e in radios).items():
        first = next(e for e in radios if e.attrib.get("name", "") == name)
        if count > 1 and not any(_is_named_group(page, a) for a in page.ancestors(first)):
            yield f"the radio buttons '{name}' have no legend"


def _is_free_of_inline_code(page: Page) -> Iterator[str]:
    for element in page.elements:
        if "style" in element.attrib:
            yield f"{_describe(element)} has an inline style"
        for name in element.attrib:
            if name.lower().startswith("on"):
                yield f"{_describe(element)} has an inline handler {name}"
        if element.attrib.get("href", "").strip().lower().startswith("javascript:"):
            yield f"{_describe(element)} has script in its address"
    yield from ("the page has a style element" for _ in page.all("style"))
    for script in page.all("script"):
        if "src" not in script.attrib or _text(script):
            yield "the page has an inline script"


def _has_unique_ids(page: Page) -> Iterator[str]:
    yield from (f"the id '{name}' is used {n} times" for name, n in page.ids.items() if n > 1)
    yield from ("an id is empty" for name in page.ids if not name.strip())


def _points_at_what_exists(page: Page) -> Iterator[str]:
    for element in page.elements:
        named = [name for key in _ID_LISTS for name in element.attrib.get(key, "").split()]
        if element.tag == "label" and "for" in element.attrib:
            named.append(element.attrib["for"])
        href = element.attrib.get("href", "")
        if element.tag == "a" and href.startswith("#") and len(href) > 1:
            named.append(href[1:])
        for name in named:
            if name not in page.ids:
                yield f"{_describe(element)} points at '{name}', which is not on the page"


def _loads_only_our_own(page: Page) -> Iterator[str]:
    for element in page.elements:
        for key, value in element.attrib.items():
            is_asset = (_local(str(element.tag)), _local(key)) in _ASSETS
            if is_asset and value.strip().lower().startswith(_FOREIGN):
                yield f"{_describe(element)} uses a foreign address: {value[:60]}"


def _protects_forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        fields = [e.attrib.get("name") for e in form.iter() if e.tag == "input"]
        if form.attrib.get("method", "get").lower() == "post" and "csrf_token" not in fields:
            yield f"{_describe(form)} posts without a csrf_token"


_CHECKS: tuple[Callable[[Page], Iterator[str]], ...] = (
    _parses,
    _has_language_and_title,
    _has_one_heading,
    _labels_controls,
    _names_radio_groups,
    _is_free_of_inline_code,
    _has_unique_ids,
    _points_at_what_exists,
    _loads_only_our_own,
    _protects_forms,
)


def _has_name(page: Page, element: Element) -> bool:
    if element.attrib.get("aria-label", "").strip() or element.attrib.get("aria-labelledby"):
        return True
    label = page.label_for.get(element.attrib.get("id", "") or "-")
    around = [a for a in page.ancestors(element) if a.tag == "label" and "for" not in a.attrib]
    return any(_text(candidate) for candidate in (label, *around) if candidate is not None)


def _is_named_group(page: Page, element: Element) -> bool:
    if element.tag == "fieldset" and len(element) and element[0].tag == "legend":
        return bool(_text(element[0]))
    if element.attrib.get("role") in {"radiogroup", "group"}:
        return "aria-label" in element.attrib or "aria-labelledby" in element.attrib
    return False


def _text(element: Element) -> str:
    """What is read aloud: its own text and its pictures', not what stands in a control."""
    own = element.attrib.get("alt", "") if element.tag == "img" else element.text or ""
    inner = ("" if e.tag in _NEEDS_LABEL else _text(e) for e in element)
    return " ".join([own, *inner, *(e.tail or "" for e in element)]).strip()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _describe(element: Element) -> str:
    known = (
        f"{key}={element.attrib[key]}" for key in ("id", "name", "href") if key in element.attrib
    )
    return " ".join(["<" + _local(str(element.tag)), *known]) + ">"
