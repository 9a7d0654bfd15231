from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coolpapers.base.env import EnvironmentValueError
from coolpapers.base.postgresql.database_urls import parse_database_url
from tests.house.source import ROOT
from tests.own_library import Library
from tests.servers import make_postgres_database, postgres_server


def parse(url: str) -> dict[str, object]:
    settings = parse_database_url("COOLPAPERS_DATABASE_URL", url)
    return {name: value for name, value in settings.items() if value not in ("", {})}


def test_all_parts_are_read_and_decoded() -> None:
    assert parse(
        "postgresql://ada%40lab:p%2Fa%3Ass@db.example.org:5433/pa%20pers?sslmode=verify-full&conn_max_age=0"
    ) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "pa pers",
        "HOST": "db.example.org",
        "PORT": "5433",
        "USER": "ada@lab",
        "PASSWORD": "p/a:ss",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"sslmode": "verify-full"},
    }


def test_a_socket_and_an_ipv6_address() -> None:
    assert parse("postgres:///papers?host=/var/run/postgresql")["HOST"] == "/var/run/postgresql"
    assert "HOST" not in parse("postgres:///papers")
    assert parse("postgres://[::1]/papers")["HOST"] == "::1"
    assert parse("postgres://ada@%2Fsrv%2FSockets/papers")["HOST"] == "/srv/Sockets"


@pytest.mark.parametrize(
    ("url", "part", "value"),
    [
        ("postgresql://u:p%40%3A%2F%3F%23%25%26+=%20x@h/papers", "PASSWORD", "p@:/?#%&+= x"),
        ("postgresql://u:p@ss@h/papers", "PASSWORD", "p@ss"),
        ("postgresql://u:p:ss@h/papers", "PASSWORD", "p:ss"),
        ("postgresql://u:%E5%AF%86%E7%A0%81@h/papers", "PASSWORD", "密码"),
        ("postgresql://u:密码@h/papers", "PASSWORD", "密码"),
        ("postgresql://d%C3%A9p%C3%B4t@h/papers", "USER", "dépôt"),
        ("postgresql://u@h/a%2Fb", "NAME", "a/b"),
        ("postgresql://u@h/pa-pers.v2+x", "NAME", "pa-pers.v2+x"),
        ("postgresql:///papers?user=a%2Bb&password=c+d", "PASSWORD", "c+d"),
        ("postgresql://u@h1:5432,h2,[::1]:5433/papers", "HOST", "h1,h2,::1"),
        ("postgresql://u@h1:5432,h2,[::1]:5433/papers", "PORT", "5432,,5433"),
        ("postgresql://u@h:/papers", "HOST", "h"),
        ("postgresql://u@h/papers?sslrootcert=/etc/a+b.pem", "OPTIONS", {"sslrootcert": "/etc/a+b.pem"}),
        ("postgresql://u@h/papers?options=-c%20search_path%3Dlab", "OPTIONS", {"options": "-c search_path=lab"}),
    ],
)
def test_unusual_characters_are_read_as_the_driver_reads_them(url: str, part: str, value: object) -> None:
    assert parse(url)[part] == value


@pytest.mark.parametrize(
    "url",
    [
        "papers",
        "mysql://host/papers",
        "postgresql://u:s3cret@host",
        "postgresql://u:s3cret@host:port/papers",
        "postgresql://u:s3cret@host/a/b",
        "postgresql://u:s3cret@host/papers?sslmode",
        "postgresql://u:s3cret@host/papers?conn_max_age=long",
        "postgresql://u:s3cret@host/papers#1",
        "postgresql://u:s3cret#1@host/papers",
        "postgresql://u:s3cret?1@host/papers",
        "postgresql://u:s3cret/1@host/papers",
        "postgresql://u:s3cret@host:99999/papers",
        "postgresql://u:s3cret@[::1/papers",
        "postgresql://u:s3cret%FF@host/papers",
        "postgresql:///papers?user=u&password=s3cret&sslmode",
        "mysql:///papers?Password=s3cret",
    ],
)
def test_a_wrong_address_is_named_without_its_password(url: str) -> None:
    with pytest.raises(EnvironmentValueError, match="COOLPAPERS_DATABASE_URL") as raised:
        parse(url)
    assert "s3cret" not in str(raised.value)


def test_a_site_does_not_start_with_a_wrong_one(tmp_path: Path) -> None:
    library = Library(tmp_path, COOLPAPERS_DATABASE_URL="mysql://u:s3cret@host/papers")
    _, err = library.manage("migrate").communicate(timeout=60)
    assert "COOLPAPERS_DATABASE_URL" in err
    assert "s3cret" not in err


@pytest.mark.slow
@pytest.mark.servers
def test_a_site_uses_the_database_that_the_address_names(tmp_path: Path) -> None:
    with postgres_server() as server:
        make_postgres_database(server, "papers")
        library = Library(tmp_path, COOLPAPERS_DATABASE_URL=f"{server}/papers?sslmode=prefer&application_name=lab")
        library.done("migrate", "--verbosity=0")
        script = "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        script += (
            "k.execute('SELECT current_database(), current_setting(%s)', ['application_name']); print(k.fetchone())"
        )
        shown = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**library.environment, "DJANGO_SETTINGS_MODULE": "coolpapers.settings"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout == "('papers', 'lab')\n"
        assert not (tmp_path / "db.sqlite3").exists()
