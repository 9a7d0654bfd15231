from __future__ import annotations

from coolpapers.papers.names.kinds import KINDS
from coolpapers.papers.sources.references.endnote_types import kind_of


def test_types_become_kinds() -> None:
    assert kind_of("Journal Article") == "journal"
    assert (kind_of("17"), kind_of("47"), kind_of("13")) == ("journal", "conference", "other")
    assert kind_of(" conference paper ") == "conference"
    assert kind_of("Unpublished Work") == kind_of("") == "other"
    assert kind_of("Thesis") in KINDS
