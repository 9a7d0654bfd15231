"""Web addresses of papers, parsed to identifiers. Pure. Start at :func:`parse_address`.

:data:`_SITES` has one entry per site: its hosts and a pattern of its paths. To add a site, add an entry, and a label of
its source to :data:`.identifier_forms.SOURCE_LABELS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from search.vocabulary.identifier_forms import SOURCE_BY_LABEL, Identifier, parse_bare

_Identify = Callable[[re.Match[str]], Identifier | None]


@dataclass(frozen=True, slots=True)
class Site:
    """Hosts (a leading dot means any subdomain), a pattern of paths, and what makes an identifier of a match."""

    hosts: tuple[str, ...]
    path: re.Pattern[str]
    identify: _Identify


def _site(hosts: str, path: str, identify: _Identify) -> Site:
    return Site(tuple(hosts.split()), re.compile(path, re.IGNORECASE), identify)


def _named(source: str, form: str = "{0}") -> _Identify:
    """An identifier of a source, formatted from the groups of the path."""
    return lambda match: Identifier(source, form.format(*match.groups()))


def _bare(prefix: str) -> _Identify:
    """The first group is a bare identifier of the kind that the prefix names."""
    return lambda match: parse_bare(prefix + match[1])


def _ijcai(match: re.Match[str]) -> Identifier:
    return Identifier("ijcai", f"{match[1]}/{int(match[2])}")


def _labelled(match: re.Match[str]) -> Identifier | None:
    """``/venue/<ident>@<label>``, the form of papers.cool and of this site."""
    source = SOURCE_BY_LABEL.get(match[2].lower())
    return Identifier(source, match[1]) if source else None


_SITES = (
    _site(
        "arxiv.org .arxiv.org ar5iv.org xxx.lanl.gov alphaxiv.org www.alphaxiv.org",
        r"/(?:abs|pdf|html|e-print|format|ps|src|overview|paper)/(.+?)(?:\.pdf)?/?",
        _bare("arxiv:"),
    ),
    _site("huggingface.co hf.co", r"/papers/([^/]+)/?", _bare("arxiv:")),
    _site("papers.cool", r"/arxiv/([^,]+)", _bare("arxiv:")),
    _site("papers.cool", r"/venue/([^@]+)@([A-Za-z]+)", _labelled),
    _site("scirate.com", r"/arxiv/(.+)", _bare("arxiv:")),
    _site("doi.org dx.doi.org www.doi.org", r"/(10\..+)", _bare("doi:")),
    _site("dl.acm.org", r"/doi/(?:abs/|pdf/|full/|fullHtml/)?(10\..+)", _bare("doi:")),
    _site("link.springer.com", r"/(?:article|chapter|book)/(10\..+)", _bare("doi:")),
    _site("onlinelibrary.wiley.com", r"/doi/(?:abs/|pdf/|full/)?(10\..+)", _bare("doi:")),
    _site(
        "aclanthology.org www.aclanthology.org aclanthology.info",
        r"/(?:papers/)?([^/]+?)(?:\.pdf)?/?",
        _bare("acl:"),
    ),
    _site("www.aclweb.org aclweb.org", r"/anthology/(?:[A-Z]/[A-Z]\d\d/)?([^/]+?)(?:\.pdf)?/?", _bare("acl:")),
    _site("proceedings.mlr.press", r"/([vr]\d+)/([^/]+?)(?:\.html|\.pdf|/[^/]+\.pdf)?/?", _named("pmlr", "{0}/{1}")),
    _site("jmlr.org www.jmlr.org", r"/proceedings/papers/(v\d+)/([^/]+?)\.(?:html|pdf)", _named("pmlr", "{0}/{1}")),
    _site("www.ijcai.org ijcai.org", r"/proceedings/(\d{4})/0*([1-9]\d*)(?:\.pdf)?/?", _ijcai),
    _site(
        "papers.nips.cc proceedings.neurips.cc papers.neurips.cc",
        r"/paper(?:_files/paper)?/(\d{4})/(?:hash|file)/([0-9a-f]{32})-.*",
        _named("neurips", "{0}/{1}"),
    ),
    _site("papers.nips.cc papers.neurips.cc", r"/paper/(\d+)-[^/]*", _named("neurips")),
    _site("nips.cc neurips.cc", r"/virtual/(\d{4})/(?:poster|oral|spotlight)/(\d+)/?", _named("neurips", "{0}/{1}")),
    _site("icml.cc", r"/virtual/(\d{4})/(?:poster|oral|spotlight)/(\d+)/?", _named("icml", "{0}/{1}")),
    _site("iclr.cc", r"/virtual/(\d{4})/(?:poster|oral|spotlight)/(\d+)/?", _named("iclr", "{0}/{1}")),
    _site("openaccess.thecvf.com", r"/.+/(?:html|papers)/(?:[^/]+/)?([^/]+?)_paper\.(?:html|pdf)", _named("cvf")),
    _site("www.ecva.net ecva.net", r"/.+/([^/]*ECCV_\d{4}[^/]*?)_paper\.(?:php|html|pdf)", _named("ecva")),
    _site(
        "www.roboticsproceedings.org roboticsproceedings.org",
        r"/(rss\d+)/(p\d+)\.(?:html|pdf)",
        _named("rss", "{0}/{1}"),
    ),
    _site("aaai.org www.aaai.org", r"/papers/(\d+-[^/]+)/?", _named("aaai")),
    _site("ojs.aaai.org", r"/index\.php/AAAI/article/(?:view|download)/(\d+)(?:/\d+)?/?", _named("aaai")),
    _site("ieeexplore.ieee.org", r"/(?:abstract/)?document/(\d+)/?", _named("ieee")),
)


def parse_address(text: str) -> Identifier | None:
    """The paper at an http(s) address, or None; the scheme may be missing."""
    if "/" not in text:
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, path = (parts.hostname or ""), unquote(parts.path)
    except ValueError:  # urlsplit rejects "http://[" and the like
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if host in ("openreview.net", "www.openreview.net"):
        return _parse_openreview(path, parts.query)
    for site in _sites_of(host):
        if match := site.path.fullmatch(path):
            return site.identify(match)
    return None


@lru_cache(maxsize=256)
def _sites_of(host: str) -> tuple[Site, ...]:
    return tuple(site for site in _SITES if any(_is_host(host, name) for name in site.hosts))


def _is_host(host: str, name: str) -> bool:
    return host == name or (name.startswith(".") and host.endswith(name))


def _parse_openreview(path: str, query: str) -> Identifier | None:
    """``/forum?id=``, ``/pdf?id=``, ``/attachment?id=``."""
    if path.strip("/") not in ("forum", "pdf", "attachment"):
        return None
    forum = parse_qs(query).get("id", [""])[0]
    return parse_bare(f"openreview:{forum}") if forum else None
