"""How the server analyses, stores and scores documents, and a document as the server receives it.

Each stream is a text field that is split at blanks only. The server's own BM25 differs from ours: it leaves out the
factor k1 + 1, and its N and mean length count only documents that have the field. So every stream of every document
has one more token, :data:`PRESENCE`, at the position of the first one, where it does not count in the length of the
field: N is then the number of documents, and the mean length is ``sumTotalTermFreq / N - 1``. A scripted similarity
computes the formula of ``search.engines.bm25`` from these.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b
from typing import Any

from search.engines.documents import Document, date_ranks
from search.engines.streams import K1, MAIN_STREAMS, SET_STREAMS, B, index_marks, index_streams
from search.text.analysis import ANALYSIS_VERSION, READABLE_VERSIONS

# Changed with this module. Older layouts that can be searched, and are not written to, are readable.
_ENGINE_VERSION = 1
LAYOUT = f"opensearch-{_ENGINE_VERSION}.{ANALYSIS_VERSION}"
READABLE_LAYOUTS = frozenset(f"opensearch-{_ENGINE_VERSION}.{version}" for version in READABLE_VERSIONS)

PRESENCE = "\u0002"  # no token of a text: analysis drops control characters
GAP = "\u0003"  # stands for any token of a phrase; queries drop it and keep its position
# Hits up to this place are fetched directly; later ones are reached through a point in time.
MAX_WINDOW = 10_000
# Longest id that the server takes, in bytes.
MAX_ID_BYTES = 512
# Longest exact value that is indexed, in characters; Lucene takes 32,766 bytes.
MAX_VALUE_CHARS = 8_000
# Longest token in characters; the server splits longer ones. A name of many words has the longest.
MAX_TOKEN_CHARS = 8_000
# Seconds for which a deletion keeps out older versions of the document: longer than any update takes.
_KEEP_DELETIONS = "1h"

_IDF = f"return query.boost * {K1 + 1} * Math.log(1.0 + (field.docCount - term.docFreq + 0.5) / (term.docFreq + 0.5));"
_SATURATION = (
    "double mean = (double) field.sumTotalTermFreq / field.docCount - 1.0; "
    f"return weight * doc.freq / (doc.freq + {K1} * ({1 - B} + {B} * doc.length / mean));"
)


def copies_of(replicas: str) -> dict[str, Any]:
    """The settings of ``replicas``: a number of copies of a shard, or a range such as ``0-1`` that fits the nodes."""
    return {"auto_expand_replicas": replicas} if "-" in replicas else {"number_of_replicas": int(replicas)}


def index_body(*, shards: int, replicas: str) -> dict[str, Any]:
    """Settings and mapping of a new index."""
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                **copies_of(replicas),
                # Documents become visible at the end of an update, all at once.
                "refresh_interval": "-1",
                "gc_deletes": _KEEP_DELETIONS,
                "max_result_window": MAX_WINDOW,
                "max_regex_length": 10_000,
                "similarity": {
                    "papers": {
                        "type": "scripted",
                        "weight_script": {"source": _IDF},
                        "script": {"source": _SATURATION},
                    }
                },
                "analysis": {
                    "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": MAX_TOKEN_CHARS}},
                    "filter": {
                        "presence": {
                            "type": "pattern_capture",
                            "preserve_original": False,
                            "patterns": [f"^({PRESENCE})(.+)$"],
                        },
                        "gap": {"type": "stop", "stopwords": [GAP]},
                    },
                    "analyzer": {
                        "stream": {"type": "custom", "tokenizer": "blanks", "filter": ["presence"]},
                        "query": {"type": "custom", "tokenizer": "blanks", "filter": ["gap"]},
                    },
                },
            }
        },
        "mappings": {"dynamic": "strict", "_source": {"enabled": False}, "properties": _properties()},
    }


def document_id(key: str) -> str:
    """The id of a document: its key, cut and made unique by a hash where the server would refuse it."""
    encoded = key.encode("utf-8", "replace")
    if len(encoded) <= MAX_ID_BYTES:
        return encoded.decode("utf-8")
    digest = blake2b(encoded, digest_size=16).hexdigest()
    return f"{encoded[: MAX_ID_BYTES - 40].decode('utf-8', 'ignore')}:{digest}"


def document_source(document: Document) -> dict[str, Any]:
    """A document as the server receives it."""
    newest, updated_rank = date_ranks(document)
    source: dict[str, Any] = {
        "key": document["key"],
        "marks": index_marks(document),
        "category": document["categories"],
        "year": document["year"],
        "date": document["date"],
        "updated": document["updated"],
        "month": month_number(document["date"]),
        "newest": newest,
        "updated_rank": updated_rank,
    }
    if document["venue_facet"]:
        source["venue_facet"] = document["venue_facet"]
    for stream, text in index_streams(document).items():
        source[stream] = PRESENCE + text
    return source


def month_number(ordinal: int) -> int:
    """Months since the year 0 of an ordinal day; 0 where the day is unknown."""
    if ordinal <= 0:
        return 0
    day = date.fromordinal(ordinal)
    return 12 * day.year + day.month - 1


def _properties() -> dict[str, Any]:
    text = {"type": "text", "analyzer": "stream", "search_analyzer": "query", "similarity": "papers", "fielddata": True}
    value = {"type": "keyword", "norms": False, "ignore_above": MAX_VALUE_CHARS}
    return {
        **{stream: {**text, "index_options": "positions"} for stream in MAIN_STREAMS},
        **{stream: {**text, "index_options": "docs"} for stream in SET_STREAMS},
        "key": value,
        "marks": {**value, "doc_values": False},
        "category": value,
        "venue_facet": value,
        **{number: {"type": "integer"} for number in ("year", "date", "updated", "month")},
        **{rank: {"type": "long", "index": False} for rank in ("newest", "updated_rank")},
    }
