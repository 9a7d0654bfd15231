from __future__ import annotations

import pytest

from coolpapers.papers.sources.bibtex.journal_macros import full_journal
from coolpapers.papers.sources.bibtex.source import BibtexSource
from tests.coolpapers.papers.make import read_bytes, records_of


@pytest.mark.parametrize(
    ("name", "journal"),
    [
        (r"\apj", "Astrophysical Journal"),
        (r"\mnras{}", "Monthly Notices of the Royal Astronomical Society"),
        (r"\unknown", r"\unknown"),
        ("Nature", "Nature"),
        ("", ""),
    ],
)
def test_macros_of_journals_are_their_names(name: str, journal: str) -> None:
    assert full_journal(name) == journal


def test_an_entry_of_ads_has_its_journal() -> None:
    data = rb'@ARTICLE{a, author={{Doe}, J.}, title="{A}", journal={\prd}, year=2020, volume={101}, eid={12}}'
    (record,) = records_of(read_bytes(BibtexSource(), data))
    assert (record.venue_text, record.journal_ref) == ("Physical Review D", "Physical Review D 101, 12")
