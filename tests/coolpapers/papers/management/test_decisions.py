"""The commands that merge papers and keep them apart sign their decisions with their name."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import PaperPair
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("command", "state", "done"),
    [("merge_papers", PaperPair.State.SAME, "Merged"), ("separate_papers", PaperPair.State.APART, "Kept apart")],
)
def test_a_decision_says_what_was_done_and_names_its_command(command: str, state: str, done: str) -> None:
    upsert_records([record(key="x:a", title="One text"), record(key="x:b", title="Another text")])
    out = io.StringIO()
    call_command(command, "x:a", "x:b", stdout=out)
    assert out.getvalue().startswith(f"{done}: x:a")
    pairs = PaperPair.objects.filter(state=state)
    assert {pair.decided_by for pair in pairs} == {command}
