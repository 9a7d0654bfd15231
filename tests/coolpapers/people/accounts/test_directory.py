"""Sign-in by a real LDAP directory (slapd), on loopback."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.people.accounts.roles import Role, role_of
from tests.coolpapers.people.make import make_user
from tests.own_library import free_port

ldap = pytest.importorskip("ldap", reason="the package django-auth-ldap is not installed")

pytestmark = [pytest.mark.django_db, pytest.mark.servers]
BASE = "dc=example,dc=org"
CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
database mdb
suffix "{base}"
rootdn "cn=admin,{base}"
rootpw secret
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="uid=searcher,ou=people,{base}" read by self read by anonymous auth by * none
"""
ENTRIES = f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: uid=searcher,ou=people,{BASE}
objectClass: inetOrgPerson
uid: searcher
cn: Searcher
sn: Searcher
userPassword: find them

dn: uid=ada,ou=people,{BASE}
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
mail: ada@example.org
userPassword: engine 1843

dn: uid=grace,ou=people,{BASE}
objectClass: inetOrgPerson
uid: grace
cn: Grace Hopper
sn: Hopper
userPassword: compiler 1952

dn: cn=library,{BASE}
objectClass: groupOfNames
cn: library
member: uid=ada,ou=people,{BASE}
"""


@contextmanager
def directory_server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a directory with the entries above, and its process."""
    program = shutil.which("slapd", path="/usr/sbin:/usr/bin:/sbin")
    if program is None:
        pytest.skip("slapd is not installed")
    folder = Path(tempfile.mkdtemp(prefix="coolpapers-ldap-"))
    (folder / "data").mkdir()
    config = folder / "slapd.conf"
    config.write_text(CONFIG.format(folder=folder, base=BASE))
    (folder / "entries.ldif").write_text(ENTRIES)
    url = f"ldap://127.0.0.1:{free_port()}"
    add = [str(Path(program).with_name("slapadd")), "-f", str(config), "-l", str(folder / "entries.ldif")]
    subprocess.run(add, check=True, capture_output=True)
    process = subprocess.Popen(
        [program, "-f", str(config), "-h", url, "-d", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(url)
        yield url, process
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            ldap.initialize(url).simple_bind_s()
        except ldap.SERVER_DOWN:
            assert time.monotonic() < deadline, f"nothing answers at {url}"
            time.sleep(0.1)
        except ldap.LDAPError:
            return  # it answers, with a refusal
        else:
            return


@pytest.fixture(scope="module")
def directory() -> Iterator[str]:
    with directory_server() as (url, _process):
        yield url


@pytest.fixture(autouse=True)
def _site(settings: Any, directory: str) -> None:
    settings.ACCOUNTS = "invited"
    settings.LDAP_URL = directory
    settings.LDAP_USERS = f"ou=people,{BASE}"
    settings.LDAP_BIND_DN, settings.LDAP_BIND_PASSWORD = f"uid=searcher,ou=people,{BASE}", "find them"
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "coolpapers.people.accounts.directory.DirectoryBackend",
    ]


def sign_in(client: Client, name: str, password: str) -> Any:
    return client.post("/account/sign-in", {"username": name, "password": password})


def reader_of(client: Client) -> Any:
    return client.get("/me/").wsgi_request.user


def test_a_reader_of_the_directory_signs_in_and_gets_one_account(client: Client) -> None:
    for _try in range(2):
        client = Client()
        assert sign_in(client, "ada", "engine 1843").status_code == 302
        assert reader_of(client).username == "ada"
    user = User.objects.get()
    assert (user.email, user.has_usable_password(), role_of(user)) == ("ada@example.org", False, Role.READER)
    User.objects.update(is_active=False)
    assert not reader_of(client).is_authenticated
    assert b"This account is closed" in sign_in(Client(), "ada", "engine 1843").content


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "wrong"), ("nobody", "engine 1843"), ("*", "engine 1843"), ("ada)(uid=*", "engine 1843"), ("ada", "")],
)
def test_wrong_passwords_and_invented_filters_are_refused(client: Client, name: str, password: str) -> None:
    assert sign_in(client, name, password).status_code == 200
    assert not User.objects.exists()


def test_an_account_of_the_same_name_keeps_its_owner(client: Client) -> None:
    make_user("ada", password="correct horse 7")
    assert sign_in(client, "ada", "correct horse 7").status_code == 302
    assert reader_of(client).username == "ada"
    client = Client()
    sign_in(client, "ada", "engine 1843")
    assert reader_of(client).username == "ada-2"


def test_members_of_the_group_are_librarians(client: Client, settings: Any) -> None:
    settings.LDAP_LIBRARIANS = f"cn=library,{BASE}"
    sign_in(client, "ada", "engine 1843")
    sign_in(Client(), "grace", "compiler 1952")
    assert role_of(User.objects.get(username="ada")) is Role.LIBRARIAN
    assert role_of(User.objects.get(username="grace")) is Role.READER
    settings.LDAP_LIBRARIANS = f"cn=nothing,{BASE}"
    sign_in(Client(), "ada", "engine 1843")
    assert role_of(User.objects.get(username="ada")) is Role.READER


def test_a_directory_that_is_down_is_no_wrong_password(client: Client, settings: Any) -> None:
    make_user("root", password="correct horse 7")
    with directory_server() as (url, process):
        settings.LDAP_URL = url
        assert sign_in(client, "grace", "compiler 1952").status_code == 302
        process.kill()
        process.wait()
        assert b"The sign-in server does not answer" in sign_in(Client(), "grace", "compiler 1952").content
        assert sign_in(Client(), "root", "correct horse 7").status_code == 302
