from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db


def merge(*arguments: str) -> str:
    out = io.StringIO()
    call_command("merge_papers", *arguments, stdout=out)
    return out.getvalue()


def test_papers_are_merged_by_any_name_and_come_back() -> None:
    upsert_records(
        [
            record(key="arxiv:2005.00001", title="One title of many"),
            record(key="x:b", title="Another text", doi="10.1000/1"),
        ]
    )
    assert merge("https://doi.org/10.1000/1", "arXiv:2005.00001v2") == "Merged: arxiv:2005.00001\n"
    assert Paper.objects.count() == 1
    assert merge("--undo", "x:b", "2005.00001") == "Undone: arxiv:2005.00001, x:b\n"
    assert Paper.objects.count() == 2


def test_what_cannot_be_merged_is_an_error() -> None:
    upsert_records([record(key="x:b", title="Another text")])
    for arguments, reason in (
        (("x:b", "x:b"), "one paper"),
        (("x:b", "x:c"), "no such paper"),
        (("--undo", "x:b", "x:b"), "nothing to undo"),
    ):
        with pytest.raises(CommandError, match=reason) as raised:
            merge(*arguments)
        assert raised.value.returncode == 1
