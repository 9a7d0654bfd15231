"""``arXiv``: the metadata format of arXiv's own repository, for papers that are at arXiv."""

from __future__ import annotations

from lxml import etree

from coolpapers.api.oai.formats.elements import add, add_filled, root
from coolpapers.papers.models import Paper
from coolpapers.papers.names.people import split_names

NAMESPACE = "http://arxiv.org/OAI/arXiv/"
SCHEMA = "http://arxiv.org/OAI/arXiv.xsd"


def write_arxiv(paper: Paper) -> etree._Element:
    """The paper, which must have an arXiv id."""
    element = root(NAMESPACE, "arXiv", schema=SCHEMA)
    add(element, "id", paper.arxiv_id)
    add_filled(element, "created", paper.submitted)
    if paper.updated != paper.submitted:
        add_filled(element, "updated", paper.updated)
    authors = add(element, "authors")
    for name in split_names(paper.authors, paper.sort_names):
        author = add(authors, "author")
        add(author, "keyname", name.family)
        add_filled(author, "forenames", name.given)
        add_filled(author, "suffix", name.suffix)
    add(element, "title", paper.title)
    add(element, "categories", " ".join(paper.categories))
    add_filled(element, "comments", paper.comment)
    add_filled(element, "report-no", ", ".join(paper.report_numbers))
    add_filled(element, "journal-ref", paper.journal_ref)
    add_filled(element, "doi", paper.doi)
    add(element, "abstract", paper.abstract)
    return element
