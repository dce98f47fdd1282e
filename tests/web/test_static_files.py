"""Static files are named by their content and kept; nothing else is."""

import re

import pytest

from tests.web.browser import Browser

ADDRESS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_every_static_file_of_a_page_is_named_by_its_content_and_kept(stranger: Browser) -> None:
    addresses = ADDRESS.findall(stranger.get("/sign-in").html)
    assert len(addresses) >= 3
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        with stranger.client.get(address) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/static/wellbeing.css", "/static/none.css?v=1", "/sign-in"])
def test_nothing_else_is_kept_for_long(stranger: Browser, path: str) -> None:
    with stranger.client.get(path) as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")
