from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from coolpapers.papers.models import Paper
from tests.coolpapers.feeding.runs import body, make_source
from tests.coolpapers.papers.make import DATA
from tests.local_servers import serve

pytestmark = pytest.mark.django_db
RSS = (DATA / "feed" / "arxiv.rss").read_bytes()


def call(*arguments: str) -> str:
    out = io.StringIO()
    call_command("harvest_sources", *arguments, stdout=out)
    return out.getvalue()


def test_it_harvests_what_is_due_once() -> None:
    with serve(body(RSS)) as server:
        make_source("feed", address=server.url, name="cs.DL", hour=0)
        assert "cs.DL (feed):" in call()
        assert "1 added" in call("--list")
        assert call() == ""
        assert "0 added" in call("cs.DL")  # by name at any time
    assert Paper.objects.count() == 1


def test_a_failure_is_told_and_an_unknown_name_too() -> None:
    make_source("feed", name="broken")
    with pytest.raises(CommandError, match="Not harvested: broken"):
        call()
    assert "Give the address" in call("--list")
    with pytest.raises(CommandError, match="no source other"):
        call("other")
