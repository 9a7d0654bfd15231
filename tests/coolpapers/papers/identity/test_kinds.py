from __future__ import annotations

import pytest

from coolpapers.papers.identity.kinds import Kind, is_recurring, kind_of


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Kind.ERRATUM, "Erratum: Parsing of trees"),
        (Kind.ERRATUM, "Erratum to “Parsing of trees”"),
        (Kind.ERRATUM, "Corrigendum to: Parsing of trees"),
        (Kind.ERRATUM, "Correction to: Parsing of trees"),
        (Kind.ERRATUM, "Author Correction: Parsing of trees"),
        (Kind.ERRATUM, "Publisher's Note: Parsing of trees"),
        (Kind.ERRATUM, "Parsing of trees (Erratum)"),
        (Kind.RETRACTION, "Retraction Note to: Parsing of trees"),
        (Kind.REPLY, "Reply to: Parsing of trees"),
        (Kind.REPLY, "Authors' Reply: Parsing of trees"),
        (Kind.REPLY, "Response to comments on parsing"),
        (Kind.REPLY, "Rejoinder: Parsing of trees"),
        (Kind.COMMENT, "Comment on “Parsing of trees”"),
        (Kind.COMMENT, "Comments on: Parsing of trees"),
        (Kind.COMMENT, "Discussion of: Parsing of trees"),
        (Kind.REVIEW, "Review of: Parsing of trees"),
        (Kind.REVIEW, "Book Review: Parsing of trees"),
        (Kind.SUPPLEMENT, "Supplementary material for Parsing of trees"),
        (Kind.ABSTRACT, "Parsing of trees (Extended Abstract)*"),
        (Kind.PAPER, "Parsing of trees"),
        (Kind.PAPER, "Correcting parsers"),
        (Kind.PAPER, "Error correction in parsing"),
        (Kind.PAPER, "Responses of neurons to light"),
    ],
)
def test_a_title_names_its_kind(kind: Kind, title: str) -> None:
    assert kind_of(title) is kind


@pytest.mark.parametrize(
    "title",
    ["Introduction", "Editorial", "Vision", "Preface", "Guest Editors' Introduction", "Annual report of the library",
     "Introduction to the Special Issue on Parsing", "Book Reviews", "[Tuesday digests]", "Message from the Chairs",
     "Proceedings of the 5th Workshop on Parsing", "Front Matter", "In this issue", "Progress report 2"],
)  # fmt: skip
def test_some_titles_come_again(title: str) -> None:
    assert is_recurring(title)


@pytest.mark.parametrize("title", ["An introduction to parsing", "Vision transformers", "Reporting of results"])
def test_others_do_not(title: str) -> None:
    assert not is_recurring(title)
