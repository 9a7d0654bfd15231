from __future__ import annotations

import fcntl
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.models import Paper
from search.engines.registry import search_backend

pytestmark = pytest.mark.django_db


def test_it_indexes_every_paper_and_says_how_many(own_index: Path) -> None:
    Paper(key="p:0", title="Graphs").save()
    out = io.StringIO()
    call_command("rebuild_index", stdout=out)
    assert out.getvalue() == "Indexed 1 papers anew (revision 1).\n"
    assert search_backend().keys() == {"p:0"}


def test_quietly_it_says_nothing(own_index: Path) -> None:
    out = io.StringIO()
    call_command("rebuild_index", stdout=out, verbosity=0)
    assert out.getvalue() == ""


def test_a_locked_index_is_an_error_with_advice(own_index: Path) -> None:
    own_index.mkdir()
    with (own_index / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match=r"Another process is writing .*; wait until it has finished"):
            call_command("rebuild_index")


def test_an_unknown_engine_is_an_error_with_the_known_ones(own_index: Path) -> None:
    with pytest.raises(CommandError, match="SEARCH_BACKENDS has no 'lucene'; it has: tantivy"):
        call_command("rebuild_index", backend="lucene")
