"""Serves the demo from one process: pages, timetable and mail server."""

import logging
import socket
from pathlib import Path
from threading import Event, Thread

from werkzeug.serving import make_server

from jobs.context import JobContext
from jobs.scheduler import run_until
from wellbeing.app import create_app
from wellbeing.clock import utc_now
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.demo.mail_server import mail_server
from wellbeing.demo.prepare import demo_settings
from wellbeing.domain.errors import Refused
from wellbeing.store.sessions import Database
from wellbeing.web.shared.log_secrets import keep_secrets_out_of


def check_port(port: int) -> None:
    """Refuses a port that something else already listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Refused("Port {port} is in use. Choose another with --port.", port=port)


def serve(folder: Path, port: int) -> None:
    """Serves until interrupted."""
    keep_secrets_out_of(logging.getLogger("werkzeug"))
    with mail_server(folder / "mail") as smtp_port:
        settings = demo_settings(folder, port, smtp_port)
        database = Database(
            settings.effective_database_url,
            FieldKeys(settings.key_folder),
            deletions=DeletionLog(settings.deletion_log_file, utc_now),
        )
        stop = Event()
        context = JobContext(database, settings, utc_now)
        scheduler = Thread(target=run_until, args=(context, stop), daemon=True)
        scheduler.start()
        server = make_server("127.0.0.1", port, create_app(settings), threaded=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()
            stop.set()
            scheduler.join()
            database.close()
