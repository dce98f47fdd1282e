"""The page of ten items is light: under 60 kB compressed, one round trip after the page itself,
nothing from anywhere else, and nothing twice.
"""

import gzip
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import request

from tests.browser.conftest import OpenWindow, Site
from tests.browser.windows import TELEPHONE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

MOST_BYTES = 60_000


def test_the_page_of_ten_items_is_light_and_asks_for_everything_at_once(
    site: Site, window: OpenWindow
) -> None:
    round_id = site.rounds.open()
    eva = window("Eva", width=TELEPHONE)
    eva.go(f"/check-in/{round_id}")
    fresh = eva.page.context.new_page()
    session = fresh.context.new_cdp_session(fresh)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: list[dict[str, Any]] = []
    session.on("Network.requestWillBeSent", lambda event: asked.append(event))
    bodies: dict[str, bytes] = {}
    fresh.on("response", lambda answer: bodies.update({answer.url: answer.body()}))
    fresh.goto(f"{site.settings.base_url}/check-in/{round_id}")
    asked.clear()
    bodies.clear()
    with fresh.expect_navigation():
        fresh.click("main form[data-begin] button.primary")
    fresh.wait_for_load_state("networkidle")
    assert fresh.locator("fieldset.item").count() == 10
    weight = sum(len(gzip.compress(body)) for body in bodies.values())
    assert 5_000 < weight < MOST_BYTES, {url: len(body) for url, body in bodies.items()}
    assert {urlsplit(event["request"]["url"]).netloc for event in asked} == {
        urlsplit(site.settings.base_url).netloc
    }
    # Before it leaves a page, the script asks whether the house can be reached: that comes first.
    (place,) = (n for n, event in enumerate(asked) if event["type"] == "Document")
    page, *others = asked[place:]
    assert len(others) >= 3
    assert {event["initiator"]["type"] for event in others} <= {"parser", "other"}
    assert {event["initiator"].get("url", page["request"]["url"]) for event in others} == {
        page["request"]["url"]
    }


def test_the_next_page_asks_for_nothing_but_itself(site: Site, window: OpenWindow) -> None:
    round_id = site.rounds.open()
    eva = window("Eva", width=TELEPHONE)
    eva.go(f"/check-in/{round_id}")
    eva.press("main form[data-begin] button.primary")
    sent: list[str] = []
    site_requests = site.app.before_request_funcs.setdefault(None, [])

    def note() -> None:
        sent.append(request.path)

    site_requests.append(note)
    try:
        eva.press("button[value=next]")
    finally:
        site_requests.remove(note)
    assert [path for path in sent if path.startswith("/static/")] == []
    assert sent == ["/healthz", f"/check-in/{round_id}"]
