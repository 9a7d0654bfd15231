"""The JSON API from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from coolpapers.api.mcp.personal import star
from coolpapers.api.models import make_token
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.library import MONDAY, WEDNESDAY, make_paper

pytestmark = pytest.mark.django_db


def get(client: Client, address: str, *, status: int = 200) -> Any:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == status, response.content
    media_type = "application/json; charset=utf-8" if status < 400 else "application/problem+json"
    assert response.headers["Content-Type"] == media_type
    return response.json()


def titles(papers: list[dict[str, Any]]) -> list[str]:
    return [paper["title"] for paper in papers]


@pytest.mark.parametrize(
    "ident",
    ["arxiv:2603.00002", "2603.00002v3", "https://arxiv.org/abs/2603.00002", "10.1000/abc", "doi:10.1000/ABC"],
)
def test_a_paper_is_found_by_any_of_its_ids(client: Client, library: list[Paper], ident: str) -> None:
    paper = get(client, f"papers/{ident}")
    assert paper["id"] == "arxiv:2603.00002"
    assert paper["title"] == "Attention for $x<y$ graphs"
    assert paper["authors"] == ["Ada Lovelace", "Alan Turing"]
    assert paper["announced"] == "2026-03-03"
    assert paper["page"] == "http://testserver/arxiv/2603.00002"
    assert paper["sources"] == [
        {"name": "arXiv", "id": "2603.00002", "url": "https://arxiv.org/abs/2603.00002", "pdf_url": ""}
    ]
    assert "versions" not in paper


def test_ids_with_slashes_and_sources_are_found(client: Client, library: list[Paper]) -> None:
    assert get(client, "papers/hep-th/9901001")["title"] == "Strings & branes"
    assert get(client, "papers/abcDEF123@OpenReview")["venue"] == "ICLR"


def test_only_the_requested_fields_are_returned(client: Client, library: list[Paper]) -> None:
    paper = get(client, "papers/2603.00004?fields=title,versions")
    assert paper == {
        "id": "arxiv:2603.00004",
        "title": "Trees of graphs",
        "versions": [
            {"number": 1, "date": "2026-03-04", "note": ""},
            {"number": 2, "date": "2026-03-13", "note": ""},
        ],
    }


def test_an_unknown_field_is_named(client: Client, library: list[Paper]) -> None:
    problem = get(client, "papers/2603.00004?fields=titel", status=400)
    assert problem["where"] == "fields"
    assert "titel" in problem["detail"]
    assert "title" in problem["cure"]


def test_an_unknown_paper_is_not_found(client: Client, library: list[Paper]) -> None:
    problem = get(client, "papers/2603.09999", status=404)
    assert problem["type"] == "urn:coolpapers:not-here"
    assert problem["status"] == 404
    assert "2603.09999" in problem["detail"]


def test_several_papers_in_order_and_what_is_missing(client: Client, library: list[Paper]) -> None:
    answer = get(client, "papers?ids=2603.00004,nothing,2603.00001,arxiv:2603.00004&fields=title")
    assert titles(answer["papers"]) == ["Trees of graphs", "Graph neural networks"]
    assert answer["missing"] == ["nothing"]
    body = json.dumps({"ids": ["2603.00004", "nothing"], "fields": ["year"]})
    posted = client.post("/api/v1/papers", body, content_type="application/json").json()
    assert posted == {"papers": [{"id": "arxiv:2603.00004", "year": 2026}], "missing": ["nothing"]}


def test_search_with_everything(client: Client, library: list[Paper]) -> None:
    answer = get(client, "search?q=graphs&sort=newest&facets=category,year&explain=1&fields=title&category=cs.CL")
    assert titles([hit["paper"] for hit in answer["hits"]]) == [
        "Trees of graphs",
        "Attention for $x<y$ graphs",
        "Graph neural networks",
    ]
    assert answer["total"] == 3
    assert answer["next"] == ""
    assert answer["facets"]["year"] == [{"value": "2026", "count": 3}]
    assert answer["hits"][0]["explanation"]["bm25_score"] is not None
    assert get(client, "search?q=graphs&from=2026-03-04")["total"] == 1
    assert get(client, "search?q=graphs&to=2026-03-02&venue=ICLR")["total"] == 0


def test_a_query_error_has_its_position_and_cure(client: Client, library: list[Paper]) -> None:
    problem = get(client, "search?q=graph+%22neural", status=400)
    assert problem["type"] == "urn:coolpapers:bad-query"
    assert (problem["where"], problem["position"]) == ("q", 6)
    assert "quotation mark" in problem["cure"]
    assert get(client, "search?q=graph+%22neural&strict=false")["notes"]


def test_relaxing_is_reported_and_can_be_disabled(client: Client, library: list[Paper]) -> None:
    relaxed = get(client, "search?q=graph+zebra")
    assert relaxed["relaxed"]
    assert relaxed["total"] == 3
    assert get(client, "search?q=graph+zebra&relaxing=false")["total"] == 0


def test_it_says_where_the_papers_with_a_name_end(client: Client, named_library: list[Paper]) -> None:
    found = get(client, "search?q=car+C4.5&mode=hybrid&relaxing=true")
    assert found["names_first"] == {"names": ["C4.5"], "n_papers": 1}
    assert found["hits"][0]["paper"]["title"] == "A car of C4.5"
    assert found["total"] > 1
    second = get(client, "search?q=car+C4.5&mode=hybrid&start=1&limit=1")
    assert second["names_first"] == found["names_first"]
    assert get(client, "search?q=car&mode=hybrid")["names_first"] is None


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_cursors_page_through_a_search_while_papers_arrive(
    client: Client, library: list[Paper], index_papers: Callable[[], None], sort: str
) -> None:
    seen: list[str] = []
    address = cursor = f"search?q=paper+OR+graph+OR+strings+OR+trees&sort={sort}&limit=1&fields=title"
    while cursor:
        answer = get(client, address)
        seen += [hit["paper"]["id"] for hit in answer["hits"]]
        cursor = answer["next"]
        address = f"search?q=paper+OR+graph+OR+strings+OR+trees&sort={sort}&limit=1&fields=title&cursor={cursor}"
        if len(seen) == 2:
            make_paper(title="Graph graph graph strings trees", day=WEDNESDAY)
            index_papers()
    assert len(seen) == len(set(seen))
    assert {paper.key for paper in library} <= set(seen)


@pytest.mark.parametrize("question", ["category=cs.CL", "", "category=all-hep-th&sort=oldest", "venue=ICLR.2025"])
def test_cursors_page_through_a_list_while_papers_arrive(client: Client, library: list[Paper], question: str) -> None:
    whole = [paper["id"] for paper in get(client, f"list?{question}&limit=200")["papers"]]
    seen: list[str] = []
    answer = get(client, f"list?{question}&limit=1&fields=title")
    while True:
        seen += [paper["id"] for paper in answer["papers"]]
        if not answer["next"]:
            break
        make_paper(day=MONDAY - timedelta(1) if "oldest" in question else WEDNESDAY)  # in front of all
        answer = get(client, f"list?{question}&limit=1&fields=title&cursor={answer['next']}")
    assert seen == whole


def test_a_cursor_of_another_request_is_refused(client: Client, library: list[Paper]) -> None:
    cursor = get(client, "list?limit=1")["next"]
    assert get(client, f"list?limit=1&sort=oldest&cursor={cursor}", status=400)["where"] == "cursor"
    assert get(client, "list?cursor=nonsense", status=400)["where"] == "cursor"
    assert get(client, "search?q=graph&cursor=AAAA", status=400)["where"] == "cursor"


def test_invalid_lists_are_refused(client: Client, library: list[Paper]) -> None:
    assert get(client, "list?category=cs.XX", status=404)["where"] == "category"
    assert get(client, "list?venue=Nowhere", status=404)["where"] == "venue"
    assert get(client, "list?venue=ICLR&category=cs.CL", status=400)["where"] == "venue"


def test_related_papers_with_their_reasons(client: Client, library: list[Paper]) -> None:
    answer = get(client, "related/2603.00001?mode=bm25&explain=true&fields=title")
    assert "arxiv:2603.00001" not in [hit["paper"]["id"] for hit in answer["hits"]]
    assert answer["hits"]
    assert "words" in answer["hits"][0]["explanation"]["signals"]
    assert get(client, "related/nothing", status=404)["where"] == "id"


@pytest.mark.parametrize(("name", "beginning"), [("bibtex", "@misc{"), ("ris", "TY  - "), ("csl", "[")])
def test_citations(client: Client, library: list[Paper], name: str, beginning: str) -> None:
    response = client.get(f"/api/v1/cite/2603.00001,hep-th/9901001?format={name}")
    assert response.status_code == 200
    assert response.content.decode().startswith(beginning)
    assert response.content.decode().count("9901001") >= 1


def test_keywords_of_a_paper(client: Client, library: list[Paper]) -> None:
    answer = get(client, "keywords/2603.00001")
    assert answer["id"] == "arxiv:2603.00001"
    words = {one["word"].lower(): one["n_papers"] for one in answer["keywords"]}
    assert words["graph"] == 3
    assert "neural" not in words  # no other paper has it
    assert get(client, "keywords/nothing", status=404)["where"] == "id"


def test_the_most_starred_come_first_on_every_page(client: Client, library: list[Paper]) -> None:
    ada, bob = (get_user_model().objects.create(username=name) for name in ("ada", "bob"))
    star(ada, ["arxiv:2603.00001", "arxiv:2603.00002"])
    star(bob, ["arxiv:2603.00001"])
    answer = get(client, "search?q=graphs&sort=stars&limit=2&fields=title")
    rest = get(client, f"search?q=graphs&sort=stars&limit=2&fields=title&cursor={answer['next']}")
    ids = [hit["paper"]["id"] for hit in (*answer["hits"], *rest["hits"])]
    assert ids == ["arxiv:2603.00001", "arxiv:2603.00002", "arxiv:2603.00004"]
    assert answer["sort"] == "stars"


def test_related_papers_can_be_sorted_by_stars(client: Client, library: list[Paper]) -> None:
    address = "related/2603.00001?mode=bm25&fields=title"
    ids = [hit["paper"]["id"] for hit in get(client, address)["hits"]]
    star(get_user_model().objects.create(username="ada"), ids[-1:])
    by_stars = [hit["paper"]["id"] for hit in get(client, f"{address}&sort=stars")["hits"]]
    assert by_stars == [ids[-1], *ids[:-1]]
    assert len(ids) > 1


def test_unknown_citations_are_refused(client: Client, library: list[Paper]) -> None:
    assert "bibtex" in get(client, "cite/2603.00001?format=word", status=400)["cure"]
    assert get(client, "cite/nothing", status=404)["where"] == "idents"


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("search?q=graph&start=1000000000000", "start"),
        ("search?q=graph&limit=10000", "limit"),
        ("search?q=graph&sort=best", "sort"),
        ("search?q=graph&from=yesterday", "from"),
        ("search?q=" + "x" * 20_001, "q"),
        ("search?query=graph", "query"),
        ("list?categroy=cs.CL", "categroy"),
        ("papers", "ids"),
        ("papers?ids=" + ",".join(map(str, range(501))), "ids"),
        ("related/2603.00001?start=-1", "start"),
    ],
)
def test_invalid_parameters_are_refused_by_name(client: Client, library: list[Paper], address: str, where: str) -> None:
    assert get(client, address, status=400)["where"] == where


def test_ten_thousand_ids_are_refused(client: Client, library: list[Paper]) -> None:
    body = json.dumps({"ids": [f"2603.{n:05}" for n in range(10_000)]})
    response = client.post("/api/v1/papers", body, content_type="application/json")
    assert response.status_code == 400
    assert "500" in response.json()["cure"]


@pytest.mark.parametrize(
    ("body", "status"), [(b"x" * 3_000_000, 413), (b"{", 400), (b"\xff", 400), (b'{"ids": "a"}', 400), (b"", 400)]
)
def test_invalid_bodies_are_refused(client: Client, library: list[Paper], body: bytes, status: int) -> None:
    response = client.post("/api/v1/papers", body, content_type="application/json")
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


def test_without_an_index_it_says_what_to_run(client: Client, own_index: object, settings: Any) -> None:
    settings.API_RATE = 0
    response = client.get("/api/v1/search?q=graph")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "update_index" in response.json()["cure"]
    make_paper(arxiv_id="2603.00001")
    assert client.get("/api/v1/keywords/2603.00001").status_code == 503


def test_too_many_requests_get_a_retry_after(client: Client, library: list[Paper], settings: Any) -> None:
    settings.API_RATE, settings.API_TOKEN_RATE = 2, 4
    statuses = [client.get("/api/v1/papers/2603.00001").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get("/api/v1/search?q=graph")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["type"] == "urn:coolpapers:too-many-requests"
    _token, text = make_token(user=get_user_model().objects.create(username="ada"), name="script")
    headers = {"Authorization": f"Bearer {text}"}
    known = [client.get("/api/v1/papers/2603.00001", headers=headers).status_code for _ in range(5)]
    assert known == [200] * 4 + [429]


def test_a_wrong_token_is_refused(client: Client, library: list[Paper]) -> None:
    response = client.get("/api/v1/papers/2603.00001", headers={"Authorization": "Bearer cp_wrong"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["where"] == "Authorization"


def test_no_cross_origin_access_is_allowed(client: Client, library: list[Paper]) -> None:
    response = client.get("/api/v1/papers/2603.00001", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_unknown_addresses_and_methods_are_refused(client: Client, library: list[Paper]) -> None:
    assert client.delete("/api/v1/papers/2603.00001").status_code == 405
    assert client.post("/api/v1/papers", "[", content_type="application/json").status_code == 400


def test_the_openapi_file_names_every_address_and_parameter(client: Client, library: list[Paper]) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) == {
        "/api/v1/papers",
        "/api/v1/papers/{ident}",
        "/api/v1/search",
        "/api/v1/related/{ident}",
        "/api/v1/keywords/{ident}",
        "/api/v1/list",
        "/api/v1/cite/{idents}",
    }
    parameters = {one["name"] for one in schema["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert {"q", "mode", "facets", "explain", "strict", "from", "to", "fields", "cursor"} <= parameters


def test_a_question_takes_few_queries(client: Client, library: list[Paper], django_assert_max_num_queries: Any) -> None:
    for _ in range(40):
        make_paper()
    with django_assert_max_num_queries(12):
        assert len(get(client, "list?category=cs.CL&limit=40&fields=all")["papers"]) == 40


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    values=st.dictionaries(
        st.sampled_from(
            ["q", "sort", "mode", "start", "limit", "cursor", "fields", "from", "year", "category", "facets", "strict"]
        ),
        st.text(max_size=30),
        max_size=4,
    )
)
def test_any_text_is_answered(client: Client, library: list[Paper], values: dict[str, str]) -> None:
    response = client.get("/api/v1/search", values)
    assert response.status_code in (200, 400)
