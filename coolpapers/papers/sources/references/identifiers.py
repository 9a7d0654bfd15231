"""arXiv ids and DOIs of a reference, from wherever bibliographies put them. Pure.

Forms met: ``eprint = {2101.00005}``, ``volume = {abs/2101.00005}`` (Semantic Scholar, DBLP),
``journal = {arXiv preprint arXiv:2101.00005}`` (Google Scholar), ``eid = {arXiv:2101.00005}`` (ADS),
``eprint = "hep-th/9711200"`` (INSPIRE),
``note = {arXiv:2101.00009 [cs]}`` (Zotero),
addresses, and DOIs in ``url``, ``ee`` and ``note`` (ACM, DBLP).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from search.vocabulary.identifier_forms import OLD_ARCHIVES
from search.vocabulary.identifiers import canonical_arxiv, canonical_doi, parse_identifier

_ID = r"([a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?!\d)"
_NAMED_ARXIV = re.compile(rf"(?:ar[xX]iv|CoRR)(?:\.org)?[\w\s-]{{0,20}}?[:.\s/]\s*(?:abs/)?{_ID}", re.IGNORECASE)
_ABS = re.compile(rf"abs/{_ID}", re.IGNORECASE)
# An arXiv id in a note is the paper's own where the note begins with it; "Comment on arXiv:…" names another paper.
_ARXIV_NOTE = re.compile(
    rf"(?:(?:e-?print|preprint|(?:available|published) (?:at|as|from|on)|version|see|also|in|the|an|as|at)\W+)*"
    rf"ar[xX]iv(?:\.org)?[\w\s-]{{0,20}}?[:.\s/]\s*(?:abs/)?{_ID}",
    re.IGNORECASE,
)
_BIBCODE = re.compile(r"\b\d{4}arXiv(\d{4})\.?(\d{4,5})[A-Z]")
_DOI = re.compile(r"\b10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{},;\ufffd]+")
_DOI_NOTE = re.compile(r"\W*(?:doi|https?://(?:dx\.)?doi\.org)\b", re.IGNORECASE)
_CLASS = re.compile(r"\[([a-z-]+(?:\.[A-Za-z-]{2,})?)\]")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}]+")
_MAX_TEXT = 2_000  # characters looked at; an identifier stands near the beginning

_ARXIV_FIELDS = (
    "arxiv", "arxivid", "eid", "journal", "journaltitle", "volume", "number", "pages", "series", "howpublished", "type",
    "publisher", "institution", "booktitle",
)  # fmt: skip
_NOTES = ("note", "annote", "addendum", "pubstate", "extra", "comment")
_ADDRESSES = ("url", "ee", "link", "pdf", "biburl", "adsurl", "bdsk-url-1", "howpublished", "note")
_DOI_FIELDS = ("doi", "eprint", "eid", "number", "pages", "volume", "journal", "howpublished")


def find_arxiv_id(fields: Mapping[str, str]) -> str:
    """The canonical arXiv id of a reference whose fields are given by BibTeX's names; empty where there is none."""
    return next((found for text in _arxiv_candidates(fields) if (found := canonical_arxiv(text))), "")


def find_doi(fields: Mapping[str, str]) -> str:
    """The DOI of a reference, lower case without resolver; empty where there is none."""
    for name in _DOI_FIELDS:
        if found := _doi_in(_text(fields, name)):
            return found
    for name in _ADDRESSES:
        text = _text(fields, name)
        for address in _ADDRESS.findall(text):
            if doi := canonical_doi(address):
                return doi
    for name in _NOTES:
        text = _text(fields, name)
        if _DOI_NOTE.match(text) and (found := _doi_in(text)):
            return found
    return ""


def find_categories(fields: Mapping[str, str]) -> list[str]:
    """arXiv's classes: ``primaryclass`` or ``eprintclass``, or in brackets behind the id (``[cs.CL]``)."""
    named = _text(fields, "primaryclass") or _text(fields, "eprintclass")
    if named:  # "cs" is an archive of classes, "hep-th" a class
        return [named] if "." in named or "-" in named else []
    texts = (_text(fields, name) for name in ("journal", "journaltitle", "number", "note", "eprint", "eid", "pages"))
    found = (match[1] for text in texts if "arxiv" in text.lower() and (match := _CLASS.search(text)))
    return [code for code in found if "." in code or "-" in code][:1]  # [cs] is an archive, not a class


def is_arxiv_name(text: str) -> bool:
    """Whether a journal's or publisher's name only says arXiv: ``arXiv e-prints``, ``ArXiv``, ``CoRR``."""
    folded = text.strip().lower()
    return folded.startswith(("arxiv", "corr abs", "ar xiv")) or folded in ("corr", "computing research repository")


def _arxiv_candidates(fields: Mapping[str, str]) -> Iterator[str]:
    prefix = (_text(fields, "archiveprefix") or _text(fields, "eprinttype")).lower()
    eprint = _text(fields, "eprint")
    if prefix in ("", "arxiv", "arxiv.org") or "arxiv" in eprint.lower():
        yield _CLASS.sub("", eprint)
        yield from (match[1] for match in _NAMED_ARXIV.finditer(eprint))
    elif prefix in OLD_ARCHIVES:
        yield f"{prefix}/{eprint}"
        yield eprint
    for name in _ARXIV_FIELDS:
        text = _text(fields, name)
        if name in ("arxiv", "arxivid"):
            yield text
        if match := _NAMED_ARXIV.search(text) or _ABS.match(text):
            yield match[1]
    yield from (_text(fields, name) for name in ("doi",) if "arxiv" in _text(fields, name).lower())
    for name in _ADDRESSES:
        text = _text(fields, name)
        yield from (address for address in _ADDRESS.findall(text) if "arxiv" in address)
        if match := _BIBCODE.search(text):
            yield f"{match[1]}.{match[2]}"
    for name in _NOTES:
        if match := _ARXIV_NOTE.match(_text(fields, name)):
            yield match[1]


def _doi_in(text: str) -> str:
    """The first DOI in the text, which may be encoded for an address or escaped for TeX."""
    if "10." not in text:
        return ""
    text = text.replace("\\", "").replace("\ufffd", " ")
    whole = parse_identifier(text)
    if whole is not None:
        return whole.value if whole.source == "doi" else ""
    match = _DOI.search(unquote(text))
    return canonical_doi(match.group()) or "" if match else ""


def _text(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "")[:_MAX_TEXT].strip()
