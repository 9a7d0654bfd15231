from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.vocabulary.identifier_forms import OLD_ARCHIVES, Identifier
from search.vocabulary.identifiers import (
    alternatives,
    canonical_arxiv,
    canonical_doi,
    parse_identifier,
    parse_identifiers,
)

READ_AS = [
    ("2406.01234", "arxiv:2406.01234"),
    ("arXiv:2406.01234v2", "arxiv:2406.01234"),
    ("ARXIV: 2406.01234", "arxiv:2406.01234"),
    ("https://arxiv.org/abs/2406.01234", "arxiv:2406.01234"),
    ("https://arxiv.org/pdf/2406.01234v3.pdf", "arxiv:2406.01234"),
    ("https://arxiv.org/html/2406.01234v1", "arxiv:2406.01234"),
    ("arxiv.org/abs/2406.01234", "arxiv:2406.01234"),
    ("1406.2661", "arxiv:1406.2661"),
    ("1406.02661", "arxiv:1406.2661"),
    ("1501.0001", "arxiv:1501.00001"),
    ("0704.0001", "arxiv:0704.0001"),
    ("hep-th/9901001", "arxiv:hep-th/9901001"),
    ("HEP-TH/9901001v2", "arxiv:hep-th/9901001"),
    ("cs/0112017v1", "arxiv:cs/0112017"),
    ("math.AG/0601001", "arxiv:math/0601001"),
    ("https://arxiv.org/abs/math.AG/0601001v1", "arxiv:math/0601001"),
    ("10.48550/arXiv.2406.01234", "arxiv:2406.01234"),
    ("https://doi.org/10.48550/arXiv.1406.2661", "arxiv:1406.2661"),
    ("https://huggingface.co/papers/2406.01234", "arxiv:2406.01234"),
    ("10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
    ("doi:10.1145/ABC.DEF", "doi:10.1145/abc.def"),
    ("https://doi.org/10.1145/ABC.DEF", "doi:10.1145/abc.def"),
    ("https://dx.doi.org/10.1002%2Fabc", "doi:10.1002/abc"),
    ("10.1016/s0022-0000(75)80003-9", "doi:10.1016/s0022-0000(75)80003-9"),
    ("P19-1001", "acl:P19-1001"),
    ("p19-1001", "acl:P19-1001"),
    ("2020.acl-main.1", "acl:2020.acl-main.1"),
    ("2020.ACL-Main.1", "acl:2020.acl-main.1"),
    ("acl:L14-9", "acl:L14-9"),
    ("openreview:rJxX8T4Kvr", "openreview:rJxX8T4Kvr"),
    ("(2406.01234).", "arxiv:2406.01234"),
    ("“P19-1001”", "acl:P19-1001"),
]

NOT_IDENTIFIERS = [
    "", " ", "attention", "2024", "2024-05", "2406.1", "9999.99999", "2413.01234", "2400.01234", "0703.0001",
    "1406.12661", "2406.00000", "foo/9901001", "cs/0713001", "cs/9013001", "10.1/x", "10.1145", "P19", "L14-9",
    "arXiv:attention", "doi:none", "acl:", "C++ & <b>{}[]()^~*?", "http://[", "https://", "-", '"', "(",
]  # fmt: skip


@pytest.mark.parametrize(("text", "key"), READ_AS)
def test_it_reads_the_forms_people_paste(text: str, key: str) -> None:
    identifier = parse_identifier(text)
    assert identifier is not None
    assert identifier.key == key


@pytest.mark.parametrize("text", NOT_IDENTIFIERS)
def test_other_text_is_not_an_identifier(text: str) -> None:
    assert parse_identifier(text) is None
    assert parse_identifiers(text) == []


def test_the_requested_version_is_stored_beside_the_work() -> None:
    assert parse_identifier("2406.01234v12") == Identifier("arxiv", "2406.01234", 12)
    assert str(Identifier("arxiv", "2406.01234", 12)) == "2406.01234v12"
    assert str(Identifier("arxiv", "2406.01234")) == "2406.01234"


def test_a_list_is_read_with_any_separator_and_each_work_once() -> None:
    identifiers = parse_identifiers("arXiv: 2406.01234 [cs.CL], P19-1001;hep-th/9901001\n1406.2661，1406.02661v3")
    assert [identifier.key for identifier in identifiers] == [
        "arxiv:2406.01234",
        "acl:P19-1001",
        "arxiv:hep-th/9901001",
        "arxiv:1406.2661",
    ]


def test_a_list_with_any_other_word_is_a_query() -> None:
    assert parse_identifiers("2406.01234 attention") == []


def test_the_anthology_s_dois_lead_to_its_ids() -> None:
    doi = parse_identifier("10.18653/v1/P19-1001")
    assert doi is not None
    assert alternatives(doi) == [Identifier("acl", "P19-1001")]
    assert alternatives(Identifier("doi", "10.1000/x")) == []


def test_canonical_forms_of_other_kinds_are_none() -> None:
    assert canonical_arxiv("P19-1001") is None
    assert canonical_doi("2406.01234") is None
    assert canonical_doi("10.48550/arXiv.2406.01234") is None
    assert canonical_doi("https://doi.org/10.1000/A") == "10.1000/a"


new_ids = st.builds(
    lambda year, month, number: f"{year:02d}{month:02d}.{number:0{4 if year < 15 else 5}d}",
    st.integers(8, 99),
    st.integers(1, 12),
    st.integers(1, 9999),
)
old_ids = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02d}{month:02d}{number:03d}",
    st.sampled_from(sorted(OLD_ARCHIVES)),
    st.sampled_from([92, 95, 99, 0, 3, 6]),
    st.integers(1, 12),
    st.integers(1, 999),
)
FORMS = ["{0}", "arXiv:{0}", "https://arxiv.org/abs/{0}", "http://export.arxiv.org/pdf/{0}", "10.48550/arXiv.{0}"]


@given(st.one_of(new_ids, old_ids), st.sampled_from(FORMS), st.one_of(st.none(), st.integers(1, 99)))
def test_an_arxiv_id_is_parsed_from_every_form(arxiv_id: str, form: str, version: int | None) -> None:
    text = form.format(arxiv_id if version is None else f"{arxiv_id}v{version}")
    assert parse_identifier(text) == Identifier("arxiv", arxiv_id, version)
    assert canonical_arxiv(text) == arxiv_id


@given(new_ids)
def test_both_spellings_of_a_number_are_one_paper(arxiv_id: str) -> None:
    month, _, number = arxiv_id.partition(".")
    other = f"{month}.{number[1:]}" if len(number) == 5 else f"{month}.0{number}"
    if len(number) == 4 or number.startswith("0"):
        assert canonical_arxiv(other) == arxiv_id


@given(st.text(max_size=80))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    identifier = parse_identifier(text)
    if identifier is not None:
        again = parse_identifier(identifier.key)
        assert again is None or again.value == identifier.value
    assert all(parsed.value for parsed in parse_identifiers(text))


@given(st.from_regex(r"10\.[0-9]{4}/[a-z0-9._-]{1,20}[a-z0-9]", fullmatch=True))
def test_a_doi_is_its_own_canonical_form(doi: str) -> None:
    assert canonical_doi(doi.upper()) == doi
    assert canonical_doi(f"https://doi.org/{doi}") == doi
