"""Estimates of cross-encoder scores from the scores of anchor queries. Start at :func:`open_anchors`.

:mod:`search.neural.anchor_build` fits the anchors. From them a search estimates the cross-encoder's score of every
candidate and decides which of them to score within its budget. Papers newer than the build have no row; the stage
scores them first.

The folder holds ``scores/``, ``lexical/`` and ``calibration/``, each replaced as a whole, ``plan.json`` with the scored
pairs, and ``papers.json``, which is written last. Without it, or where it belongs to another build, the build
counts as incomplete.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.base.aliases import Ranking
from search.base.files import read_json
from search.errors import AnchorsBroken

if TYPE_CHECKING:
    from rerank.budget.calibration import Calibration
    from rerank.budget.correlations import RowCorrelations
    from rerank.budget.retrieval import Estimate
    from rerank.lexical import LexicalIndex, Matches
    from search.base.aliases import Floats, Mask, Rows
    from search.neural.dense import VectorRetriever

PAPERS = "papers.json"


@dataclass(frozen=True)
class Anchors:
    """A finished build of anchors."""

    calibration: Calibration
    lexical: LexicalIndex
    row_of: Mapping[str, int]
    texts: Sequence[str] = ()  # by row: hash of the text that was scored; () in builds of older versions
    revision: int = 0
    origin: str = ""

    def restricted(self, dense: VectorRetriever) -> Anchors:
        """Only the rows of papers whose text is still the one that was scored. Raises DenseUnavailable."""
        if not self.texts:
            return self
        current = dense.text_hashes(list(self.row_of))
        rows = {
            key: row for (key, row), text in zip(self.row_of.items(), current, strict=True) if self.texts[row] == text
        }
        return replace(self, row_of=rows)

    @cached_property
    def _correlations(self) -> RowCorrelations:
        """Prepared at the first request; its memory is bounded (``rerank.budget.correlations.MAX_TABLE_BYTES``)."""
        from rerank.budget.correlations import RowCorrelations

        return RowCorrelations(self.calibration.residuals)

    @cached_property
    def _key_of(self) -> dict[int, str]:
        return {row: key for key, row in self.row_of.items()}

    def neighbours(self, key: str, *, depth: int) -> Ranking:
        """Papers that the anchor queries scored like a paper: (key, correlation of residuals), best first.

        Residuals are compared instead of scores, because the ranking by words and vectors already contains what the
        prior explains. A paper newer than the build has no row and no neighbours.
        """
        if key not in self.row_of:
            return []
        rows, correlations = self._correlations.nearest(self.row_of[key], depth=depth)
        pairs = zip(rows.tolist(), correlations.tolist(), strict=True)
        return [(self._key_of[row], value) for row, value in pairs if row in self._key_of]

    def estimate(
        self, query: str, query_vector: Floats, keys: Sequence[str], similarity: Floats, vectors: Floats
    ) -> tuple[Estimate, Rows]:
        """Estimated scores of a pool before any call, and the rows of papers newer than the build.

        Parameters
        ----------
        query_vector : (dim,)
        similarity : (n_keys,)
        vectors : (n_keys, dim)
        """
        from rerank.budget.prior import pair_features

        rows = np.array([self.row_of.get(key, -1) for key in keys], dtype=np.int64)
        is_built = rows >= 0
        matches = _spread(self.lexical.match(query, rows[is_built]), is_built)
        pool = replace(
            self.calibration,
            residuals=_rows_of(self.calibration.residuals, rows, is_built),
            loo_residuals=_rows_of(self.calibration.loo_residuals, rows, is_built),
        )
        features = pair_features(similarity, matches)
        return pool.estimate(features, query_vector, vectors, np.arange(len(keys))), np.flatnonzero(~is_built)


def open_anchors(folder: Path, *, model_hash: str, encoder_hash: str) -> Anchors | None:
    """The build in a folder; None if there is none.

    Raises
    ------
    AnchorsBroken
        If it is incomplete, or of another cross-encoder or encoder.
    """
    from rerank.budget.calibration import Calibration
    from rerank.errors import ArtifactError
    from rerank.lexical import LexicalIndex

    if not (folder / PAPERS).exists():
        return None
    state = read_json(folder / PAPERS)
    cure = "run manage.py build_anchors"
    if not isinstance(state, dict) or state.get("build") != build_stamp(folder):
        raise AnchorsBroken(f"The anchors in {folder} are incomplete; {cure}.")
    if state.pop("crc", None) not in (None, state_checksum(state)):
        raise AnchorsBroken(f"{folder / PAPERS} differs from its checksum; {cure}.")
    if state.get("encoder_hash") != encoder_hash:
        raise AnchorsBroken(f"The anchors in {folder} were built with another encoder; {cure}.")
    try:
        calibration = Calibration.load(folder / "calibration", model_hash=model_hash)
        lexical = LexicalIndex.load(folder / "lexical")
    except (ArtifactError, OSError) as exc:
        raise AnchorsBroken(f"{exc} ({cure})") from exc
    return Anchors(
        calibration,
        lexical,
        {key: row for row, key in enumerate(state["keys"])},
        texts=state.get("texts", ()),
        revision=int(state.get("revision", 0)),
        origin=str(state.get("origin", "")),
    )


def state_checksum(state: Mapping[str, Any]) -> int:
    """CRC-32 of the content of ``papers.json`` without its checksum."""
    return zlib.crc32(json.dumps(state, sort_keys=True).encode())


def build_stamp(folder: Path) -> list[int]:
    """Modification times of the parts of a build; zeros for missing parts."""
    from rerank.artifacts import MANIFEST

    manifests = (folder / part / MANIFEST for part in ("lexical", "calibration"))
    return [path.stat().st_mtime_ns if path.exists() else 0 for path in manifests]


def _spread(matches: Matches, is_built: Mask) -> Matches:
    """Matches of the papers of the build at their rows of the pool, 0 in the other rows."""
    columns = {}
    for name in ("bm25", "title_bm25", "title_coverage", "text_coverage"):
        column = np.zeros(len(is_built), dtype=np.float32)
        column[is_built] = getattr(matches, name)
        columns[name] = column
    return replace(matches, **columns)


def _rows_of(table: Floats, rows: Rows, is_built: Mask) -> Floats:
    """The pool's rows of a table over the library; 0 for papers newer than the build."""
    of_pool = np.zeros((len(rows), table.shape[1]), dtype=np.float32)
    of_pool[is_built] = table[rows[is_built]]
    return of_pool
