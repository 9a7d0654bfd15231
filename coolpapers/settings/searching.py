"""Search engines and ranking stages."""

from __future__ import annotations

import re
from math import inf
from typing import Any
from urllib.parse import urlsplit

from coolpapers.base.env import EnvironmentValueError, read_choice, read_float, read_int, read_list, read_str
from coolpapers.settings.places import DATA_DIR

# The entry of SEARCH_BACKENDS that answers searches: tantivy (fast), whoosh (pure Python), or opensearch (servers of
# your own, which several machines share).
SEARCH_BACKEND = read_str("COOLPAPERS_SEARCH_BACKEND", "tantivy")


def _opensearch_urls() -> list[str]:
    """The servers of OpenSearch, with user and password where they ask for them. A port is always named."""
    # Comma-separated addresses; reserved characters of user and password are percent-encoded.
    # Example: https://coolpapers:p%40ss@search-1:9200,https://coolpapers:p%40ss@search-2:9200
    urls = read_list("COOLPAPERS_OPENSEARCH_URL", ["http://127.0.0.1:9200"])
    expected = "addresses of servers such as https://user:password@search-1:9200, separated by commas"
    try:
        are_right = all(urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname for url in urls)
        are_right = are_right and all(urlsplit(url).port != 0 for url in urls)
    except ValueError:
        are_right = False
    if not are_right:
        raise EnvironmentValueError("COOLPAPERS_OPENSEARCH_URL", "…", expected)  # the value has a password
    return urls


def _opensearch_replicas() -> str:
    """Copies of each shard beside the first: a number, or a range that fits the number of nodes."""
    # Example: 1
    value = read_str("COOLPAPERS_OPENSEARCH_REPLICAS", "0-1")
    if not re.fullmatch(r"\d+|\d+-(\d+|all)", value):
        raise EnvironmentValueError(
            "COOLPAPERS_OPENSEARCH_REPLICAS", value, "a number such as 1, or a range such as 0-1"
        )
    return value


def _opensearch_index() -> str:
    """The alias of the current index; it begins the names of all indices of this library."""
    value = read_str("COOLPAPERS_OPENSEARCH_INDEX", "coolpapers")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,199}", value):
        expected = "a name of small letters, digits, _ . and -"
        raise EnvironmentValueError("COOLPAPERS_OPENSEARCH_INDEX", value, expected)
    return value


_OPENSEARCH: dict[str, Any] = {
    "urls": _opensearch_urls(),
    "index": _opensearch_index(),
    # File with the certificates (PEM) that signed those of the servers; empty: those of the system.
    # Example: /srv/coolpapers/opensearch-ca.pem
    "ca_file": read_str("COOLPAPERS_OPENSEARCH_CA_FILE", ""),
    # Parts of the index, of which each node may hold some. One is the fastest below about ten million papers.
    "shards": max(read_int("COOLPAPERS_OPENSEARCH_SHARDS", 1), 1),
    "replicas": _opensearch_replicas(),
    # Seconds that a server may take for a search before another one is asked.
    "timeout_s": read_float("COOLPAPERS_OPENSEARCH_TIMEOUT_S", 5.0),
}
SEARCH_BACKENDS: dict[str, dict[str, Any]] = {
    "tantivy": {
        "BACKEND": "search.engines.tantivy.TantivyBackend",
        "OPTIONS": {"path": DATA_DIR / "index" / "tantivy"},
    },
    "whoosh": {
        "BACKEND": "search.engines.whoosh.WhooshBackend",
        "OPTIONS": {"path": DATA_DIR / "index" / "whoosh"},
    },
    "opensearch": {
        "BACKEND": "search.engines.opensearch.OpenSearchBackend",
        "OPTIONS": _OPENSEARCH,
    },
    "memory": {"BACKEND": "search.engines.memory.MemoryBackend"},
}

# Resolves is:starred, in:<collection> and note:word for the reader of a request.
SEARCH_FLAG_RESOLVER = "coolpapers.people.state.flags.resolver_for"

# ---- ranking ----------------------------------------------------------------------------------------
# Default ranking mode (mode= in the address overrides it): bm25, dense, hybrid or rerank. A stage without its model or
# vectors is skipped; a library without vectors is searched by words.
SEARCH_MODE = read_str("COOLPAPERS_SEARCH_MODE", "hybrid")
# Candidates from each retriever (number of papers).
SEARCH_DEPTH = read_int("COOLPAPERS_SEARCH_DEPTH", 200)


