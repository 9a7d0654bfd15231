"""The fields of an index: their streams of tokens and the weight of a match.

``docs/reference/search.md`` lists streams and weights. The weights were chosen with
``bench/search/bench_bm25_quality.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from search.engines.documents import Document
from search.text.analysis import index_folded, index_text
from search.text.compounds import closed_stream
from search.text.names import index_names

# BM25: term frequency saturation and length normalisation (Robertson et al., TREC-3). The defaults of Lucene and the
# only values that tantivy has.
K1 = 1.2
B = 0.75


@dataclass(frozen=True, slots=True)
class IndexedField:
    """A field of the query language in an index.

    ``stream`` has every token in order, with positions and frequencies. ``exact_stream`` has each content word once,
    unstemmed; ``closed_stream`` the closed forms of hyphenated compounds (``multitask`` of ``multi-task``). Either is
    "" where there is none. Scores are multiplied by ``weight``, ``exact_weight`` and ``closed_weight``.
    """

    name: str
    stream: str
    exact_stream: str
    is_stemmed: bool
    weight: float
    exact_weight: float
    closed_stream: str = ""
    closed_weight: float = 0.0

    @property
    def prefix_stream(self) -> str:
        """The stream with unstemmed words, for prefixes and fuzzy words."""
        return self.exact_stream if self.is_stemmed else self.stream


TITLE = IndexedField("title", "title", "title_exact", True, 1.1, 0.25, "title_closed", 0.55)
ABSTRACT = IndexedField("abstract", "abstract", "abstract_exact", True, 1.0, 0.2, "abstract_closed", 0.5)
AUTHOR = IndexedField("author", "author", "author_exact", False, 0.8, 0.4)
VENUE = IndexedField("venue", "venue", "", False, 0.4, 0.0)
COMMENT = IndexedField("comment", "comment", "", False, 0.3, 0.0)
JOURNAL = IndexedField("journal", "journal", "", False, 0.3, 0.0)
AFFILIATION = IndexedField("affiliation", "affiliation", "", False, 0.3, 0.0)
REPORT = IndexedField("report", "report", "", False, 0.3, 0.0)

# A word without a field, and ``all:``, search all of them.
FIELDS = {field.name: field for field in (TITLE, ABSTRACT, AUTHOR, VENUE, COMMENT, JOURNAL)}
# Searched only by queries that name the field: words of addresses say nothing about the subject of a paper.
NAMED_FIELDS = {field.name: field for field in (AFFILIATION, REPORT)}
# Streams with positions, and streams that only record presence.
MAIN_STREAMS = tuple(field.stream for field in (*FIELDS.values(), *NAMED_FIELDS.values()))
EXACT_STREAMS = tuple(field.exact_stream for field in FIELDS.values() if field.exact_stream)
# A stream of closed forms → its main stream. A word is usually rarer among closed forms, so its idf is limited to that
# of the main stream: a rare spelling must not rank above the one in the query.
CLOSED_STREAMS = {field.closed_stream: field.stream for field in FIELDS.values() if field.closed_stream}
SET_STREAMS = (*EXACT_STREAMS, *CLOSED_STREAMS)


def index_streams(document: Document) -> dict[str, str]:
    """The tokens of every stream of a document, joined by spaces."""
    title, title_exact = index_text(document["title"])
    abstract, abstract_exact = index_text(document["abstract"])
    words, names = index_names(document["authors"])
    return {
        "title": title,
        "title_exact": title_exact,
        "title_closed": closed_stream(document["title"]),
        "abstract": abstract,
        "abstract_exact": abstract_exact,
        "abstract_closed": closed_stream(document["abstract"]),
        "author": words,
        "author_exact": names,
        "venue": index_folded(document["venue"]),
        "comment": index_folded(document["comment"]),
        "journal": index_folded(document["journal"]),
        "affiliation": index_folded(" ".join(document["affiliations"])),
        "report": index_folded(" ".join(document["report_numbers"])),
    }


def index_marks(document: Document) -> list[str]:
    """The exact values of a document, in lower case, each with a prefix for its kind.

    ``c:`` category, ``v:`` venue with and without its year, ``i:`` identifier, ``d:`` DOI, ``f:`` flag.
    """
    marks = [f"c:{code.lower()}" for code in document["categories"]]
    marks.extend(f"i:{ident}" for ident in document["idents"])
    marks.extend(f"f:{flag}" for flag in document["flags"])
    if document["venue_facet"]:
        venue = document["venue_facet"].lower()
        marks.extend({f"v:{venue}", f"v:{venue.rpartition(' ')[0] or venue}"})
    if document["doi"]:
        marks.append(f"d:{document['doi'].lower()}")
    return marks
