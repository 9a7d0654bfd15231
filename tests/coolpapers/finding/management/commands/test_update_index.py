from __future__ import annotations

import fcntl
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.models import Paper

pytestmark = pytest.mark.django_db


def update() -> str:
    out = io.StringIO()
    call_command("update_index", stdout=out)
    return out.getvalue()


def test_it_builds_then_updates_then_has_nothing_to_do(own_index: Path) -> None:
    paper = Paper(key="p:0", title="Graphs")
    paper.save()
    assert update() == "Built a new index of 1 papers, removed 0 (revision 1).\n"
    Paper(key="p:1", title="Words").save()
    paper.delete()
    assert update() == "Indexed 1 papers, removed 1 (revision 3).\n"
    assert update() == "Indexed 0 papers, removed 0 (revision 3).\n"


def test_a_locked_index_is_an_error_with_advice(own_index: Path) -> None:
    own_index.mkdir()
    with (own_index / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="wait until it has finished"):
            call_command("update_index")
