"""A list of papers as a file: citations in a format, or Markdown with abstracts, own notes and summaries.

Start at :func:`write_papers`. A file comes in pieces of :data:`CHUNK` papers, so that a thousand summaries are never
in memory at once; put together, the pieces of a citation format are what :func:`coolpapers.papers.citations.cite`
writes of all papers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from coolpapers.papers.citations import FORMATS, CitationFormat, describe_work
from coolpapers.papers.citations.keys import unique_keys
from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.text import escape_markdown
from coolpapers.papers.citations.work import CitedWork
from coolpapers.papers.models import Paper
from coolpapers.reading.models import Summary
from coolpapers.reading.summarizers.languages import summary_language

# Papers in one file. A thousand entries are more than a bibliography has, and a second's work.
MAX_PAPERS = 1_000
CHUNK = 100
_HEADING = re.compile(r"^(#{1,6})(?=[ \t])")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_SUMMARY_DEPTH = 3  # a summary's headings stand below that of its paper

Entry = tuple[Paper, str, CitedWork]  # with its citation key


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a file says beside its papers. ``notes`` are the reader's own, by paper key; ``cut`` tells that papers
    are missing from the file, in a sentence."""

    title: str = ""
    text: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    cut: str = ""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A kind of file, by the name that ``?format=`` takes."""

    name: str
    label: object  # for the page, in its language
    media_type: str
    extension: str
    write: Callable[[Sequence[Entry], Shelf], Iterator[str]]


def write_papers(papers: Sequence[Paper], format_name: str, shelf: Shelf | None = None) -> Iterator[str]:
    """The pieces of a file of these papers, in order.

    Papers should come with their venue (``with_sources``). Raises KeyError for a format that is not in
    EXPORT_FORMATS.
    """
    chosen = EXPORT_FORMATS[format_name]
    works = [describe_work(paper) for paper in papers]
    entries = list(zip(papers, unique_keys(works), works, strict=True))
    return chosen.write(entries, shelf or Shelf())


def _chunks(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    return (entries[start : start + CHUNK] for start in range(0, len(entries), CHUNK))


def _cited(chosen: CitationFormat, entries: Sequence[Entry]) -> str:
    return chosen.write([(key, work) for _, key, work in entries])


def _write_bibtex(entries: Sequence[Entry], shelf: Shelf) -> Iterator[str]:
    if shelf.cut:
        yield f"% {shelf.cut}\n\n"  # text between entries is no part of a .bib file
    for number, chunk in enumerate(_chunks(entries)):
        yield ("\n" if number else "") + _cited(FORMATS["bibtex"], chunk)


def _write_ris(entries: Sequence[Entry], _shelf: Shelf) -> Iterator[str]:
    for chunk in _chunks(entries):
        yield _cited(FORMATS["ris"], chunk)


def _write_endnote(entries: Sequence[Entry], _shelf: Shelf) -> Iterator[str]:
    """Records are separated by a blank line, as :func:`format_endnote` writes them."""
    for number, chunk in enumerate(_chunks(entries)):
        yield ("\n" if number else "") + _cited(FORMATS["endnote"], chunk)


def _write_text(entries: Sequence[Entry], _shelf: Shelf) -> Iterator[str]:
    for chunk in _chunks(entries):
        yield _cited(FORMATS["text"], chunk)


def _write_zotero(entries: Sequence[Entry], _shelf: Shelf) -> Iterator[str]:
    """One RDF document, its items as :func:`format_zotero_rdf` lays them out."""
    empty = _cited(FORMATS["zotero"], ())
    head = empty[: empty.rindex("</rdf:RDF>")]
    yield head
    for chunk in _chunks(entries):
        yield _cited(FORMATS["zotero"], chunk).removeprefix(head).removesuffix("</rdf:RDF>\n")
    yield "</rdf:RDF>\n"


def _write_csl(entries: Sequence[Entry], _shelf: Shelf) -> Iterator[str]:
    """One JSON array, its items as :func:`format_csl` lays them out."""
    yield "["
    for number, chunk in enumerate(_chunks(entries)):
        yield ("," if number else "") + _cited(FORMATS["csl"], chunk).removeprefix("[").removesuffix("\n]\n")
    yield "\n]\n" if entries else "]\n"


def _write_list(entries: Sequence[Entry], shelf: Shelf) -> Iterator[str]:
    """Markdown: one list item a paper, with the reader's note below it."""
    yield _markdown_head(shelf)
    for paper, key, work in entries:
        yield FORMATS["markdown"].write([(key, work)])
        if note := shelf.notes.get(paper.key, "").strip():
            yield _indented(note, "  ") + "\n"


