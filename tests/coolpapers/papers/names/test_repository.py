from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.names.repository import oai_identifier, parse_oai_identifier, repository_id


def test_a_site_with_a_domain_is_called_by_it(settings: Any) -> None:
    settings.SITE_URL = "https://Papers.Example.org:8443/x"
    assert repository_id() == "papers.example.org"


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]", ""])
def test_sites_without_one_have_names_that_differ(settings: Any, address: str) -> None:
    settings.SITE_URL = address
    names = set()
    for secret in ("a", "b"):
        settings.SECRET_KEY = secret
        names.add(repository_id())
    assert len(names) == 2


@pytest.mark.parametrize("key", ["arxiv:2406.01234", "arxiv:hep-th/9901001", "file:a b%20é?#:x", "acl:P19-1"])
def test_a_key_comes_back_from_its_identifier(settings: Any, key: str) -> None:
    settings.SITE_URL = "https://papers.example.org"
    identifier = oai_identifier(key)
    assert identifier.isascii()
    assert " " not in identifier
    assert parse_oai_identifier(identifier).key == key


@pytest.mark.parametrize(
    ("text", "repository", "key"),
    [
        ("oai:arXiv.org:hep-th/9901001", "arxiv.org", "arxiv:hep-th/9901001"),
        ("oai:Zenodo.org:123", "zenodo.org", "123"),
        ("oai:host", "", "oai:host"),
        ("urn:x:y", "", "y"),
    ],
)
def test_foreign_identifiers(text: str, repository: str, key: str) -> None:
    name = parse_oai_identifier(text)
    assert (name.repository, name.key) == (repository, key)
