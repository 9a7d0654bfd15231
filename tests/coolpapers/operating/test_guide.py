"""The guides: their settings, commands and services exist, their nginx serves the site.

``python -m bench.operating.trial_one_machine`` and ``trial_two_nodes`` follow them as a whole;
``tests/bench/operating`` runs small ones.
"""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.management import get_commands

from bench.operating.parts.guide import blocks_of, files_of
from tests.coolpapers.test_asgi import serving
from tests.house.source import ROOT
from tests.own_library import Library, free_port, make_database

GUIDES = (ROOT / "docs/operating/one-machine.md", ROOT / "docs/operating/several-machines.md")
ONE_MACHINE = GUIDES[0]
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SYSTEMD = "/etc/systemd/system"
UNITS = {path: text for path, text in files_of(ONE_MACHINE).items() if path.startswith(SYSTEMD)}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_its_settings_exist(guide: Path) -> None:
    documented = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    lines = files_of(guide)["/etc/coolpapers.env"].splitlines()
    assert len(lines) > 10
    for line in lines:
        name, _, value = line.partition("=")
        assert f"| `{name}` |" in documented
        assert value


def test_its_workers_take_every_queue_and_long_embedding_delays_no_other() -> None:
    queues = [match[1].split(",") for text in UNITS.values() if (match := re.search(r"-Q (\S+)", text))]
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert sorted(queue for of_worker in queues for queue in of_worker) == sorted({"celery", *routed})
    assert ["celery"] in queues


def test_every_command_of_the_guides_exists() -> None:
    commands = set(get_commands())
    text = "".join(block.text for guide in GUIDES for block in blocks_of(guide)) + "".join(UNITS.values())
    named = re.findall(r"(?:^coolpapers|-m coolpapers) ([a-z_]+)", text, re.M)
    assert len(named) > 6
    assert set(named) <= commands


def test_every_service_that_is_started_has_a_unit() -> None:
    for guide in GUIDES:
        for block in blocks_of(guide):
            for line in re.findall(r"^systemctl (?:enable --now|restart|start|stop) (.+)$", block.text, re.M):
                assert {f"{SYSTEMD}/{name}.service" for name in line.split()} <= UNITS.keys()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_its_shell_blocks_are_valid_shell(guide: Path) -> None:
    scripts = [block.text for block in blocks_of(guide) if block.language in ("sh", "script")]
    for script in scripts:
        assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0, script


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", UNITS)
def test_systemd_accepts_its_services(tmp_path: Path, path: str) -> None:
    unit = tmp_path / Path(path).name
    text = re.sub(r"/srv/coolpapers/venv/bin/\w+", shutil.which("true") or "/bin/true", UNITS[path])
    unit.write_text(text.replace("User=coolpapers\n", ""), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in checked.stderr.splitlines() if line.startswith(str(unit)) or unit.stem in line]
    assert complaints == []


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_its_nginx_serves_the_site_beside_slow_clients(tmp_path: Path) -> None:
    make_database(tmp_path / "data")
    configuration = files_of(ONE_MACHINE)["/etc/nginx/sites-enabled/coolpapers"]
    folder = tmp_path / "nginx"
    folder.mkdir()
    make_certificate(folder)
    port, plain = free_port(), free_port()
    library = Library(
        tmp_path / "data",
        COOLPAPERS_DEBUG="yes",
        COOLPAPERS_HTTPS="yes",
        COOLPAPERS_ALLOWED_HOSTS="papers.example.org,127.0.0.1",
        COOLPAPERS_TRUSTED_PROXIES="1",
    )
    with serving(library) as (client, _):
        text = configuration.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{client.base_url.port}").replace("/etc/ssl/", f"{folder}/")
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root; events {{}}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n{text}\n}}",
            encoding="utf-8",
        )
        process = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
        try:
            check_site(port, plain)
        finally:
            process.terminate()
            process.wait(30)


def make_certificate(folder: Path) -> None:
    key, certificate = str(folder / "papers.example.org.key"), str(folder / "papers.example.org.pem")
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=papers.example.org")
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)


def check_site(port: int, plain: int) -> None:
    headers = {"Host": "papers.example.org"}
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=False, headers=headers, timeout=60) as reader:
        for _ in range(300):
            try:
                answer = reader.get("/")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert "max-age" in answer.headers["strict-transport-security"]  # the site knows that it is reached by TLS
        slow = [half_request(port) for _ in range(40)]
        assert reader.get("/healthz").text == "ok\n"
        assert reader.post("/healthz", content=b"x" * (33 << 20)).status_code == 413
        for connection in slow:
            connection.close()
    moved = httpx.get(f"http://127.0.0.1:{plain}/search?q=a", headers=headers)
    assert (moved.status_code, moved.headers["location"]) == (301, "https://papers.example.org/search?q=a")


def half_request(port: int) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=30))
    connection.sendall(b"POST /accounts/ HTTP/1.1\r\nHost: papers.example.org\r\nContent-Length: 99\r\n\r\nx")
    return connection
