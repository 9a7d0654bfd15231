"""Requests to the servers, with retries on other servers, and their failures as errors of this package."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from django.utils.translation import gettext_noop as _
from opensearchpy import Transport
from opensearchpy import exceptions as failures
from opensearchpy.serializer import JSONSerializer

from search.errors import IndexMissing, IndexUnavailable, QueryTooLarge, SearchError

# Attempts after a server that does not answer or is closing down, each at the next server.
MAX_RETRIES = 5
# Connections kept open to each server: the threads of one web process.
POOL_SIZE = 16
CHECK_SERVERS = _("check that OpenSearch runs and COOLPAPERS_OPENSEARCH_URL")
_RESULTS = {"allow_partial_search_results": "false"}
_NDJSON = {"content-type": "application/x-ndjson"}
_DOCUMENTS_A_SCROLL = 10_000
_SCROLL_S = 60.0
_BUSY = frozenset({429, 502, 503, 504})

# Its warnings are the attempts that fail; the last one is raised.
logging.getLogger("opensearch").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are. ``urls`` may contain user and password, with characters such as ``@`` percent-encoded.

    ``timeout_s`` limits one attempt of a search; writes have their own limits. ``ca_file`` has the certificates that
    may sign those of the servers; "": those of the system.
    """

    urls: tuple[str, ...]
    ca_file: str = ""
    timeout_s: float = 5.0


