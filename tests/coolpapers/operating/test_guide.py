"""The guide for one machine: its nginx serves the site, its services are valid, its settings exist."""

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

from tests.coolpapers.test_asgi import serving
from tests.house.source import ROOT
from tests.own_library import Library, free_port, make_database

GUIDE = ROOT / "docs" / "operating" / "one-machine.md"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.S | re.M)


def test_its_settings_exist() -> None:
    (settings,) = blocks("ini")
    documented = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    for line in settings.splitlines():
        name, _, value = line.partition("=")
        assert f"| `{name}` |" in documented
        assert value


def test_its_services_start_commands_that_exist() -> None:
    web, tasks = blocks("systemd")
    for command in ("serve --bind", "prepare_site --empty"):
        assert f"python -m coolpapers {command}" in web
    queues = re.search(r"-Q (\S+)", tasks)
    assert queues is not None
    from django.conf import settings

    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert set(queues[1].split(",")) == {"celery", *routed}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("number", [0, 1])
def test_systemd_accepts_its_services(tmp_path: Path, number: int) -> None:
    unit = tmp_path / f"coolpapers-{number}.service"
    text = re.sub(r"/srv/coolpapers/venv/bin/\w+", shutil.which("true") or "/bin/true", blocks("systemd")[number])
    unit.write_text(text.replace("User=coolpapers\n", ""), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "Unknown" not in checked.stderr


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_its_nginx_serves_the_site_beside_slow_clients(tmp_path: Path) -> None:
    make_database(tmp_path / "data")
    (configuration,) = blocks("nginx")
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
