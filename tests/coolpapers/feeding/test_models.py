from __future__ import annotations

from coolpapers.feeding.models import FeedSource


def test_a_source_is_called_by_its_name() -> None:
    assert str(FeedSource(name="arXiv cs", kind="arxiv")) == "arXiv cs"
