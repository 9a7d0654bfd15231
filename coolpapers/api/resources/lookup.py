"""Look up papers by any id: keys of the library, identifiers of sources, addresses, ``<ident>@<source>``."""

from __future__ import annotations

from collections.abc import Sequence

from coolpapers.api.errors import BadParameter, NotFound
from coolpapers.papers.lookup.selectors import find_papers, papers_by_keys
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.redirects import find_named
from search.vocabulary.identifiers import parse_identifier

MAX_IDS = 500  # in one request; the limit of a cite address too
MAX_NAME = 500  # characters of an id


def find_all(names: Sequence[str], *, where: str = "ids") -> tuple[list[Paper], list[str]]:
    """Papers in the order of their ids, deduplicated, and the ids without a paper.

    Raises BadParameter for more than :data:`MAX_IDS` names.
    """
    if len(names) > MAX_IDS:
        raise BadParameter(
            f"{len(names)} ids are too many for one request.", where=where, cure=f"Send at most {MAX_IDS} at a time."
        )
    cleaned = [name.replace("\0", "").strip() for name in names]
    unique = list(dict.fromkeys(name for name in cleaned if name))
    by_name = papers_by_keys(name for name in unique if len(name) <= MAX_NAME)
    parsed = {name: parse_identifier(name) for name in unique if name not in by_name}
    by_identifier = find_papers([identifier for identifier in parsed.values() if identifier is not None])
    for name, identifier in parsed.items():
        paper = by_identifier.get(identifier.key) if identifier is not None else None
        if paper is None and "@" in name and len(name) <= MAX_NAME:
            paper = find_named(name)[0]
        if paper is not None:
            by_name[name] = paper
    papers = {by_name[name].pk: by_name[name] for name in unique if name in by_name}
    return list(papers.values()), [name for name in unique if name not in by_name]


def find_one(name: str, *, where: str = "id") -> Paper:
    """The paper with that id. Raises NotFound."""
    papers, _missing = find_all([name], where=where)
    if not papers:
        raise NotFound(
            f"This library has no paper “{name[:100]}”.",
            where=where,
            cure="Search for its title; ids are keys (arxiv:1706.03762), arXiv ids, DOIs, addresses.",
        )
    return papers[0]
