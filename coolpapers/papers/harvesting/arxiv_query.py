"""Single arXiv papers: from arXiv's query API (https://info.arxiv.org/help/api/user-manual.html) or by OAI-PMH."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from coolpapers.papers.errors import PapersError, SourceFormatError
from coolpapers.papers.harvesting.fetching import PoliteClient
from coolpapers.papers.harvesting.oai_pages import malformed
from coolpapers.papers.records.record import Item, Record, Refusal
from coolpapers.papers.sources.arxiv.atom import ArxivAtomSource
from coolpapers.papers.sources.arxiv.oai import ArxivOaiSource
from coolpapers.papers.sources.xml import iter_elements

ARXIV_API_URL = "https://export.arxiv.org/api/query"
_IDS_A_REQUEST = 100


def query_arxiv(ids: Sequence[str], *, client: PoliteClient, url: str = ARXIV_API_URL) -> Iterator[Item]:
    """Records of arXiv ids (canonical, without version), and a refusal for each that arXiv does not know.

    Raises SourceUnavailable where arXiv gives no usable answer.
    """
    source = ArxivAtomSource()
    for start in range(0, len(ids), _IDS_A_REQUEST):
        asked = ids[start : start + _IDS_A_REQUEST]
        params = {"id_list": ",".join(asked), "max_results": str(len(asked))}
        items = list(source.read(io.BytesIO(client.get(url, params, accept=_malformed)), name=url))
        yield from items
        found = {item.ident for item in items if isinstance(item, Record)}
        if any(isinstance(item, Refusal) for item in items):
            continue  # arXiv answers one wrong id with an error for all; the refusal says which
        yield from (Refusal(url, 0, "id", f"arXiv has no paper {missing}") for missing in asked if missing not in found)


def get_records(base_url: str, ids: Sequence[str], *, client: PoliteClient, metadata_prefix: str) -> Iterator[Item]:
    """Records of arXiv ids from an OAI-PMH repository (GetRecord), and a refusal for each that it does not give.

    Raises SourceUnavailable where the repository gives no usable answer.
    """
    for ident in ids:
        params = {"verb": "GetRecord", "identifier": f"oai:arXiv.org:{ident}", "metadataPrefix": metadata_prefix}
        data = client.get(base_url, params, accept=malformed)
        try:
            items = list(ArxivOaiSource().read(io.BytesIO(data), name=base_url))
        except PapersError as exc:
            items = [Refusal(base_url, 0, "id", f"{ident}: {exc}")]
        yield from items or [Refusal(base_url, 0, "id", f"the repository has no paper {ident}")]


def _malformed(data: bytes) -> str:
    """What is wrong with an answer as a feed; a notice of maintenance is none."""
    try:
        tags = [element.tag for element in iter_elements(io.BytesIO(data), start={"feed"}, end=())]
    except SourceFormatError as exc:
        return str(exc)
    return "" if tags else "not an Atom feed"
