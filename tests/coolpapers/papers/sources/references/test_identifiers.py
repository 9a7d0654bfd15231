from __future__ import annotations

import pytest

from coolpapers.papers.sources.references.identifiers import find_arxiv_id, find_categories, find_doi, is_arxiv_name


@pytest.mark.parametrize(
    "fields",
    [
        {"eprint": "1706.03762"},
        {"eprint": "arXiv:1706.03762v5 [cs.CL]"},
        {"eprint": "https://arxiv.org/pdf/1706.03762", "eprinttype": "arxiv"},
        {"journal": "ArXiv", "volume": "abs/1706.03762"},  # Semantic Scholar
        {"journal": "CoRR", "volume": "abs/1706.03762"},  # DBLP
        {"journal": "arXiv preprint arXiv:1706.03762"},  # Google Scholar
        {"journal": "arXiv e-prints", "eid": "arXiv:1706.03762", "pages": "arXiv:1706.03762"},  # ADS
        {"adsurl": "https://ui.adsabs.harvard.edu/abs/2017arXiv170603762V"},
        {"url": "https://ui.adsabs.harvard.edu/abs/2017arXiv170603762V/abstract"},
        {"journal": "arXiv:1706.03762 [cs]"},  # Zotero
        {"note": "arXiv: 1706.03762"},
        {"note": "Available at https://arxiv.org/abs/1706.03762"},
        {"number": "arXiv:1706.03762", "publisher": "arXiv"},  # Better BibTeX
        {"howpublished": "https://arxiv.org/abs/1706.03762"},
        {"arxivid": "1706.03762"},  # Mendeley
        {"doi": "10.48550/ARXIV.1706.03762"},
        {"pages": "arXiv:1706.03762"},
        {"ee": "http://arxiv.org/abs/1706.03762"},
    ],
)
def test_arxiv_ids_are_found_in_each_form(fields: dict[str, str]) -> None:
    assert find_arxiv_id(fields) == "1706.03762"


def test_old_ids_are_found_with_their_archive() -> None:
    assert find_arxiv_id({"eprint": "hep-th/9711200", "archiveprefix": "arXiv"}) == "hep-th/9711200"
    assert find_arxiv_id({"eprint": "9711200", "archiveprefix": "hep-th"}) == "hep-th/9711200"


@pytest.mark.parametrize(
    "fields",
    [
        {"note": "Comment on arXiv:1706.03762"},
        {"abstract": "We follow arXiv:1706.03762."},
        {"eprint": "1706.03762", "eprinttype": "pubmed"},
        {"url": "https://example.org/1706.03762"},
        {"volume": "1706"},
        {},
    ],
)
def test_other_papers_and_numbers_are_no_arxiv_ids(fields: dict[str, str]) -> None:
    assert find_arxiv_id(fields) == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"doi": "10.1000/ABC"},
        {"doi": "https://doi.org/10.1000/abc"},
        {"doi": "doi: 10.1000/abc"},
        {"doi": r"10.1000\/abc"},
        {"doi": "10.1000/abc; 10.1000/def"},
        {"url": "https://doi.org/10.1000/abc"},
        {"url": "https://dl.acm.org/doi/pdf/10.1000/abc"},
        {"ee": "http://dx.doi.org/10.1000/abc"},
        {"note": "doi:10.1000/abc."},
        {"note": "https://doi.org/10.1000/abc"},
        {"pages": "10.1000/abc"},
        {"eprint": "10.1000/abc", "eprinttype": "doi"},
        {"journal": "J. Tests, doi:10.1000/abc"},
        {"howpublished": "Online: https://doi.org/10.1000/abc"},
    ],
)
def test_dois_are_found_in_each_form(fields: dict[str, str]) -> None:
    assert find_doi(fields) == "10.1000/abc"


@pytest.mark.parametrize(
    "fields", [{"note": "Erratum to 10.1000/abc"}, {"doi": "none"}, {"url": "https://example.org/x"}]
)
def test_other_text_is_no_doi(fields: dict[str, str]) -> None:
    assert find_doi(fields) == ""


def test_classes_stand_in_fields_of_their_own_or_behind_the_id() -> None:
    assert find_categories({"primaryclass": "cs.CL"}) == find_categories({"eprintclass": "cs.CL"}) == ["cs.CL"]
    assert find_categories({"journal": "arXiv:1706.03762 [cs.CL]"}) == ["cs.CL"]
    assert find_categories({"journal": "arXiv:1706.03762 [cs]"}) == find_categories({"note": "[cs.CL]"}) == []


def test_names_that_only_say_arxiv() -> None:
    assert all(map(is_arxiv_name, ("arXiv e-prints", "ArXiv", "CoRR", "corr abs/1706.03762", "arXiv:1706.03762 [cs]")))
    assert not any(map(is_arxiv_name, ("Journal of CoRR", "Corrosion Science", "")))
