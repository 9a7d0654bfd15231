"""Export a list of papers as a file: citations in a format, or Markdown with abstracts, notes and summaries.

Start at :func:`write_papers`. It yields the file in chunks of :data:`CHUNK` papers, so that a thousand summaries are
never in memory at once. For a citation format the joined chunks equal the output of
:func:`coolpapers.papers.citations.cite` for all papers.
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

MAX_PAPERS = 1_000  # in one file; more than a bibliography has, and written in a second
CHUNK = 100
_HEADING = re.compile(r"^(#{1,6})(?=[ \t])")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_SUMMARY_DEPTH = 3  # the heading level of "Summary"; headings of its text are below it

Entry = tuple[Paper, str, CitedWork]  # with its citation key


@dataclass(frozen=True, slots=True)
class ListText:
    """The text of a file besides its papers. ``notes`` are the reader's, by paper key; ``truncation`` is a sentence
    that the file holds only part of the list, or ""."""

    title: str = ""
    text: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    truncation: str = ""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A file format, by the name that ``?format=`` takes."""

    name: str
    label: object  # for pages; lazily translated
    media_type: str
    extension: str
    write: Callable[[Sequence[Entry], ListText], Iterator[str]]


def write_papers(papers: Sequence[Paper], format_name: str, list_text: ListText | None = None) -> Iterator[str]:
    """The chunks of a file of these papers, in order.

    Papers should be loaded with their venue (``with_sources``). Raises KeyError for a format that is not in
    EXPORT_FORMATS.
    """
    chosen = EXPORT_FORMATS[format_name]
    works = [describe_work(paper) for paper in papers]
    entries = list(zip(papers, unique_keys(works), works, strict=True))
    return chosen.write(entries, list_text or ListText())