def _fusion_weights() -> dict[str, float]:
    """``bm25=0.3,dense=0.5,coverage=0.2`` as a dict."""
    # Weights of the scores of words, meaning and coverage in their fusion, as evaluate --fit-weights prints them;
    # "rank" fuses words and meaning by rank (reciprocal rank fusion). Default: the weights of decision 0015.
    # Example: bm25=0.3,dense=0.5,coverage=0.2
    parts = read_list("COOLPAPERS_FUSION_WEIGHTS", ["bm25=0.27", "dense=0.47", "coverage=0.26"])
    if parts == ["rank"]:
        return {}
    expected = "weights, 0 or more, of bm25, dense and coverage (bm25=0.3,dense=0.5,coverage=0.2), or rank"
    try:
        weights = {name.strip(): float(weight) for name, _, weight in (part.partition("=") for part in parts)}
    except ValueError as exc:
        raise EnvironmentValueError("COOLPAPERS_FUSION_WEIGHTS", ",".join(parts), expected) from exc
    if weights.keys() - {"bm25", "dense", "coverage"} or not all(0 <= weight < inf for weight in weights.values()):
        raise EnvironmentValueError("COOLPAPERS_FUSION_WEIGHTS", ",".join(parts), expected)
    return weights


SEARCH_FUSION_WEIGHTS = _fusion_weights()
# Time limit of each optional stage, in milliseconds; beyond it the result of the previous stage is used.
SEARCH_STAGE_BUDGETS_MS = {"dense": 500, "rerank": 3000}
# Candidates for reranking (number of papers).
RERANK_POOL = read_int("COOLPAPERS_RERANK_POOL", 200)
# The library that runs the models: onnx (ONNX Runtime, on the CPU), torch, or auto: torch where it is installed and
# there is a GPU, or where the model needs it, otherwise ONNX Runtime. Example: torch
INFERENCE = read_choice("COOLPAPERS_INFERENCE", "auto", ("auto", "onnx", "torch"))
# Where the vectors of papers are: files beside each web server, or opensearch: an index on the servers of
# COOLPAPERS_OPENSEARCH_URL, which need the k-NN plugin. By default where the words are.
VECTOR_BACKEND = read_choice(
    "COOLPAPERS_VECTOR_BACKEND",
    "opensearch" if SEARCH_BACKEND == "opensearch" else "files",
    ("files", "opensearch"),
)
DENSE_RETRIEVERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": {
            "files": "search.neural.dense.VectorRetriever",
            "opensearch": "search.neural.opensearch.OpenSearchRetriever",
        }[VECTOR_BACKEND],
        "OPTIONS": {
            **({"servers": _OPENSEARCH} if VECTOR_BACKEND == "opensearch" else {}),
            "path": DATA_DIR / "vectors",
            # Encoder: a model folder, one of ours (rerank/models), or a Python package that contains one.
            "model": read_str("COOLPAPERS_ENCODER", "papers-query-encoder"),
            # Cosine below which a paper counts as unrelated to a query: 8 to 14 % of the papers of a library are above
            # it, and 90 % of the known answers. The base encoder, which separates papers less, needs 0.25.
            "min_query_similarity": 0.2,
            "inference": INFERENCE,
            # Seconds without a query after which the encoder is unloaded; 0: never.
            "idle_s": read_float("COOLPAPERS_ENCODER_IDLE_S", 0.0),
        },
    },
}
RERANKERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "search.neural.rerankers.AnchorReranker",
        "OPTIONS": {
            # Cross-encoder: a model folder, one of ours (rerank/models), or a Python package that contains one; empty:
            # none, and mode=rerank ranks as hybrid. Example: /srv/models/cross-encoder
            "model": read_str("COOLPAPERS_CROSS_ENCODER", "papers-cross-encoder"),
            # Cross-encoder calls per search.
            "budget": read_int("COOLPAPERS_RERANK_BUDGET", 16),
            # The output of build_anchors; without it the first candidates are scored.
            "anchors": DATA_DIR / "anchors",
            "inference": INFERENCE,
            # Seconds without a query after which the cross-encoder is unloaded; 0: never.
            "idle_s": read_float("COOLPAPERS_ENCODER_IDLE_S", 0.0),
        },
    },
    "off": {"BACKEND": "search.neural.rerankers.NoReranker"},
}
