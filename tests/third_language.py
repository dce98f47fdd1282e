"""A copy of the source with one language more, added by files alone, and what its pages say.

Run as `python -m tests.third_language FOLDER` where the copy comes first on the path: prints the
pages and mails of a small organisation as JSON. Every text of the language stands in ⟦brackets⟧.
"""

import json
import re
import shutil
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

LOCALE = "sv"
COPIED = ("wellbeing", "jobs", "templates", "config", "migrations")
PATHS = {
    None: ("/sign-in", "/forgot-password", "/privacy"),
    "Eva": (
        "/",
        "/me",
        "/diary",
        "/support",
        "/support/sessions",
        "/my-unit",
        "/incidents",
        "/anonymity",
    ),
    "Ole": ("/teams/{team_b}", "/teams/{team_b}/support", "/teams/{team_b}/apv"),
    "Hanne": ("/teams", "/hr", "/hr/rounds", "/hr/programmes/new", "/hr/ledger", "/hr/supervision"),
    "Susan": ("/supervisor", "/supervisor/availability"),
    "Adam": ("/admin",),
}
# A text in English in the settings, between others on a line or on a line of its own.
_ENGLISH = re.compile(r'(, |\n)(en( = )"([^"\n]+)")')


def add_language(root: Path, copy: Path) -> None:
    """Copies the source and adds the files of the language; no line of code is changed."""
    for name in COPIED:
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    _write_translations(copy)
    _write_wording(copy / "config" / "instruments")
    for path in (copy / "config").glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(_ENGLISH.sub(rf'\1\2\1{LOCALE}\3"⟦\4⟧"', text), encoding="utf-8")


def _write_translations(copy: Path) -> None:
    from wellbeing.texts import merge_parts

    catalog = Catalog(locale=LOCALE)
    for message in merge_parts("da"):
        if isinstance(message.id, tuple | list):
            catalog.add(message.id, tuple(f"⟦{one}⟧" for one in message.id))
        elif message.id:
            catalog.add(message.id, f"⟦{message.id}⟧", context=message.context)
    target = copy / "wellbeing" / "translations" / LOCALE / "all.po"
    target.parent.mkdir()
    with target.open("wb") as file:
        write_po(file, catalog)


def _write_wording(folder: Path) -> None:
    text = (folder / "proqol5-adapted.en.toml").read_text(encoding="utf-8")
    own = tomllib.loads(text)
    short = (*own["items"].values(), *own["anchors"], *own["credits"])
    for shown in (*short, own["prefer_not"], own["label"]):
        text = text.replace(f'"{shown}"', f'"⟦{shown}⟧"')
    text = re.sub(r'"""\n(.*?)"""', r'"""\n⟦\1⟧"""', text, flags=re.DOTALL)
    for old, new in (
        (f'id = "{own["id"]}"', f'id = "proqol5-adapted-{LOCALE}-1"'),
        ('locale = "en"', f'locale = "{LOCALE}"'),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / f"proqol5-adapted.{LOCALE}.toml").write_text(text, encoding="utf-8")


def _show(folder: Path) -> dict[str, str]:
    from tests.crawler import House, read_mails, words_of
    from tests.field_keys import use_test_keys
    from wellbeing.demo.mail_server import mail_server
    from wellbeing.store.schema import upgrade
    from wellbeing.store.sessions import Database

    use_test_keys()
    database = Database(f"sqlite:///{folder / 'wellbeing.db'}", durable=False)
    upgrade(database)
    with mail_server(folder / "mail") as port:
        house = House(database, folder, datetime(2026, 2, 2, 9, tzinfo=UTC), port)
        shown = _visit(house, folder)
        house.run("invite", "deliver-mail")
        mails = (mail for mail in read_mails(folder / "mail") if "eva" in str(mail["To"]))
        shown |= {f"mail: {mail['Subject']}": words_of(mail) for mail in mails}
    house.close()
    database.close()
    return shown


def _visit(house: "House", folder: Path) -> dict[str, str]:  # type: ignore[name-defined]  # noqa: F821
    round_id = house.rounds.open()
    check_in = f"/check-in/{round_id}"
    pages = {}
    for name, paths in PATHS.items():
        browser = house.visitor(name, LOCALE)
        for path in (*paths, *([check_in] if name == "Eva" else [])):
            pages[f"{name} {path}"] = browser.get(path.format(**house.cast.units)).html
    pages["questions"] = house.visitor("Eva", LOCALE).post(check_in, {}, 200).html
    return pages


if __name__ == "__main__":
    print(json.dumps(_show(Path(sys.argv[1]))))  # noqa: T201
