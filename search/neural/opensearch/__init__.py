"""Vectors on an OpenSearch cluster, so that no web server holds a file of them. Start at ``retriever``.

They have an index and an alias of their own beside the index of words (decision 0034). ``indices`` has its mapping and
its life, ``reading`` the searches, ``writing`` the updates.
"""

from __future__ import annotations

from search.neural.opensearch.retriever import OpenSearchRetriever

__all__ = ["OpenSearchRetriever"]