class Client:
    """One pool of connections for each process."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._opening = threading.Lock()
        self._opened: tuple[int, Transport] | None = None

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        accepted: tuple[int, ...] = (),
    ) -> Any:
        """Send a request with a JSON body, or lines of JSON as bytes; return the parsed answer.

        Answers with an ``accepted`` status are returned too, except that the index does not exist.

        Raises
        ------
        IndexMissing
            The index or alias does not exist.
        QueryTooLarge
            The query has more clauses than the server allows.
        IndexUnavailable
            No server answers, all are too busy, or they refuse the request. ``is_transient`` says whether a retry may
            succeed.
        """
        content = body if body is None or isinstance(body, bytes) else to_json(body)
        try:
            return self._transport().perform_request(
                method,
                path,
                params=dict(params or {}),
                body=content,
                timeout=timeout_s or self.servers.timeout_s,
                headers=_NDJSON if isinstance(body, bytes) else None,
            )
        except failures.TransportError as exc:
            error = _search_error(exc)
            if exc.status_code in accepted and not isinstance(error, IndexMissing):
                return exc.info if isinstance(exc.info, dict) else {}
            raise error from exc

    def search(self, index: str, body: Mapping[str, Any], *, preference: str = "") -> dict[str, Any]:
        """One search over all shards, with the statistics of all of them; an incomplete result is an error."""
        params = {
            **_RESULTS,
            "search_type": "dfs_query_then_fetch",
            **({"preference": preference} if preference else {}),
        }
        answer: dict[str, Any] = self.request("POST", f"/{index}/_search", body, params=params)
        return answer

    def search_many(
        self,
        index: str,
        bodies: Iterable[Mapping[str, Any]],
        *,
        is_scored: bool = True,
        timeout_s: float | None = None,
        preferences: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Several searches in one round trip, in order. ``is_scored``: by the statistics of all shards.

        ``preferences``: of each search, see :meth:`search`.
        """
        search_type = "dfs_query_then_fetch" if is_scored else "query_then_fetch"
        header = {"search_type": search_type, "allow_partial_search_results": False}
        headers = (
            ({**header, "preference": preference} for preference in preferences) if preferences else repeat(header)
        )
        pairs = zip(headers, bodies, strict=False)
        lines = b"".join(to_json(header) + b"\n" + to_json(body) + b"\n" for header, body in pairs)
        if not lines:
            return []
        answer = self.request("POST", f"/{index}/_msearch", lines, timeout_s=timeout_s)
        answers: list[dict[str, Any]] = answer["responses"]
        for answer in answers:
            if "error" in answer:
                raise error_of(int(answer.get("status", 500)), answer["error"])
        return answers

    def scroll(self, index: str, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The doc values of all documents, at one state of the index."""
        body = {
            "query": {"match_all": {}},
            "sort": ["_doc"],
            "size": _DOCUMENTS_A_SCROLL,
            "docvalue_fields": list(fields),
            "_source": False,
            "stored_fields": "_none_",
        }
        params = {"scroll": "1m", **_RESULTS}
        answer = self.request("POST", f"/{index}/_search", body, params=params, timeout_s=_SCROLL_S)
        try:
            while hits := answer["hits"]["hits"]:
                yield from (hit["fields"] for hit in hits)
                step = {"scroll": "1m", "scroll_id": answer["_scroll_id"]}
                answer = self.request("POST", "/_search/scroll", step, timeout_s=_SCROLL_S)
        finally:
            with suppress(SearchError):
                self.request("DELETE", "/_search/scroll", {"scroll_id": answer["_scroll_id"]})

    def close(self) -> None:
        with self._opening:
            if self._opened is not None:
                self._opened[1].close()
            self._opened = None

    def _transport(self) -> Transport:
        """The connections of this process: those of its parent must not be shared after a fork."""
        opened = self._opened
        if opened is not None and opened[0] == os.getpid():
            return opened[1]
        with self._opening:
            if self._opened is None or self._opened[0] != os.getpid():
                self._opened = (os.getpid(), _open(self.servers))
            return self._opened[1]


def to_json(value: Any) -> bytes:
    """JSON in UTF-8; lone surrogates, which it cannot encode, are replaced."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_without_surrogates(value))


def error_of(status: int, error: Any) -> SearchError:
    """The exception of a failed request or of a failed part of one."""
    kinds = _kinds(error)
    reason = _reason(error)
    if "index_not_found_exception" in kinds or (status == 404 and reason.startswith("alias [")):
        return IndexMissing("There is no search index on the OpenSearch servers; run manage.py rebuild_index.")
    if kinds & {"too_many_nested_clauses", "too_many_clauses"} or "maxClauseCount" in reason:
        return QueryTooLarge("The query has more words than the search server accepts.")
    if status in (401, 403):
        message = f"OpenSearch refuses the user of COOLPAPERS_OPENSEARCH_URL ({status}: {reason})."
        return IndexUnavailable(message, cure=_("check user, password and permissions of COOLPAPERS_OPENSEARCH_URL"))
    if "search_context_missing_exception" in kinds:
        message = "The search index was replaced during the search."
        return IndexUnavailable(message, cure=_("search again"), is_transient=True)
    if status in _BUSY:
        message = f"OpenSearch is too busy or has lost a node ({status}: {reason})."
        return IndexUnavailable(message, cure=_("wait, or check the health of the cluster"), is_transient=True)
    return IndexUnavailable(f"OpenSearch refuses the request ({status}: {reason}).", cure="manage.py rebuild_index")


def _search_error(exc: failures.TransportError) -> SearchError:
    if isinstance(exc, failures.ConnectionTimeout):
        message = f"OpenSearch does not answer in time ({_short(exc.info)})."
        return IndexUnavailable(message, cure=CHECK_SERVERS, is_transient=True)
    if isinstance(exc, failures.SSLError):
        message = f"The connection to OpenSearch is not trusted ({_short(exc.info)})."
        return IndexUnavailable(message, cure=_("check COOLPAPERS_OPENSEARCH_CA_FILE"))
    if isinstance(exc, failures.ConnectionError):
        message = f"OpenSearch cannot be reached ({_short(exc.info)})."
        return IndexUnavailable(message, cure=CHECK_SERVERS, is_transient=True)
    info = exc.info.get("error", exc.error) if isinstance(exc.info, dict) else exc.error
    return error_of(int(exc.status_code), info)


def _kinds(error: Any) -> set[str]:
    """The types of an error and of its causes."""
    if not isinstance(error, dict):
        return {str(error)}
    causes = [*error.get("root_cause", ()), *(part.get("reason") for part in error.get("failed_shards", ()))]
    nested = (_kinds(cause) for cause in (*causes, error.get("caused_by")) if isinstance(cause, dict))
    return {str(error.get("type"))}.union(*nested)


def _reason(error: Any) -> str:
    if not isinstance(error, dict):
        return _short(error)
    causes = error.get("root_cause") or [error]
    return _short(causes[0].get("reason") or error.get("reason") or error.get("type"))


def _short(text: object) -> str:
    return " ".join(str(text).split())[:300]


def _open(servers: Servers) -> Transport:
    serializer = _OrjsonSerializer()
    return Transport(
        [_host(url, servers) for url in servers.urls],
        serializer=serializer,
        serializers={JSONSerializer.mimetype: serializer},
        max_retries=MAX_RETRIES,
        retry_on_timeout=len(servers.urls) > 1,
        pool_maxsize=POOL_SIZE,
        timeout=servers.timeout_s,
        http_compress=False,
        # A server that failed is asked again after so many seconds, and after twice as many when it fails again.
        dead_timeout=5,
    )


def _host(url: str, servers: Servers) -> dict[str, Any]:
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    host: dict[str, Any] = {
        "host": parts.hostname or "localhost",
        "port": parts.port or (443 if is_tls else 9200),
        "use_ssl": is_tls,
        "url_prefix": parts.path.strip("/"),
    }
    if parts.username is not None:
        host["http_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    if is_tls:
        host["ca_certs"] = servers.ca_file or None
    return host


class _OrjsonSerializer(JSONSerializer):
    def loads(self, s: str) -> Any:
        return orjson.loads(s)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
