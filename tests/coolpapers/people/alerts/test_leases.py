from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from coolpapers.people.alerts.leases import LEASE, claim_mail, is_leased, process_claim, release
from coolpapers.people.models import OpenMail
from tests.coolpapers.people.alerts.alerting import START
from tests.coolpapers.people.make import make_user


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("claim", "held"),
    [
        (process_claim(), True),
        (f"{socket.gethostname()}:{os.getppid()}", True),
        (f"{socket.gethostname()}:1", True),  # of another user
        ("another-machine:1", True),
        (f"{socket.gethostname()}:x", True),
        ("", True),
    ],
    ids=["own process", "living process", "process of another user", "another machine", "no number", "empty"],
)
def test_a_lease_holds_while_its_process_may_be_running(claim: str, held: bool) -> None:
    assert is_leased(OpenMail(claim=claim, claimed_at=START), now=START) is held
    assert not is_leased(OpenMail(claim=claim, claimed_at=START), now=START + 2 * LEASE)


def test_the_lease_of_a_dead_local_process_ends_at_once() -> None:
    mail = OpenMail(claim=f"{socket.gethostname()[:80]}:{dead_process()}", claimed_at=START)
    assert not is_leased(mail, now=START)
    assert not is_leased(OpenMail(), now=START)


@pytest.mark.django_db
def test_only_one_run_holds_a_mail() -> None:
    user = make_user()
    mail = claim_mail(user, now=START)
    assert mail is not None
    assert claim_mail(user, now=START) is None
    release(mail)
    again = claim_mail(user, now=START)
    assert again is not None
    assert again.attempts == 0


@pytest.mark.django_db
def test_a_lease_taken_over_by_another_run_is_not_released() -> None:
    user = make_user()
    mail = claim_mail(user, now=START)
    assert mail is not None
    OpenMail.objects.update(claim="another-machine:1")
    release(mail)
    assert OpenMail.objects.get().claim == "another-machine:1"
