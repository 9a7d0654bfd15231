"""Works do not depend on the order or the batches in which their records are imported."""

from __future__ import annotations

import random
from typing import Any

import pytest

from coolpapers.papers.importing.upserting import Upserter
from coolpapers.papers.importing.writing import BatchWriter
from coolpapers.papers.models import Paper, PaperPair, PaperSource, PaperVersion
from coolpapers.papers.records.record import Record, Version
from tests.coolpapers.papers.importing.test_writing import NOW
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db
TITLE = "Learning to parse sentences from very few trees"
PEOPLE = ["Ada Example", "Bo Müller", "Chen Wei"]
REPORT = "Annual report of the library"


def paper(key: str, **fields: Any) -> Record:
    return record(**{"key": key, "title": TITLE, "authors": PEOPLE, **fields})


def pool() -> list[Record]:
    """Records that attract and exclude each other in every way that the rules know."""
    return [
        paper("arxiv:2005.00001", submitted="2020-05-01", updated="2020-09-01", abstract="$x$",
              versions=[Version(1), Version(2, None, "typos")]),
        paper("openreview:Aa1Bb2Cc3", venue="ICLR 2020", status="Reject", year=2020),
        paper("pmlr:v1/example21a", source="pmlr", ident="v1/example21a", venue="ICML 2021", year=2021),
        paper("x:journal", venue="Journal of Machine Learning Research", year=2022, doi="10.1000/1"),
        paper("x:undated", authors=["A. Example", "et al."]),
        paper("x:doi", doi="10.1000/1", title=f"LePa: {TITLE}", year=2022),
        paper("x:strangers", authors=["Xi Other", "Yu Another"], year=2020),
        paper("x:nobody", authors=[], year=2020),
        paper("x:erratum", title=f"Erratum: {TITLE}", year=2020),
        paper("x:plural", title="Learning to parse a sentence from very few trees", year=2020, arxiv_id="2005.00001"),
        paper("x:2019", title=REPORT, authors=["Library Team"], year=2019, venue="Library Press"),
        paper("x:2021", title=REPORT, authors=["Library Team"], year=2021, venue="Library Press"),
        paper("x:again", title=REPORT, authors=["Library Team"], year=2021, venue="Library Press", keywords=["again"]),
        paper("x:unknown", title=REPORT, authors=["Library Team"]),
        paper("x:early", title="Flows of particles in long tubes", authors=["Dee Dunn"], year=2005),
        paper("x:late", title="Flows of particles in long tubes", authors=["Dee Dunn"], year=2015),
        paper("x:between", title="Flows of particles in long tubes", authors=["D. Dunn"]),
    ]  # fmt: skip


def outcome() -> tuple[Any, ...]:
    """Works as sets of records with what they say and their versions, and the pairs left for an administrator."""
    works: dict[int, set[str]] = {}
    for paper_id, key in PaperSource.objects.values_list("paper_id", "key"):
        works.setdefault(paper_id, set()).add(key)
    hashes = dict(Paper.objects.values_list("pk", "content_hash"))
    versions = sorted(PaperVersion.objects.values_list("paper_id", "number", "note"))
    assert works.keys() == hashes.keys()
    assert all(key in works[pk] for pk, key in Paper.objects.values_list("pk", "key"))
    texts = dict(Paper.objects.values_list("pk", "title"))
    found = {
        (frozenset(keys), texts[pk], hashes[pk], tuple(row[1:] for row in versions if row[0] == pk))
        for pk, keys in works.items()
    }
    return found, set(PaperPair.objects.values_list("first", "second"))


def import_in(batches: list[list[Record]]) -> tuple[Any, ...]:
    for model in (Paper, PaperPair):
        model.objects.all().delete()
    for batch in batches:
        Upserter(location="test", now=NOW).run(batch)
    return outcome()


def test_the_order_of_records_and_their_batches_do_not_matter() -> None:
    records = pool()
    expected, pairs = import_in([records])
    works = {keys for keys, *_ in expected}
    assert frozenset({"arxiv:2005.00001", "pmlr:v1/example21a", "x:plural"}) in works
    assert frozenset({"x:undated"}) in works  # it could be the conference paper or the journal article
    assert frozenset({"x:journal", "x:doi"}) in works
    assert frozenset({"x:2021", "x:again"}) in works
    assert {frozenset({key}) for key in ("openreview:Aa1Bb2Cc3", "x:strangers", "x:2019", "x:unknown")} <= works
    assert {frozenset({key}) for key in ("x:early", "x:late", "x:between", "x:erratum")} <= works
    assert ("x:between", "x:early") in pairs
    for seed in range(12):
        shuffled = random.Random(seed)
        order = records[:]
        shuffled.shuffle(order)
        batches: list[list[Record]] = [[]]
        for one in order:
            if shuffled.random() < (seed % 4) / 3:
                batches.append([])
            batches[-1].append(one)
        assert import_in(batches) == (expected, pairs), [one.key for one in order]


def test_a_second_import_in_another_order_changes_nothing() -> None:
    records = pool()
    import_in([[one] for one in records])
    before = outcome()
    counts = BatchWriter(now=NOW).write(records[::-1])
    assert (counts.added, counts.changed, counts.skipped) == (0, 0, len(records))
    assert outcome() == before