def _chunks(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    return (entries[start : start + CHUNK] for start in range(0, len(entries), CHUNK))


def _citations(chosen: CitationFormat, entries: Sequence[Entry]) -> str:
    return chosen.write([(key, work) for _, key, work in entries])


def _write_bibtex(entries: Sequence[Entry], list_text: ListText) -> Iterator[str]:
    if list_text.truncation:
        yield f"% {list_text.truncation}\n\n"  # BibTeX ignores text between entries
    for number, chunk in enumerate(_chunks(entries)):
        yield ("\n" if number else "") + _citations(FORMATS["bibtex"], chunk)


def _write_ris(entries: Sequence[Entry], _list_text: ListText) -> Iterator[str]:
    for chunk in _chunks(entries):
        yield _citations(FORMATS["ris"], chunk)


def _write_endnote(entries: Sequence[Entry], _list_text: ListText) -> Iterator[str]:
    """A blank line separates records, as in :func:`coolpapers.papers.citations.endnote.format_endnote`."""
    for number, chunk in enumerate(_chunks(entries)):
        yield ("\n" if number else "") + _citations(FORMATS["endnote"], chunk)


def _write_text(entries: Sequence[Entry], _list_text: ListText) -> Iterator[str]:
    for chunk in _chunks(entries):
        yield _citations(FORMATS["text"], chunk)


def _write_zotero(entries: Sequence[Entry], _list_text: ListText) -> Iterator[str]:
    """One RDF document, with items laid out as by :func:`coolpapers.papers.citations.zotero_rdf.format_zotero_rdf`."""
    empty = _citations(FORMATS["zotero"], ())
    head = empty[: empty.rindex("</rdf:RDF>")]
    yield head
    for chunk in _chunks(entries):
        yield _citations(FORMATS["zotero"], chunk).removeprefix(head).removesuffix("</rdf:RDF>\n")
    yield "</rdf:RDF>\n"


def _write_csl(entries: Sequence[Entry], _list_text: ListText) -> Iterator[str]:
    """One JSON array, with items laid out as by :func:`coolpapers.papers.citations.csl.format_csl`."""
    yield "["
    for number, chunk in enumerate(_chunks(entries)):
        yield ("," if number else "") + _citations(FORMATS["csl"], chunk).removeprefix("[").removesuffix("\n]\n")
    yield "\n]\n" if entries else "]\n"


def _write_list(entries: Sequence[Entry], list_text: ListText) -> Iterator[str]:
    """Markdown: one list item per paper, with the reader's note below it."""
    yield _markdown_head(list_text)
    for paper, key, work in entries:
        yield FORMATS["markdown"].write([(key, work)])
        if note := list_text.notes.get(paper.key, "").strip():
            yield _indented(note, "  ") + "\n"


def _write_digest(entries: Sequence[Entry], list_text: ListText) -> Iterator[str]:
    """Markdown: one section per paper, with citation, note, abstract and summary."""
    yield _markdown_head(list_text)
    for start, chunk in zip(range(0, len(entries), CHUNK), _chunks(entries)):
        summaries = _summaries([paper for paper, _, _ in chunk])
        for number, entry in enumerate(chunk, start=start + 1):
            paper = entry[0]
            note = list_text.notes.get(paper.key, "")
            yield _section(number, entry, note=note, summary=summaries.get(paper.pk))


def _markdown_head(list_text: ListText) -> str:
    parts = [
        f"# {escape_markdown(one_line(list_text.title))}" if list_text.title else "",
        list_text.text.strip(),
        list_text.truncation,
    ]
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
    """Shift all headings so that the highest is one level below ``below``; levels are clamped to 6."""
    lines = list(_mark_code(markdown.splitlines()))
    levels = [len(match[1]) for line, is_code in lines if not is_code and (match := _HEADING.match(line))]
    shift = max(0, below + 1 - min(levels, default=below + 1))
    return "\n".join(
        line if is_code else _HEADING.sub(lambda match: "#" * min(6, len(match[1]) + shift), line, count=1)
        for line, is_code in lines
    )


def _mark_code(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each belongs to a fenced code block, where ``#`` starts no heading."""
    fence = ""
    for line in lines:
        match = _FENCE.match(line)
        yield line, bool(match or fence)
        if match and fence in ("", match[1]):
            fence = "" if fence else match[1]


def _summaries(papers: Sequence[Paper]) -> dict[int, Summary]:
    """One finished summary per paper (by row number), preferably in the active language."""
    preferred = summary_language(get_language() or "en")
    rows = Summary.objects.filter(paper__in=[paper.pk for paper in papers]).exclude(markdown="")
    summaries: dict[int, Summary] = {}
    for row in sorted(rows, key=lambda row: (row.language != preferred, row.language)):
        summaries.setdefault(row.paper_id, row)
    return summaries


def one_line(text: str) -> str:
    return " ".join(text.split())


def _indented(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}".rstrip() for line in text.splitlines())


def _citation_export(
    citation_format: str, write: Callable[[Sequence[Entry], ListText], Iterator[str]], *, name: str
) -> ExportFormat:
    cited = FORMATS[citation_format]
    return ExportFormat(name, cited.label, cited.media_type, cited.extension, write)


EXPORT_FORMATS: dict[str, ExportFormat] = {
    export.name: export
    for export in (
        _citation_export("bibtex", _write_bibtex, name="bibtex"),
        _citation_export("ris", _write_ris, name="ris"),
        _citation_export("csl", _write_csl, name="csl-json"),
        _citation_export("endnote", _write_endnote, name="endnote"),
        _citation_export("zotero", _write_zotero, name="zotero"),
        _citation_export("markdown", _write_list, name="markdown"),
        _citation_export("text", _write_text, name="text"),
        ExportFormat("digest", gettext_lazy("Markdown with summaries"), "text/markdown", "md", _write_digest),
    )
}
ALIASES = {"csl": "csl-json"}  # the name in /cite/


def find_format(name: str) -> ExportFormat | None:
    return EXPORT_FORMATS.get(ALIASES.get(name, name))
