from __future__ import annotations

import pytest

from coolpapers.api.oai.errors import OaiError
from coolpapers.api.oai.formats.registry import FORMATS, check_format, formats_of, load_origins, write_metadata
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import make_paper, make_venue_paper


def test_an_unknown_format_is_refused_with_those_that_exist() -> None:
    with pytest.raises(OaiError, match="oai_dc, arXiv, coolpapers"):
        check_format("marc21")


@pytest.mark.django_db
def test_every_format_writes_every_paper_that_has_it() -> None:
    make_paper()
    make_venue_paper("abcDEF123")
    papers = list(Paper.objects.select_related("venue").prefetch_related("sources"))
    for prefix in FORMATS:
        fitting = [paper for paper in papers if prefix in {form.prefix for form in formats_of(paper.key, paper)}]
        written = write_metadata(fitting, prefix, origins=load_origins(papers), site="https://papers.example.org")
        assert set(written) == {paper.pk for paper in fitting}
    assert [form.prefix for form in formats_of("iclr:1", None)] == ["oai_dc", "coolpapers"]
