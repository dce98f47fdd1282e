"""nginx with our own configuration, on ports and with a certificate of the test's."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from tests.served import free_port
from wellbeing.resources import folder

DEPLOY = folder("config") / "deploy"
NO_NGINX = (
    "nginx is not installed: its tests were SKIPPED. "
    "Install it (Debian: apt-get install nginx-light) for the full proof."
)
_SHELL = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 600; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/conf.d/*.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A configuration that is written and may be run; `port` speaks TLS, `plain_port` does not."""

    folder: Path
    port: int
    plain_port: int

    @property
    def command(self) -> list[str]:
        """What runs it."""
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        return [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-q"]


def find_nginx() -> bool:
    """Whether it is installed."""
    return shutil.which("nginx") is not None or Path("/usr/sbin/nginx").exists()


def write_nginx(place: Path, upstream: Path, service_port: int) -> Nginx:
    """Our configuration in a folder, changed in its ports, its paths, and nothing else."""
    made = Nginx(place, free_port(), free_port())
    (place / "conf.d").mkdir()
    key, certificate = place / "privkey.pem", place / "fullchain.pem"
    request = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj"
        f" /CN=trivsel.example.dk -keyout {key} -out {certificate}"
    )
    subprocess.run(request.split(), capture_output=True, check=True)
    text = (DEPLOY / "nginx" / "wellbeing.conf").read_text(encoding="utf-8")
    text = re.sub(r"    listen \[::\].*\n", "", text)
    text = text.replace("listen 443", f"listen 127.0.0.1:{made.port}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{made.plain_port};")
    text = text.replace("/etc/ssl/wellbeing", str(place)).replace("/var/log/nginx", str(place))
    (place / "conf.d" / "wellbeing.conf").write_text(text, encoding="utf-8")
    servers = upstream.read_text(encoding="utf-8")
    servers = re.sub(r"server \S+;", f"server 127.0.0.1:{service_port};", servers)
    (place / "conf.d" / "wellbeing-upstream.conf").write_text(servers, encoding="utf-8")
    (place / "nginx.conf").write_text(_SHELL.format(folder=place), encoding="utf-8")
    return made


@contextmanager
def running(nginx: Nginx) -> Iterator[None]:
    """Runs it until the end."""
    process = subprocess.Popen([*nginx.command, "-g", "daemon off;"])
    try:
        _wait_until_it_listens(nginx, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_it_listens(nginx: Nginx, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "nginx has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", nginx.port)) == 0:
                return
        sleep(0.1)
    raise AssertionError("nginx does not listen")
