from __future__ import annotations

import pytest

from search.vocabulary.identifier_forms import SOURCE_BY_LABEL, SOURCE_LABELS, Identifier, parse_bare, unwrap


def test_every_label_leads_back_to_its_source() -> None:
    assert {SOURCE_BY_LABEL[label.lower()] for label in SOURCE_LABELS.values()} == set(SOURCE_LABELS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(arXiv:2406.01234v2).", Identifier("arxiv", "2406.01234", 2)),
        ("doi:10.1000/ABC", Identifier("doi", "10.1000/abc")),
        ("10.48550/arXiv.1406.02661", Identifier("arxiv", "1406.2661")),
        ("P19-1001", Identifier("acl", "P19-1001")),
        ("https://arxiv.org/abs/2406.01234", None),
        ("attention", None),
    ],
)
def test_bare_forms_are_read_and_addresses_are_not(text: str, expected: Identifier | None) -> None:
    assert parse_bare(text) == expected


def test_punctuation_around_an_identifier_is_removed() -> None:
    assert unwrap("“(10.1000/a(b)).” ") == "10.1000/a(b)"
