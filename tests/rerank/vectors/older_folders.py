"""Folders of vectors as older versions wrote them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np

from rerank.artifacts import write_artifact
from rerank.vectors.index import open_vectors


def rewrite_as_version_1(folder: Path, *, kind: str = "flat") -> None:
    """Write the vectors of a folder as 0.1 did: float32, one text of ids, and an index over all rows."""
    index = open_vectors(folder)
    vectors = np.asarray(index.vectors)
    flat, graph = faiss.IndexFlatIP(index.dim), faiss.IndexHNSWFlat(index.dim, 32, faiss.METRIC_INNER_PRODUCT)
    of_rows = flat if kind == "flat" else graph
    of_rows.add(vectors)
    path = folder / "index-0123456789ab.faiss"
    faiss.write_index(of_rows, str(path))
    extra = {key: value for key, value in index.manifest.extra.items() if key != "layout"} | {"index": kind}
    write_artifact(
        folder,
        replace(index.manifest, extra=extra),
        arrays={"vectors": vectors, "hashes": np.asarray(index.hashes), "alive": index.alive},
        texts={"ids": "\n".join(index.ids_of(np.arange(len(vectors))))},
        beside={"index": path},
    )
