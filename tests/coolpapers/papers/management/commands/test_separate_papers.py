from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db


def separate(*arguments: str) -> str:
    out = io.StringIO()
    call_command("separate_papers", *arguments, stdout=out)
    return out.getvalue()


def test_two_records_of_one_paper_are_parted_and_joined_again() -> None:
    both = {"title": "Parsing with very few trees", "authors": ["A. Bee"], "year": 2020, "doi": "10.1000/1"}
    upsert_records([record(key="x:a", **both), record(key="x:b", **both)])
    assert Paper.objects.count() == 1
    assert separate("x:a", "x:b") == "Kept apart: x:a, x:b\n"
    assert separate("--undo", "x:b", "x:a") == "Undone: x:a\n"
    assert Paper.objects.count() == 1


def test_what_cannot_be_parted_is_an_error() -> None:
    upsert_records([record(key="x:b", title="Another text")])
    with pytest.raises(CommandError, match="name two of its records") as raised:
        separate("x:b", "x:b")
    assert raised.value.returncode == 1
