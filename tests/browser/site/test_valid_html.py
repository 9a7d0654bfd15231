"""The Nu HTML Checker (vnu) finds no error on any kind of page; ``tools/install_validator.sh`` installs it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.people.models import Item
from tests.browser.site.test_access import KEPT, PAGES, SIGNED_IN, library  # noqa: F401 # a fixture
from tests.house.source import ROOT

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

CHECKER = ROOT / "build/validator/node_modules/vnu-jar/build/dist/vnu.jar"
# Attributes of htmx, which HTML does not know; browsers and assistive technology pass over them.
PASSED_OVER = r".*Attribute .hx-[a-z-]+. not allowed.*"
LISTS = tuple(f"/arxiv/cs.CL?density={name}" for name in ("list", "compact", "full"))
MORE = (*LISTS, "/author/Author%207", "/me/?shelf=hidden", "/me/collect/2603.00001", "/api/v1/")


@pytest.mark.usefixtures("library")
def test_every_page_is_valid(client: Client, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None or not CHECKER.is_file():
        pytest.skip("no Java or no checker; tools/install_validator.sh installs them")
    pages = {f"{number:03} {address}": client.get(address) for number, address in enumerate((*PAGES, *MORE))}
    user = User.objects.create_user("ada", "ada@example.org", "correct horse battery")
    for kind, key, value in KEPT:
        Item.objects.create(user=user, kind=kind, key=key, value=value, changed=1, revision=1)
    client.force_login(user)
    pages |= {f"account {number:03} {address}": client.get(address) for number, address in enumerate(("/", *SIGNED_IN))}
    for name, response in pages.items():
        assert response.headers["Content-Type"].startswith("text/html"), name
        (tmp_path / f"{name.replace('/', '_')}.html").write_bytes(response.content)
    command = [java, "-jar", str(CHECKER), "--errors-only", "--filterpattern", PASSED_OVER]
    run = subprocess.run(  # our own checker
        [*command, *map(str, sorted(tmp_path.glob("*.html")))], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout + run.stderr) == (0, "")
