from __future__ import annotations

from datetime import date

from search.engines.opensearch.mapping import (
    MAX_ID_BYTES,
    PRESENCE,
    document_id,
    document_source,
    index_body,
    month_number,
)
from search.engines.streams import MAIN_STREAMS, SET_STREAMS
from tests.search.make import make_document


def test_every_stream_has_the_mark_of_presence_even_where_it_is_empty() -> None:
    source = document_source(make_document("p:0", title="Deep graphs"))
    assert source["title"] == f"{PRESENCE}deep graph"
    assert source["comment"] == PRESENCE
    assert all(source[stream].startswith(PRESENCE) for stream in (*MAIN_STREAMS, *SET_STREAMS))


def test_the_mapping_has_every_part_of_a_document() -> None:
    body = index_body(shards=2, replicas="0-1")
    source = document_source(make_document("p:0", venue_facet="ICLR 2020"))
    assert set(source) == set(body["mappings"]["properties"])
    assert body["mappings"]["dynamic"] == "strict"


def test_replicas_are_a_number_or_a_range() -> None:
    settings = [index_body(shards=1, replicas=value)["settings"]["index"] for value in ("2", "0-1")]
    assert settings[0]["number_of_replicas"] == 2
    assert settings[1]["auto_expand_replicas"] == "0-1"
    assert "number_of_replicas" not in settings[1]


def test_ids_are_keys_or_short_and_different() -> None:
    assert document_id("arxiv:2401.00001") == "arxiv:2401.00001"
    ids = {document_id("ä" * 600 + str(n)) for n in range(3)}
    assert len(ids) == 3
    assert all(len(name.encode()) <= MAX_ID_BYTES for name in ids)
    assert document_id("p:\ud800") == "p:?"


def test_months_are_numbers_in_order() -> None:
    assert month_number(0) == 0
    assert month_number(date(2024, 2, 29).toordinal()) == 12 * 2024 + 1
    assert month_number(date(1, 1, 1).toordinal()) == 12
