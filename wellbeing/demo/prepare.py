"""Makes the demo's data folder once; a folder left half made is made anew."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from wellbeing import __version__
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.demo.history import DemoAccount, History, people_of
from wellbeing.demo.mail_server import mail_server
from wellbeing.demo.organisation import (
    BURNOUT_TEAM,
    HELPED_TEAM,
    INCIDENT_TEAM,
    NAME,
    SHARED_LEADER_TEAM,
    make_people,
)
from wellbeing.domain.errors import Refused
from wellbeing.settings import Settings, SmsGateway
from wellbeing.store.schema import get_head, upgrade
from wellbeing.store.sessions import Database

PASSWORD = "en tur langs fjorden"  # nosec B105  # the demo's, shown on its page
_FINISHED = "demo.json"
# An example, as everything in the demo: which articles hold is for each workplace to settle.
_LEGAL_BASIS = {
    "da": "Artikel 6, stk. 1, litra e, og artikel 9, stk. 2, litra b (eksempel).",
    "en": "Article 6(1)(e) and article 9(2)(b) (an example).",
}


def demo_settings(folder: Path, port: int, smtp_port: int = 25) -> Settings:
    """The settings of the demo: everything in one folder, mail to the demo's own server."""
    return Settings(
        organisation=NAME,
        data=folder,
        base_url=f"http://127.0.0.1:{port}",
        smtp_host="127.0.0.1",
        smtp_port=smtp_port,
        sms_gateway=SmsGateway.FILE,
        mail_from=f"trivsel@{NAME.lower()}.example",
        controller_contact=f"hr@{NAME.lower()}.example",
        dpo_contact=f"dpo@{NAME.lower()}.example",
        legal_basis=_LEGAL_BASIS,
        demo=True,
    )


def prepare(
    folder: Path, *, port: int, now: datetime, fresh: bool, say: Callable[[str], None]
) -> list[DemoAccount]:
    """The demo's sign-ins; its past is made for a new folder, a newer version, or if `fresh`.

    Refused for a folder that holds something else than a demo.
    """
    finished = folder / _FINISHED
    if not fresh and finished.exists():
        made = json.loads(finished.read_text(encoding="utf-8"))
        if made["made_by"] == _made_by():
            return [DemoAccount(**account) for account in made["accounts"]]
    _clear(folder)
    finished.parent.mkdir(parents=True, exist_ok=True)
    (folder / "demo").write_text("This folder holds a demo and may be deleted.\n")
    with mail_server(folder / "mail") as smtp_port:
        settings = demo_settings(folder, port, smtp_port)
        keys = make_field_keys(settings.key_folder)
        log = DeletionLog(settings.deletion_log_file, lambda: now)
        database = Database(settings.effective_database_url, keys, durable=False, deletions=log)
        upgrade(database)
        accounts = History(database, settings, now, say).write(_roles(), PASSWORD)
        database.close()
    made = {"made_by": _made_by(), "accounts": [asdict(account) for account in accounts]}
    finished.write_text(json.dumps(made, ensure_ascii=False, indent=2), encoding="utf-8")
    return accounts


def _made_by() -> str:
    return f"{__version__}/{get_head()}"


def _clear(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / "demo").exists():
        raise Refused("The folder {folder} holds something else than a demo.", folder=str(folder))
    shutil.rmtree(folder)


def _roles() -> dict[str, str]:
    """Who can be tried: the words on the page, and whose account it is."""
    leaders = {unit: person.number for person in make_people() for unit in person.leads}
    helped, worn = people_of(HELPED_TEAM), people_of(BURNOUT_TEAM)
    return {
        "employee": worn[3].number,
        "employee 2": helped[4].number,
        "leader": leaders[BURNOUT_TEAM],
        "leader of two teams": leaders[SHARED_LEADER_TEAM],
        "helped leader": leaders[HELPED_TEAM],
        "incident leader": leaders[INCIDENT_TEAM],
        "department leader": leaders["Herberger"],
        "safety representative": worn[1].number,
        "director": leaders[NAME],
        "hr": "101",
        "administrator": "102",
        "dpo": "103",
        "supervisor": "104",
    }
