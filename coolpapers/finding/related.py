"""Papers of the library that are related to one of them. Start at :func:`find_related`."""

from __future__ import annotations

from coolpapers.finding.catalogue import site_stages, subject_of
from coolpapers.papers.lookup.readers import current_readers
from coolpapers.papers.models import Paper
from search.engines.registry import search_backend
from search.ranking.related import RelatedPage, RelatedRequest, related_papers


def find_related(paper: Paper, request: RelatedRequest, *, wait_s: float = 0.0) -> RelatedPage:
    """Papers related to one, by the engine and the stages of the settings.

    ``wait_s`` is how many seconds to wait for a model that is still loading; a page does not wait.

    Raises
    ------
    IndexMissing, IndexDamaged
        If there is no index to ask.
    """
    return related_papers(
        subject_of(paper),
        request,
        engine=search_backend(),
        stages=site_stages(wait_s=wait_s),
        count_stars=current_readers().count_stars,
    )
