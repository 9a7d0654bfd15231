"""Citations for people: one line a paper, as plain text or as Markdown."""

from __future__ import annotations

import re

from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.citations.tex_math import split_math
from coolpapers.papers.citations.work import CitedWork, Kind

# Names written out before "et al."; bibliographic styles allow about twenty (APA 7).
MAX_AUTHORS = 20

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~]|^#|(?<=\s)#)")


def format_plain(entries: list[tuple[str, CitedWork]]) -> str:
    """One line a work: ``Authors (year). Title. Container. arXiv:id [class]. https://…``."""
    return "".join(_plain_line(work) for _, work in entries)


def format_markdown(entries: list[tuple[str, CitedWork]]) -> str:
    """One list item a work, the title a link; formulas stay in their dollars."""
    return "".join(_markdown_line(work) for _, work in entries)


def format_abstract(entries: list[tuple[str, CitedWork]]) -> str:
    """Title, authors, address and abstract of each work, as one copies them into notes or a question."""
    return "\n".join(_abstract_block(work) for _, work in entries)


def _abstract_block(work: CitedWork) -> str:
    head = [plain_text(work.title), ", ".join(name.natural for name in work.authors), work.url]
    parts = ["\n".join(part for part in head if part), plain_text(work.abstract)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain_line(work: CitedWork) -> str:
    parts = [_authors_and_year(work), plain_text(work.title), _where(work), _eprint(work)]
    return " ".join([*(_sentence(part) for part in parts if part), work.url]).strip() + "\n"


def _markdown_line(work: CitedWork) -> str:
    title = escape_markdown(plain_text(work.title))
    linked = f"[{title}]({_link(work.url)})" if work.url else title
    where = _where(work)
    parts = [
        _sentence(escape_markdown(_authors_and_year(work))),
        linked + ("" if title.endswith(("?", "!", ".")) else "."),
        f"*{escape_markdown(where)}*." if where else "",
        _sentence(escape_markdown(_eprint(work))) if work.arxiv_id else "",
    ]
    return "- " + " ".join(part for part in parts if part) + "\n"


def _authors_and_year(work: CitedWork) -> str:
    names = [name.natural for name in work.authors[:MAX_AUTHORS]]
    listed = ", ".join(names) + (" et al." if len(work.authors) > MAX_AUTHORS else "")
    return f"{listed} ({work.year})".strip() if work.year else listed


def _where(work: CitedWork) -> str:
    """Container, volume(issue), pages."""
    if not work.container:
        return work.note
    volume = work.volume + (f"({work.issue})" if work.issue else "")
    return ", ".join(part for part in (plain_text(work.container), volume, work.pages.replace("-", "–")) if part)


def _eprint(work: CitedWork) -> str:
    if not work.arxiv_id:
        return f"doi:{work.doi}" if work.doi and work.kind is not Kind.PREPRINT else ""
    return f"arXiv:{work.arxiv_id}" + (f" [{work.primary_class}]" if work.primary_class else "")


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is; formulas stay in their dollars."""
    return "".join(
        piece if is_math else _MARKDOWN.sub(r"\\\1", piece.replace("&", "&amp;")) for piece, is_math in split_math(text)
    )


def _link(url: str) -> str:
    return re.sub(r"[()<>\s\\]", lambda match: f"%{ord(match[0]):02X}", url)
