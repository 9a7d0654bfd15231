"""Papers of the catalogue as the ranking reads them: texts, works, and the subject of a search for related papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coolpapers.papers.models import Paper, PaperSource
from search.neural.texts import reranking_text
from search.ranking.related import Subject
from search.ranking.stages import Stages


def paper_texts(keys: Sequence[str]) -> dict[str, str]:
    """The text that a cross-encoder reads, by key of the paper."""
    rows = Paper.objects.filter(key__in=keys).values_list("key", "title", "abstract")
    return {key: reranking_text(title, abstract) for key, title, abstract in rows}


def work_keys(keys: Sequence[str]) -> dict[str, str]:
    """A value that copies of a work share (same folded title and first author), by key of the paper."""
    return dict(Paper.objects.filter(key__in=keys).values_list("key", "match_key"))


def site_stages(*, wait_s: float = 0.0) -> Stages:
    """The stages of the settings over the papers of the library."""
    return Stages.of_settings(paper_texts, works=work_keys, wait_s=wait_s)


def subject_of(paper: Paper) -> Subject:
    """The paper as a subject, with its copies in the catalogue."""
    return Subject(paper.key, paper.title, paper.abstract, frozenset(_copies(paper)))


def _copies(paper: Paper) -> Iterable[str]:
    """Keys of papers with the same title and first author; titles are indexed by record."""
    if not paper.match_key:
        return ()
    titles = PaperSource.objects.filter(paper=paper, title_key__isnull=False).values("title_key")
    copies = PaperSource.objects.filter(title_key__in=titles, paper__match_key=paper.match_key)
    return copies.values_list("paper__key", flat=True)
