"""Papers written in a citation format and read again by the import, field by field."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import orjson

from coolpapers.api.resources.papers import describe_papers
from coolpapers.papers.citations import cite, describe_work
from coolpapers.papers.citations.carried import CARRIED, Carried
from coolpapers.papers.citations.keys import unique_keys
from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.work import CitedWork
from coolpapers.papers.importing.rows import content_of_paper
from coolpapers.papers.models import Paper, Venue
from coolpapers.papers.records.record import PAPER_FIELDS, Record, content_of
from coolpapers.papers.sources.jsonl import JsonLinesSource
from coolpapers.papers.sources.registry import paper_sources

_VENUE_FIELDS = ("venue_slug", "venue_name")
_TEXT_FIELDS = frozenset({"title", "abstract", "container", "event", "publisher", "note"})
_STYLES = re.compile(r"\\(?:emph|text[a-z]+)\b")
# R^{N}, which BibTeX has as R$^{N}$.
_SUPERSCRIPT = re.compile(r"\$?\^(?:\{([^{}]*)\}|(\w))\$?")
Difference = tuple[str, object, object]  # field, written, read


def paper_of(record: Record) -> Paper:
    """The paper that an import into an empty library makes of a record; it is not saved."""
    content = {name: value for name, value in content_of(record).items() if name not in _VENUE_FIELDS}
    content |= {name: list(value) for name, value in content.items() if isinstance(value, tuple)}
    paper = Paper(key=record.key, **content)
    if record.venue_slug:
        paper.venue = Venue(slug=record.venue_slug, name=record.venue_name)
    return paper


def read_back(papers: Sequence[Paper], format_name: str) -> dict[str, Record]:
    """Records of an export of the papers by citation key."""
    source = paper_sources[CARRIED[format_name].source]
    items = source.read(io.BytesIO(cite(papers, format_name).encode()), name=f"export.{format_name}")
    return {item.ident: item for item in items if isinstance(item, Record)}


def compare(papers: Sequence[Paper], format_name: str) -> Iterator[tuple[Paper, list[Difference]]]:
    """Each paper with what is lost of it; ``("paper", key, None)`` where the paper itself is."""
    records = read_back(papers, format_name)
    works = [describe_work(paper) for paper in papers]
    for paper, work, key in zip(papers, works, unique_keys(works), strict=True):
        if key in records:
            yield paper, differences(work, describe_work(paper_of(records[key])), CARRIED[format_name])
        else:
            yield paper, [("paper", paper.key, None)]


def compare_lines(papers: Sequence[Paper]) -> Iterator[tuple[Paper, list[Difference]]]:
    """As :func:`compare`, for what the JSON API says of papers, read as JSON Lines; it carries every field."""
    for number, paper in enumerate(papers, start=1):
        paper.pk = number  # of papers that are not saved, without other places on the web
        paper._prefetched_objects_cache = {"sources": []}  # type: ignore[attr-defined]
    lines = b"\n".join(map(orjson.dumps, describe_papers(papers)))
    items = JsonLinesSource().read(io.BytesIO(lines), name="export.jsonl")
    records = {item.key: item for item in items if isinstance(item, Record)}
    for paper in papers:
        if paper.key not in records:
            yield paper, [("paper", paper.key, None)]
            continue
        before, after = content_of_paper(paper), content_of(records[paper.key])
        before["pdf_url"] = before["pdf_url"] or after["pdf_url"]  # the API also names arXiv's
        pairs = ((name, before[name], after[name]) for name in PAPER_FIELDS)
        yield paper, [(name, *two) for name, *two in pairs if (two[0] or None) != (_plain(two[1]) or None)]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def differences(written: CitedWork, read: CitedWork, carried: Carried) -> list[Difference]:
    """Fields of a work that the format carries and that are not as before."""
    kind = carried.kind_of(written.kind, arxiv_id=written.arxiv_id)
    lost: list[Difference] = [("kind", kind, read.kind)] if read.kind is not kind else []
    for name in (field.name for field in fields(CitedWork) if field.name in carried.fields):
        before, after = (_value(work, name, tex=carried.tex) for work in (written, read))
        if before != after:
            lost.append((name, before, after))
    return lost


def _value(work: CitedWork, name: str, *, tex: bool) -> Any:
    """A field as the format can say it: what is printed and, in TeX, how."""
    value = getattr(work, name)
    if name not in _TEXT_FIELDS:
        return value
    printed = plain_text(plain_text(value))
    if tex:
        printed = _SUPERSCRIPT.sub(r"^\1\2", printed)
    return (printed, _STYLES.findall(value)) if tex else printed