def _write_digest(entries: Sequence[Entry], shelf: Shelf) -> Iterator[str]:
    """Markdown: each paper a section with citation, own note, abstract and summary."""
    yield _markdown_head(shelf)
    for start, chunk in zip(range(0, len(entries), CHUNK), _chunks(entries)):
        summaries = _summaries([paper for paper, _, _ in chunk])
        for number, entry in enumerate(chunk, start=start + 1):
            paper = entry[0]
            note = shelf.notes.get(paper.key, "")
            yield _section(number, entry, note=note, summary=summaries.get(paper.pk))


def _markdown_head(shelf: Shelf) -> str:
    parts = [f"# {escape_markdown(one_line(shelf.title))}" if shelf.title else "", shelf.text.strip(), shelf.cut]
    return "".join(f"{part}\n\n" for part in parts if part)


def _section(number: int, entry: Entry, *, note: str, summary: Summary | None) -> str:
    _paper, key, work = entry
    heading = escape_markdown(plain_text(work.title)) or key
    cited = FORMATS["markdown"].write([(key, work)]).removeprefix("- ").strip()
    parts = [f"## {number}. {heading}", cited]
    if note.strip():
        parts.append(_indented(note.strip(), "> "))
    if work.abstract:
        label = _("Abstract")
        parts.append(f"**{label}.** {escape_markdown(plain_text(work.abstract))}")
    if summary is not None:
        source = f" ({escape_markdown(summary.label)})" if summary.label else ""
        label = _("Summary")
        parts.append(f"### {label}{source}")
        parts.append(lower_headings(summary.markdown.strip(), below=_SUMMARY_DEPTH))
    return "\n\n".join(parts) + "\n\n"


def lower_headings(markdown: str, *, below: int) -> str:
    """The text with its highest heading one level under ``below``, the others after it; six levels there are."""
    lines = list(_told_from_code(markdown.splitlines()))
    levels = [len(found[1]) for line, is_code in lines if not is_code and (found := _HEADING.match(line))]
    shift = max(0, below + 1 - min(levels, default=below + 1))
    return "\n".join(
        line if is_code else _HEADING.sub(lambda found: "#" * min(6, len(found[1]) + shift), line, count=1)
        for line, is_code in lines
    )


def _told_from_code(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each is of a fenced block, where a number sign begins no heading."""
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        yield line, bool(found or fence)
        if found and fence in ("", found[1]):
            fence = "" if fence else found[1]


def _summaries(papers: Sequence[Paper]) -> dict[int, Summary]:
    """The finished summary of each paper, the reader's language before others."""
    wanted = summary_language(get_language() or "en")
    rows = Summary.objects.filter(paper__in=[paper.pk for paper in papers]).exclude(markdown="")
    found: dict[int, Summary] = {}
    for row in sorted(rows, key=lambda one: (one.language != wanted, one.language)):
        found.setdefault(row.paper_id, row)
    return found


def one_line(text: str) -> str:
    return " ".join(text.split())


def _indented(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}".rstrip() for line in text.splitlines())


def _of_citation(name: str, write: Callable[[Sequence[Entry], Shelf], Iterator[str]], *, called: str) -> ExportFormat:
    one = FORMATS[name]
    return ExportFormat(called, one.label, one.media_type, one.extension, write)


EXPORT_FORMATS: dict[str, ExportFormat] = {
    one.name: one
    for one in (
        _of_citation("bibtex", _write_bibtex, called="bibtex"),
        _of_citation("ris", _write_ris, called="ris"),
        _of_citation("csl", _write_csl, called="csl-json"),
        _of_citation("endnote", _write_endnote, called="endnote"),
        _of_citation("zotero", _write_zotero, called="zotero"),
        _of_citation("markdown", _write_list, called="markdown"),
        _of_citation("text", _write_text, called="text"),
        ExportFormat("digest", gettext_lazy("Markdown with summaries"), "text/markdown", "md", _write_digest),
    )
}
OTHER_NAMES = {"csl": "csl-json"}  # as /cite/ calls it


def find_format(name: str) -> ExportFormat | None:
    return EXPORT_FORMATS.get(OTHER_NAMES.get(name, name))
