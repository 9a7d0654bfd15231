"""Builds the anchors of the library, and says when they have to be built again. Start at :func:`why_rebuild`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from coolpapers.papers.models import Paper, is_own_revision, latest_revision, revision_origin
from search.base.aliases import ShouldStop, never_stop
from search.errors import AnchorsBroken, DenseUnavailable
from search.neural.anchor_build import AnchorBuild, AnchorPaper, BuildReport
from search.neural.anchors import PAPERS
from search.neural.dense import VectorRetriever
from search.neural.rerankers import AnchorReranker

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from search.neural.anchor_build import ReportProgress

SEED = 0  # the same library gives the same anchors
# Largest share of papers that have no anchor scores because they are new or changed; they are scored first in each
# search, which leaves less of its budget for the others.
MAX_UNBUILT_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class AnchorSize:
    """The number of anchor queries, and of papers scored for each."""

    n_queries: int = 64
    n_per_query: int = 300

    @classmethod
    def of_build(cls, reranker: AnchorReranker) -> AnchorSize:
        """The size of the build in a folder, the default one where it cannot be read."""
        plan = AnchorBuild.stored_plan(reranker.anchors)
        return cls(len(plan), len(next(iter(plan.values())))) if plan else cls()


def was_built(reranker: AnchorReranker) -> bool:
    """Whether somebody has built anchors, readable or not."""
    return reranker.anchors.is_dir() and any(reranker.anchors.iterdir())


def why_rebuild(reranker: AnchorReranker, dense: VectorRetriever) -> StrOrPromise:
    """A sentence about what is wrong with the anchors; "" if they are fine or nobody has built any.

    Reads all their files and compares them with their checksums. The sentence is translated when it is shown.
    """
    if not was_built(reranker) or reranker.check():
        return ""
    try:
        anchors = reranker.built_anchors(dense)
    except AnchorsBroken as exc:
        return format_lazy(_("Reranks without anchors: {problem}"), problem=str(exc))
    if anchors is None and (reranker.anchors / PAPERS).exists():  # the encoder is missing, which is another check
        return ""
    if anchors is None:
        return _("Reranks without anchors: their build was not finished; run manage.py build_anchors.")
    if not is_own_revision(anchors.revision, anchors.origin):
        return _(
            "The anchors were built from another state of the library; reranking uses them for unchanged papers only."
        )
    try:
        n_papers, n_built = dense.count(), len(anchors.restricted(dense).row_of)
    except DenseUnavailable:  # is another check
        return ""
    n_unbuilt = n_papers - n_built
    if n_unbuilt > MAX_UNBUILT_SHARE * n_papers:
        message = _("{n_unbuilt} of {n_papers} papers are newer than the anchors.")
        return format_lazy(message, n_unbuilt=f"{n_unbuilt:,}", n_papers=f"{n_papers:,}")
    return ""


def build_anchors(
    reranker: AnchorReranker,
    dense: VectorRetriever,
    size: AnchorSize,
    *,
    should_stop: ShouldStop = never_stop,
    progress: ReportProgress | None = None,
) -> BuildReport:
    """Build the anchors, or go on with a stopped build; scores that are still valid are kept.

    Raises
    ------
    DenseUnavailable, AnchorsBroken
        If there are no vectors of the present encoder, a model does not load, the library is too small, or another
        process is building.
    """
    if dense.former() is not None:
        message = "the vectors of a former encoder are in use; run manage.py embed_papers, then build the anchors"
        raise DenseUnavailable(message)
    revision = latest_revision()
    rows = Paper.objects.order_by("pk").values_list("key", "title", "abstract").iterator(chunk_size=2_000)
    build = AnchorBuild(
        reranker.anchors,
        dense,
        reranker.open_model(),
        n_queries=size.n_queries,
        n_per_query=size.n_per_query,
        rng=np.random.default_rng(SEED),
        revision=revision,
        origin=revision_origin(revision),
    )
    return build.run((AnchorPaper(*row) for row in rows), should_stop=should_stop, progress=progress)
