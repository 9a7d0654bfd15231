from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from coolpapers.papers.management.commands import load_starter
from coolpapers.papers.models import Paper, PaperSource, latest_revision
from coolpapers.reading.models import Summary
from tests.coolpapers.papers.library import make_paper

pytestmark = pytest.mark.django_db


def load(**options: object) -> str:
    out = StringIO()
    call_command("load_starter", stdout=out, stderr=out, **options)
    return out.getvalue()


def test_it_loads_papers_and_summaries() -> None:
    said = load()
    n_records = len((load_starter.STARTER / "papers.jsonl").read_text(encoding="utf-8").splitlines())
    assert PaperSource.objects.count() == n_records
    assert Paper.objects.count() == n_records - 3  # three works stand there as preprint and as published
    assert Summary.objects.count() == 12
    assert f"starter papers: {n_records - 3} added" in said
    assert "starter summaries: 12 added" in said
    attention = Paper.objects.get(arxiv_id="1706.03762")
    assert attention.abstract_label == load_starter.ABSTRACT_LABEL


@pytest.mark.parametrize("address", ["/arxiv/1706.03762", "/arxiv/cs.CL"])
@pytest.mark.parametrize("is_pane", [False, True])
def test_pages_say_in_the_readers_language_who_wrote_the_abstracts(client: Client, address: str, is_pane: bool) -> None:
    make_paper(arxiv_id="1706.03762", abstract_label=load_starter.ABSTRACT_LABEL)
    make_paper(arxiv_id="1706.03763", abstract_label="<b>Written</b> for 100 %")
    headers = {"Accept-Language": "zh-hans"} | ({"HX-Request": "true"} if is_pane else {})
    page = client.get(address, headers=headers).content.decode()
    assert "摘要由 coolpapers 项目撰写" in page
    if address == "/arxiv/cs.CL":
        assert "&lt;b&gt;Written&lt;/b&gt; for 100 %" in page


def test_loading_again_changes_nothing() -> None:
    load()
    revision = latest_revision()
    said = load()
    assert latest_revision() == revision
    assert "papers: 0 added, 0 changed" in said
    assert "summaries: 0 added, 0 changed" in said


def test_a_dry_run_saves_nothing() -> None:
    assert "nothing was saved" in load(dry_run=True)
    assert not Paper.objects.exists()
    assert not Summary.objects.exists()


def test_it_is_silent_when_asked() -> None:
    assert load(verbosity=0) == ""


def test_it_names_a_refused_paper_and_keeps_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "papers.jsonl").write_text('{"id": "a:1", "title": "Kept"}\n{"id": "a:2"}\n', encoding="utf-8")
    (tmp_path / "summaries.jsonl").write_text("", encoding="utf-8")
    monkeypatch.setattr(load_starter, "STARTER", tmp_path)
    err = StringIO()
    with pytest.raises(CommandError, match="1 starter papers were refused"):
        call_command("load_starter", stdout=StringIO(), stderr=err)
    assert "line 2: title: missing or empty" in err.getvalue()
    assert Paper.objects.get().title == "Kept"


def test_a_missing_file_is_a_plain_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_starter, "STARTER", tmp_path)
    with pytest.raises(CommandError, match="cannot be loaded"):
        load()
