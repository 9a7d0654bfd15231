"""Leases: one holder at a time, also on PostgreSQL with processes that ask at the same moment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from coolpapers.operating.models import Lease
from coolpapers.operating.periodic.leases import release_lease, take_lease
from tests.own_library import Library
from tests.servers import make_postgres_database, postgres_server


@pytest.mark.django_db
def test_one_holder_has_it_and_may_renew_it() -> None:
    assert take_lease("work", "one", for_s=60)
    assert not take_lease("work", "other", for_s=60)
    assert take_lease("work", "one", for_s=60)
    assert Lease.objects.get().holder == "one"


@pytest.mark.django_db
def test_names_are_independent() -> None:
    assert take_lease("work", "one", for_s=60)
    assert take_lease("rest", "other", for_s=60)


@pytest.mark.django_db
def test_another_holder_takes_it_when_it_has_expired() -> None:
    assert take_lease("work", "one", for_s=0.05)
    time.sleep(0.1)
    assert take_lease("work", "other", for_s=60)
    assert not take_lease("work", "one", for_s=60)


@pytest.mark.django_db
def test_a_released_lease_is_free_and_another_holders_stays() -> None:
    assert take_lease("work", "one", for_s=60)
    release_lease("work", "other")
    assert not take_lease("work", "other", for_s=60)
    release_lease("work", "one")
    assert take_lease("work", "other", for_s=60)


_RACE = """
import django, sys, time
django.setup()
from coolpapers.operating.periodic.leases import take_lease
print("up", flush=True)
sys.stdin.readline()
print(take_lease("work", sys.argv[1], for_s=3600), flush=True)
"""


@pytest.mark.slow
@pytest.mark.servers
def test_of_processes_that_ask_postgresql_at_once_one_gets_it(tmp_path: Path) -> None:
    with postgres_server() as server:
        library = Library(tmp_path, DJANGO_SETTINGS_MODULE="coolpapers.settings", **make_postgres_database(server, "a"))
        library.done("migrate", "--verbosity=0")
        for round_number in range(2):
            racers = [library.run_script(_RACE, f"{round_number}-{number}") for number in range(4)]
            for racer in racers:
                assert racer.stdout is not None
                assert racer.stdout.readline() == "up\n"
            answers = []
            for racer in racers:
                assert racer.stdin is not None
                racer.stdin.write("\n")
                racer.stdin.flush()
            for racer in racers:
                out, err = racer.communicate(timeout=300)
                assert racer.returncode == 0, err
                answers.append(out.strip())
            assert answers.count("True") == (1 if round_number == 0 else 0)  # the first round's holder keeps it
