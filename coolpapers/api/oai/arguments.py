"""Arguments of requests, checked. Start at :func:`read_arguments`; lists continue by :func:`read_token`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.http import QueryDict

from coolpapers.api.oai.errors import OaiError

# verb → arguments that it needs, and those that it takes
VERBS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SALT = "coolpapers.api.oai"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """What a list contains. ``since`` and ``until`` are whole seconds, both included; ``set_spec`` "" means all."""

    prefix: str
    set_spec: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The last item of a page: its revision, whether it is a deleted one, and its row number."""

    revision: int = 0
    is_deleted: bool = False
    pk: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """Where a list goes on. ``n_before`` items were listed before; ``n_total`` is None where it was not counted."""

    request: ListRequest
    position: Position = Position()
    n_before: int = 0
    n_total: int | None = None


def read_arguments(query: QueryDict) -> dict[str, str]:
    """The arguments with ``verb``, each once. Raises OaiError."""
    verbs = query.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OaiError("badVerb", f"verb must be one of {', '.join(VERBS)}, once")
    required, optional = VERBS[verbs[0]]
    for name in query:
        if name != "verb" and name not in required | optional:
            raise OaiError("badArgument", f"{verbs[0]} takes no argument {name[:60]!r}")
        if len(query.getlist(name)) > 1:
            raise OaiError("badArgument", f"{name} is given more than once")
        if not query[name]:
            raise OaiError("badArgument", f"{name} is empty")
    arguments = {name: str(query[name]) for name in query}
    if "resumptionToken" in arguments:
        if len(arguments) > 2:
            raise OaiError("badArgument", "resumptionToken excludes all other arguments")
        return arguments
    missing = required - arguments.keys()
    if missing:
        raise OaiError("badArgument", f"{verbs[0]} needs {', '.join(sorted(missing))}")
    return arguments


def read_list_request(arguments: Mapping[str, str]) -> ListRequest:
    """Raises OaiError for a date that is none, or an empty range."""
    since, until = arguments.get("from", ""), arguments.get("until", "")
    if since and until and len(since) != len(until):
        raise OaiError("badArgument", "from and until must have the same granularity")
    request = ListRequest(
        prefix=arguments["metadataPrefix"],
        set_spec=arguments.get("set", ""),
        since=_moment("from", since) if since else None,
        until=_moment("until", until) if until else None,
    )
    if request.until is not None and _DAY.fullmatch(until):
        request = replace(request, until=request.until + timedelta(days=1, seconds=-1))
    if request.since and request.until and request.since > request.until:
        raise OaiError("badArgument", "from is later than until")
    return request


def _moment(name: str, text: str) -> datetime:
    try:
        if _DAY.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        if _SECOND.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise OaiError("badArgument", f"{name} must be a day, 2024-05-31, or a second, 2024-05-31T12:00:00Z")


def write_token(verb: str, continuation: Continuation) -> str:
    """A resumption token: it holds everything, so that the server keeps nothing and the token never expires."""
    request, position = continuation.request, continuation.position
    moments = [moment.timestamp() if moment else None for moment in (request.since, request.until)]
    place = [position.revision, int(position.is_deleted), position.pk]
    counts = [continuation.n_before, continuation.n_total]
    return signing.dumps([verb, request.prefix, request.set_spec, *moments, *place, *counts], salt=_SALT)


def read_token(verb: str, token: str) -> Continuation:
    """Raises OaiError for a token that this site did not write for the verb."""
    try:
        written_for, prefix, set_spec, since, until, revision, deleted, pk, n_before, n_total = signing.loads(
            token, salt=_SALT
        )
    except (signing.BadSignature, ValueError, TypeError) as exc:
        raise OaiError("badResumptionToken", "this site did not write the token; begin the list again") from exc
    if written_for != verb:
        raise OaiError("badResumptionToken", f"the token continues {written_for}")
    bounds = [datetime.fromtimestamp(moment, UTC) if moment is not None else None for moment in (since, until)]
    request = ListRequest(prefix=prefix, set_spec=set_spec, since=bounds[0], until=bounds[1])
    position = Position(revision, bool(deleted), pk)
    return Continuation(request=request, position=position, n_before=n_before, n_total=n_total)
