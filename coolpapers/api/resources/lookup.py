"""Papers by whatever a program calls them: our keys, identifiers of any source, addresses, ``<ident>@<source>``."""

from __future__ import annotations

from collections.abc import Sequence

from coolpapers.api.errors import BadParameter, NotHere
from coolpapers.papers.lookup.selectors import find_papers, papers_by_keys
from coolpapers.papers.models import Paper
from coolpapers.papers.pages.redirects import find_named
from search.vocabulary.identifiers import parse_identifier

MAX_IDS = 500  # in one request; as many as a cite address takes
MAX_NAME = 500  # characters; the longest identifier that is read


def find_all(names: Sequence[str], *, where: str = "ids") -> tuple[list[Paper], list[str]]:
    """Papers in the order of their names, each once, and the names that name none.

    Raises BadParameter for more than :data:`MAX_IDS` names.
    """
    if len(names) > MAX_IDS:
        raise BadParameter(
            f"{len(names)} ids are too many for one request.", where=where, cure=f"Ask for at most {MAX_IDS} at a time."
        )
    wanted = [name.replace("\0", "").strip() for name in names]
    wanted = list(dict.fromkeys(name for name in wanted if name))
    found = papers_by_keys(name for name in wanted if len(name) <= MAX_NAME)
    read = {name: parse_identifier(name) for name in wanted if name not in found}
    by_identifier = find_papers([one for one in read.values() if one is not None])
    for name, identifier in read.items():
        paper = by_identifier.get(identifier.key) if identifier is not None else None
        if paper is None and "@" in name and len(name) <= MAX_NAME:
            paper = find_named(name)[0]
        if paper is not None:
            found[name] = paper
    papers = {found[name].pk: found[name] for name in wanted if name in found}
    return list(papers.values()), [name for name in wanted if name not in found]


def find_one(name: str, *, where: str = "id") -> Paper:
    """The paper of that name. Raises NotHere."""
    papers, _missing = find_all([name], where=where)
    if not papers:
        raise NotHere(
            f"This library has no paper “{name[:100]}”.",
            where=where,
            cure="Search for its title; ids are keys (arxiv:1706.03762), arXiv ids, DOIs, addresses.",
        )
    return papers[0]
