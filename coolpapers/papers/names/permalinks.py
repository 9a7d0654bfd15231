"""Where a paper, an author's papers and a venue live on this site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlsplit

from django.urls import get_script_prefix, reverse

from search.vocabulary.identifier_forms import SOURCE_LABELS

_PLAIN_ADDRESS = re.compile(r"https?://([a-z0-9][a-z0-9.-]*)(?:[/?#]|$)")


class NamedSource(Protocol):
    """A record of a paper in a source, as addresses need it."""

    @property
    def pk(self) -> Any: ...
    @property
    def key(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def ident(self) -> str: ...


class NamedPaper(Protocol):
    """A paper, as addresses need it; ``sources`` is a manager of :class:`NamedSource` records."""

    @property
    def key(self) -> str: ...
    @property
    def arxiv_id(self) -> str: ...
    @property
    def sources(self) -> Any: ...


_UNQUOTED = "!$&'()*+,;=/~:@"  # what reverse leaves as it is: sub-delims of RFC 3986 and "/~:@"
_QUOTED = {code: quoted for code in range(128) if (quoted := quote(chr(code), safe=_UNQUOTED)) != chr(code)}
_PLACEHOLDER = "0-placeholder-0"

Source = TypeVar("Source", bound=NamedSource)


def source_label(source: str) -> str:
    """How an address names a source: ``@ACL``; sources without a name of their own are ``@File``."""
    return SOURCE_LABELS.get(source, SOURCE_LABELS["file"])


def paper_name(paper: NamedPaper) -> str:
    """How addresses name a paper: its arXiv id, else the ident of its first source as ``<ident>@<source>``.

    Reads ``paper.sources``; prefetch them for a list.
    """
    if paper.arxiv_id:
        return paper.arxiv_id
    source = first_source(paper.key, paper.sources.all())
    if source is None:  # a paper typed in by hand
        return f"{paper.key}@{source_label('file')}"
    return f"{source.ident}@{source_label(source.source)}"


def paper_path(paper: NamedPaper) -> str:
    """The address of a paper's page; see :func:`paper_name`."""
    view = "papers:show_arxiv" if paper.arxiv_id else "papers:show_venue"
    return view_path(view, paper_name(paper))


def first_source(key: str, sources: Iterable[Source]) -> Source | None:
    """The record the paper was first met in, or the oldest one left."""
    ordered = sorted(sources, key=lambda source: (source.key != key, source.pk))
    return ordered[0] if ordered else None


def author_path(name: str) -> str:
    """The address of an author's papers."""
    return author_paths([name])[0]


def author_paths(names: Iterable[str]) -> list[str]:
    """The address of the papers of each author."""
    path_of = path_maker("search:show_author")
    plain_names = (" ".join(name.replace("/", " ").replace("\0", " ").split()) for name in names)
    # "." and ".." would be steps in the address
    return [path_of(name) if name.strip(".") else view_path("search:find_author") for name in plain_names]


def venue_path(slug: str, year: int | None) -> str:
    return view_path("papers:show_venue", f"{slug}.{year}" if year else slug)


def category_path(code: str) -> str:
    return view_path("papers:show_arxiv", code)


def view_path(view: str, *arguments: str) -> str:
    """As ``reverse``, for views whose address ends in at most one path.

    A page of cards has some 200 links, and ``reverse`` takes 70 µs for each: it runs once for each view.
    """
    before, after = _address_frame(get_script_prefix(), view, len(arguments))
    return before + _quote(arguments[0]) + after if arguments else before


def path_maker(view: str) -> Callable[[str], str]:
    """:func:`view_path` of a view with one argument, for many addresses: it asks once where the site begins."""
    before, after = _address_frame(get_script_prefix(), view, 1)
    return lambda argument: before + _quote(argument) + after


def _quote(value: str) -> str:
    """As ``quote(value, safe=_UNQUOTED)``, which takes four times as long for ASCII text; a page has 200 links."""
    return value.translate(_QUOTED) if value.isascii() else quote(value, safe=_UNQUOTED)


@lru_cache(maxsize=256)
def _address_frame(_prefix: str, view: str, n_arguments: int) -> tuple[str, str]:
    before, _, after = reverse(view, args=[_PLACEHOLDER] * n_arguments).partition(_PLACEHOLDER)
    return before, after


def clean_spec(text: str) -> str:
    """The part of an address that names papers or lists, without a final slash and without NUL, which
    PostgreSQL refuses to look for."""
    return text.replace("\0", "").rstrip("/")


def web_address(url: str) -> str:
    """The address if a page may link to it, else "": sources can hold ``javascript:``, ``http://[`` and worse."""
    return url if url.startswith(("https://", "http://")) and host_of(url) else ""


def host_of(url: str) -> str:
    """The host of an address in lower case; "" where it has none or cannot be read (``http://[``, a port of 99999)."""
    if plain := _PLAIN_ADDRESS.match(url):  # nearly all; urlsplit would take a tenth of an import
        return plain[1]
    try:
        parts = urlsplit(url)
        return "" if parts.port == 0 else parts.hostname or ""
    except ValueError:
        return ""
