"""The checks of what searches need: the ranking mode, index, vectors and models.

:mod:`coolpapers.management.diagnosis` runs them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from coolpapers.finding.indexing.anchors import why_rebuild
from coolpapers.finding.indexing.embedding import count_pending, is_own
from coolpapers.finding.indexing.index import is_own_index
from coolpapers.management.findings import BROKEN, OK, WARNING, Finding
from coolpapers.papers.models import Paper, latest_revision
from search.engines.registry import search_backend
from search.errors import DenseUnavailable, IndexDamaged, IndexMissing, IndexUnavailable, IndexUnreadable
from search.neural.dense import VectorRetriever, retrievers
from search.neural.rerankers import AnchorReranker, rerankers
from search.ranking.pipeline import MODES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def check_mode() -> Finding:
    """The setting names an existing ranking mode."""
    if settings.SEARCH_MODE not in MODES:
        message = format_lazy(_("Unknown ranking mode {mode}."), mode=repr(settings.SEARCH_MODE))
        return Finding(
            "ranking", BROKEN, message, format_lazy(_("set COOLPAPERS_SEARCH_MODE: {modes}"), modes=", ".join(MODES))
        )
    message = format_lazy(_("The default ranking mode is {mode}."), mode=settings.SEARCH_MODE)
    return Finding("ranking", OK, message)


def check_index() -> Finding:
    """The index is readable, undamaged and up to date with the library."""
    engine = search_backend()
    try:
        n_indexed = engine.count()
        damaged = engine.verify()
        is_own = is_own_index(engine)
        is_outdated = engine.is_outdated()
        behind = latest_revision() - engine.revision()
        advice = engine.advice()
    except IndexMissing as exc:
        return Finding("index", BROKEN, _("It does not exist."), "manage.py update_index", str(exc))
    except IndexUnavailable as exc:
        return Finding("index", BROKEN, _("It cannot be searched now:"), _(exc.cure), str(exc))
    except IndexUnreadable as exc:
        return Finding(
            "index",
            BROKEN,
            _("It cannot be read:"),
            format_lazy(_("give the data folder to user {user}"), user=os.getuid()),
            str(exc),
        )
    except IndexDamaged as exc:
        return Finding("index", BROKEN, _("It does not open:"), "manage.py rebuild_index", str(exc))
    if damaged:
        return Finding("index", BROKEN, _damaged_files(damaged), "manage.py rebuild_index")
    if not is_own:
        message = _("Built from another state of the library, for example before a backup was restored.")
        return Finding("index", BROKEN, message, "manage.py update_index")
    if is_outdated:
        message = _("Built by an older version: searches work, and find less than in a new index.")
        return Finding("index", WARNING, message, "manage.py rebuild_index")
    if behind:
        message = format_lazy(_("{n_changes} changes behind the library."), n_changes=f"{behind:,}")
        return Finding("index", WARNING, message, "manage.py update_index")
    if advice:
        sentence, cure = advice[0]
        return Finding("index", WARNING, sentence, cure)
    return Finding("index", OK, _up_to_date(n_indexed))


def _damaged_files(names: Sequence[str]) -> StrOrPromise:
    return format_lazy(_("Damaged files: {names}."), names=", ".join(names[:3]))


def _up_to_date(n_papers: int) -> StrOrPromise:
    return format_lazy(_("{n_papers} papers, up to date."), n_papers=f"{n_papers:,}")


def check_vectors() -> Finding:
    """Every paper has a vector of the present encoder, and the files are undamaged."""
    retriever = retrievers["default"]
    state = BROKEN if settings.SEARCH_MODE == "dense" else WARNING
    advice = retriever.advice()
    if advice:
        problem, cure = advice
        return Finding("vectors", state, problem, cure)
    message, detail = _damage_of_vectors(retriever)
    if message:
        return Finding("vectors", state, message, "manage.py embed_papers", detail)
    n_vectors = retriever.count()
    former = retriever.former()
    if former is not None:
        return Finding("vectors", WARNING, former_in_use(former.name, retriever.n_aside()), "manage.py embed_papers")
    strange = retriever.strange_model()
    if strange:
        message = _(
            "They are of the encoder {model}, which is missing or has changed: searches use words only until it is put"
            " back or all papers are embedded again."
        )
        return Finding("vectors", state, format_lazy(message, model=strange), "manage.py embed_papers")
    if not n_vectors:
        return Finding("vectors", state, _("No vectors of this encoder."), "manage.py embed_papers")
    if not is_own(retriever):
        message = _("Computed from another state of the library, for example before a backup was restored.")
        return Finding("vectors", WARNING, message, "manage.py embed_papers")
    pending = count_pending(retriever)
    if pending:
        message = format_lazy(_("{n_papers} papers have changed since."), n_papers=f"{pending:,}")
        return Finding("vectors", WARNING, message, "manage.py embed_papers")
    return Finding("vectors", OK, _up_to_date(n_vectors))


def former_in_use(name: str, n_embedded: int) -> StrOrPromise:
    """What administrators are told until all papers have a vector of the present encoder."""
    message = _(
        "Vectors of the former encoder {model} are in use until {command} has finished"
        " (about {n_done} of {n_papers} papers are embedded)."
    )
    n_papers = Paper.objects.count()
    return format_lazy(
        message,
        model=name,
        command="manage.py embed_papers",
        n_done=f"{min(n_embedded, n_papers):,}",
        n_papers=f"{n_papers:,}",
    )


def _damage_of_vectors(retriever: VectorRetriever) -> tuple[StrOrPromise, str]:
    """A sentence and its detail; empty ones if nothing is damaged."""
    damage = retriever.damage()
    if damage:
        return _("They do not open:"), damage
    try:
        damaged = retriever.verify() if retriever.count() else []
    except (DenseUnavailable, OSError):  # another process is embedding, and checks the files itself
        return "", ""
    return (_damaged_files(damaged), "") if damaged else ("", "")


def check_encoder() -> Finding:
    """The encoder's files are complete; names the device it runs on."""
    retriever = retrievers["default"]
    problem = retriever.check()
    if problem:
        state = BROKEN if settings.SEARCH_MODE in ("dense", "rerank") else WARNING  # hybrid falls back to words
        return Finding(
            "encoder",
            state,
            _("It cannot be used:"),
            _("set COOLPAPERS_ENCODER, or install coolpapers[neural]"),
            problem,
        )
    message = format_lazy(_("{model}, on {device}."), model=retriever.model, device=retriever.device())
    return Finding("encoder", OK, message)


def check_cross_encoder() -> Finding:
    """The cross-encoder's files are complete, if one is configured."""
    reranker = rerankers["default"]
    problem = reranker.check()
    if problem:
        return Finding("cross-encoder", BROKEN, _("It cannot be used:"), _("set COOLPAPERS_CROSS_ENCODER"), problem)
    if not reranker.is_configured:
        message = _("Not configured; mode=rerank ranks as hybrid.")
        if settings.SEARCH_MODE != "rerank":
            return Finding("cross-encoder", OK, message)
        return Finding("cross-encoder", BROKEN, message, _("set COOLPAPERS_CROSS_ENCODER"))
    if isinstance(reranker, AnchorReranker):
        sentence = _problem_of_anchors(reranker)
        if sentence:
            return Finding("cross-encoder", WARNING, sentence, "manage.py build_anchors")
    return Finding("cross-encoder", OK, format_lazy(_("{model}."), model=reranker.describe()))


def _problem_of_anchors(reranker: AnchorReranker) -> StrOrPromise:
    try:
        return why_rebuild(reranker, retrievers["default"])
    except (DatabaseError, ImproperlyConfigured):  # is another check
        return ""
