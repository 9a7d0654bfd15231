"""An index on an OpenSearch cluster, for libraries beyond one machine or servers that exist already.

Start at ``backend``. Streams are tokens joined by blanks in text fields that only split at blanks, so a word is the
same word as in the other engines, and each clause becomes one query of the server (``translation``). ``mapping`` says
how the server computes the same scores. ``indices`` has the life of an index: every rebuild makes a new one, and an
alias names the current one. Only ``client`` imports the client library.
"""

from __future__ import annotations

from search.engines.opensearch.backend import OpenSearchBackend

__all__ = ["OpenSearchBackend"]
