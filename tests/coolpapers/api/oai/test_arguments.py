from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from coolpapers.api.oai.arguments import (
    Continuation,
    ListRequest,
    Position,
    read_arguments,
    read_list_request,
    read_token,
    write_token,
)
from coolpapers.api.oai.errors import OaiError


def test_a_last_day_is_included_whole() -> None:
    request = read_list_request({"metadataPrefix": "oai_dc", "from": "2024-05-01", "until": "2024-05-01"})
    assert request.since == datetime(2024, 5, 1, tzinfo=UTC)
    assert request.until == datetime(2024, 5, 1, 23, 59, 59, tzinfo=UTC)


def test_a_token_holds_the_whole_list() -> None:
    request = ListRequest(prefix="oai_dc", set_spec="venue:ICLR", since=datetime(2024, 5, 1, 12, tzinfo=UTC))
    continuation = Continuation(request=request, position=Position(7, True, 3), n_before=250, n_total=900)
    token = write_token("ListRecords", continuation)
    assert read_token("ListRecords", token) == continuation


def test_a_token_of_another_verb_or_site_is_refused() -> None:
    token = write_token("ListRecords", Continuation(request=ListRequest(prefix="oai_dc")))
    for verb, text in (("ListIdentifiers", token), ("ListRecords", token[:-1] + "!"), ("ListRecords", "")):
        with pytest.raises(OaiError) as caught:
            read_token(verb, text)
        assert caught.value.code == "badResumptionToken"


def test_an_empty_argument_is_named() -> None:
    with pytest.raises(OaiError, match="set is empty"):
        read_arguments(QueryDict("verb=ListRecords&metadataPrefix=oai_dc&set="))
