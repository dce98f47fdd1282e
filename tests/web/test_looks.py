"""Every page of the service is among those that are looked at in a browser."""

import re

from flask import Flask

from tests.browser.accessibility import count_pages
from tests.browser.looks import LOOKS
from wellbeing.web.shared.accessibility import load_accessibility_check

# What is no page, with its ending or its use, and pages that are looked at where they come about.
NO_PAGE = re.compile(
    r"\.(pdf|svg|xlsx|csv|ics|json)$|^/static/|^/calendar/|^/healthz$|^/readyz$|^/metrics$|/calendar$|^/scim/"
    r"|^/api/"
)
LOOKED_AT_ELSEWHERE = {
    "/reminders/stop/<token>": "tests/web/test_sign_in.py",
    "/demo/outbox": "tests/demo/test_demo.py",
    "/sign-in/again": "tests/browser/test_provider_sign_in.py",
    "/sign-in/provider": "tests/browser/test_provider_sign_in.py",
    "/sign-in/provider/leave": "tests/browser/test_provider_sign_in.py",
    "/sign-in/provider/left": "tests/browser/test_provider_sign_in.py",
    "/sign-in/provider/return": "tests/browser/test_provider_sign_in.py",
    "/support/sessions/<uuid:session_id>/useful": "tests/browser/test_walk.py",
}


def test_every_page_is_looked_at(app: Flask) -> None:
    seen = [re.split(r"[?]", path)[0] for paths in LOOKS.values() for path in paths]
    missing = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not NO_PAGE.search(rule.rule)
        and rule.rule not in LOOKED_AT_ELSEWHERE
        and not any(_fits(rule.rule, path) for path in seen)
    ]
    assert missing == []


def test_the_statement_counts_the_pages_that_are_looked_at() -> None:
    assert load_accessibility_check().pages == count_pages()


def _fits(rule: str, path: str) -> bool:
    pattern = re.sub(r"<[^>]+>", "[^/]+", rule)
    return re.fullmatch(pattern, path) is not None
