"""Papers and works for the citation tests; nothing touches the database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from coolpapers.papers.citations.work import CitedWork, describe_work
from coolpapers.papers.models import Paper, Venue


def make_paper(*, venue: str = "", venue_name: str = "", **fields: Any) -> Paper:
    """A paper that is not saved, by default an arXiv preprint of two versions."""
    defaults: dict[str, Any] = {
        "key": "arxiv:2406.01234",
        "title": "Shift-Invariant Attention for Long Documents",
        "authors": ["Ada Lovelace", "Ludwig van der Vaart"],
        "abstract": "We prove $O(n)$ bounds.",
        "year": 2024,
        "submitted": dt.date(2024, 6, 3),
        "updated": dt.date(2025, 1, 9),
        "categories": ["cs.CL", "cs.LG"],
        "arxiv_id": "2406.01234",
        "page_url": "https://arxiv.org/abs/2406.01234",
        "pdf_url": "https://arxiv.org/pdf/2406.01234",
    }
    paper = Paper(**{**defaults, **fields})
    if venue:
        paper.venue = Venue(slug=venue, name=venue_name or venue)
    return paper


def make_conference_paper(**fields: Any) -> Paper:
    defaults: dict[str, Any] = {
        "key": "acl:2020.acl-main.1",
        "venue": "ACL",
        "venue_year": 2020,
        "venue_text": "Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics",
        "year": 2020,
        "submitted": None,
        "updated": None,
        "categories": [],
        "arxiv_id": "",
        "doi": "10.18653/v1/2020.acl-main.1",
        "page_url": "https://aclanthology.org/2020.acl-main.1",
        "pdf_url": "https://aclanthology.org/2020.acl-main.1.pdf",
        "keywords": ["parsing", "treebanks"],
    }
    return make_paper(**{**defaults, **fields})


def make_journal_paper(**fields: Any) -> Paper:
    return make_paper(**{"journal_ref": "Phys.Rev. D54 (1996) 1234-1240", "doi": "10.1103/physrevd.54.1234", **fields})


def make_work(**fields: Any) -> CitedWork:
    return describe_work(make_paper(**fields))
