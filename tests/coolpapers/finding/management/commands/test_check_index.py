from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.models import Paper

pytestmark = pytest.mark.django_db


def test_a_whole_index_is_well(own_index: Path) -> None:
    Paper(key="p:0", title="Graphs").save()
    call_command("rebuild_index", verbosity=0)
    out = io.StringIO()
    call_command("check_index", stdout=out)
    assert out.getvalue() == "The index holds all 1 papers of the library.\n"


def test_a_missing_paper_is_named_with_the_command_that_adds_it(own_index: Path) -> None:
    call_command("rebuild_index", verbosity=0)
    Paper(key="p:0", title="Graphs").save()
    with pytest.raises(CommandError, match=r"p:0 are missing from the index; run manage\.py update_index\.") as failed:
        call_command("check_index")
    assert failed.value.returncode == 1


def test_a_missing_index_is_named_with_the_command_that_builds_it(own_index: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no search index in .*; run manage\.py rebuild_index"):
        call_command("check_index")


def test_a_damaged_index_is_named_with_the_command_that_builds_it(own_index: Path) -> None:
    call_command("rebuild_index", verbosity=0)
    for path in own_index.glob("0001/*"):
        if path.name != "state.json":
            path.unlink()
    with pytest.raises(CommandError, match=r"Files of the index are damaged: .*; run manage\.py rebuild_index"):
        call_command("check_index")
