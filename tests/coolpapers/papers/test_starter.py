"""The starter library as data: complete, well formed, in our own words, and right where it can be compared."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest
from django.core.management import call_command

from coolpapers.finding.indexing.index import rebuild_index
from coolpapers.finding.questions import Question
from coolpapers.finding.services import search_papers
from coolpapers.papers.management.commands.load_starter import STARTER
from coolpapers.papers.records.record import Record
from coolpapers.papers.sources.jsonl import JsonLinesSource
from coolpapers.reading.markup.markdown import render_abstract, render_markdown, render_title
from search.engines.memory import MemoryBackend
from search.vocabulary.categories import CATEGORY_NAMES, fold_category
from tests.shared_data import SHARED, needs_shared
from tools.check_starter import Row, compare, fold, read_rows

LABEL = "Summary by the coolpapers project"
FIELDS = {
    *("id", "title", "authors", "abstract", "abstract_label", "year", "venue", "url", "source", "date"),
    *("categories", "arxiv_id", "doi", "keywords", "status"),
}
# Works that stand in the library twice, as a preprint and as published.
TWICE = {
    "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    "Dense Passage Retrieval for Open-Domain Question Answering",
    "PaLM: Scaling Language Modeling with Pathways",
}
FORMULA = re.compile(r"(?<!\\)\$(.+?)(?<!\\)\$", re.DOTALL)
MATH_ELEMENT = re.compile(r'<(span|div) class="math[^>]*>(.*?)</\1>', re.DOTALL)


@cache
def rows() -> list[Row]:
    return list(read_rows(STARTER / "papers.jsonl"))


@cache
def summaries() -> list[Row]:
    return list(read_rows(STARTER / "summaries.jsonl"))


def area(row: Row) -> str:
    """The field a record belongs to, by its first category or, without one, by its venue."""
    first = (row.get("categories") or [""])[0]
    if first.startswith("math.") or first == "cs.IT" or "Math" in row["venue"] or "Statist" in row["venue"]:
        return "mathematics and statistics"
    if first == "cs.IR" or row["venue"].split()[0] in {"SIGIR", "CIKM", "KDD", "WWW", "ICDM", "CSCW"}:
        return "retrieval and recommendation"
    if first == "cs.CL" or row["id"].startswith("acl:"):
        return "language"
    return "machine learning"


def visible(rendered: str) -> str:
    """Text a reader sees outside formulas and code."""
    without_math = MATH_ELEMENT.sub(" ", rendered)
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(pre|code)\b.*?</\1>", " ", without_math, flags=re.DOTALL)))


def test_every_record_is_accepted_as_it_stands() -> None:
    with (STARTER / "papers.jsonl").open("rb") as stream:
        items = list(JsonLinesSource().read(stream, name="papers.jsonl"))
    assert [item for item in items if not isinstance(item, Record)] == []
    assert [item.key for item in items if isinstance(item, Record)] == [row["id"] for row in rows()]


def test_it_is_large_and_wide_enough_to_try_every_feature() -> None:
    assert len(rows()) >= 190
    counts = Counter(map(area, rows()))
    assert len(counts) == 4
    assert all(count >= 20 for count in counts.values()), counts


def test_fields_are_known_and_filled() -> None:
    for row in rows():
        assert row.keys() <= FIELDS, row["id"]
        assert all(value not in ("", [], None) for value in row.values()), row["id"]
        assert {"id", "title", "authors", "abstract", "abstract_label", "year", "venue", "source"} <= row.keys()


def test_ids_are_unique_and_titles_repeat_only_where_a_work_has_two_sources() -> None:
    assert len({row["id"] for row in rows()}) == len(rows())
    repeated = {title for title, count in Counter(row["title"] for row in rows()).items() if count > 1}
    assert repeated == TWICE


def test_abstracts_are_labelled_as_ours_and_say_enough() -> None:
    for row in rows():
        assert row["abstract_label"] == LABEL, row["id"]
        assert 40 <= len(row["abstract"].split()) <= 200, row["id"]


def test_formulas_are_whole() -> None:
    for row in rows():
        for text in (row["title"], row["abstract"]):
            assert text.replace(r"\$", "").count("$") % 2 == 0, row["id"]
            for formula in FORMULA.findall(text):
                bare = formula.replace(r"\{", "").replace(r"\}", "")
                assert bare.count("{") == bare.count("}"), formula
                assert formula == formula.strip(), formula


def test_titles_and_abstracts_show_every_formula_and_no_raw_tex() -> None:
    for row in rows():
        for text, rendered in (
            (row["title"], str(render_title(row["title"]))),
            (row["abstract"], str(render_abstract(row["abstract"]))),
        ):
            assert len(MATH_ELEMENT.findall(rendered)) == len(FORMULA.findall(text)), row["id"]
            assert not set("\\$`") & set(visible(rendered)), row["id"]


def test_many_abstracts_and_some_titles_hold_formulas() -> None:
    assert sum(bool(re.search(r"\$[^$]*\\", row["abstract"])) for row in rows()) >= 60
    assert sum("$" in row["title"] for row in rows()) >= 2


def test_categories_are_arxivs_and_stand_under_their_kept_name() -> None:
    codes = {code for row in rows() for code in row.get("categories", ())}
    assert codes <= CATEGORY_NAMES.keys()
    assert {code for code in codes if fold_category(code) != code} == set()


def test_a_date_fits_the_arxiv_id() -> None:
    for row in rows():
        if "date" not in row:
            continue
        day = date.fromisoformat(row["date"])
        year_month = re.sub(r".*/", "", row["arxiv_id"])[:4]
        # A paper gets its id when it is taken up, up to a long week-end after it was sent.
        assert year_month in {f"{d:%y%m}" for d in (day, day + timedelta(days=4))}, row["id"]
        assert row["year"] >= day.year or row["venue"] == "UAI 2009", row["id"]


def test_author_names_exercise_accents_particles_and_long_lists() -> None:
    names = {name for row in rows() for name in row["authors"]}
    assert {"Bernhard Schölkopf", "Klaus-Robert Müller", "Laurens van der Maaten", "Łukasz Kaiser"} <= names
    assert sum(fold(name) != re.sub(r"[^a-z]", "", name.lower()) for name in names) >= 25
    assert max(len(row["authors"]) for row in rows()) > 40
    assert all(name == name.strip() and "," not in name for name in names)


def test_venues_are_series_without_a_year_in_their_name() -> None:
    with (STARTER / "papers.jsonl").open("rb") as stream:
        records = [item for item in JsonLinesSource().read(stream, name="") if isinstance(item, Record)]
    assert [record.venue_name for record in records if re.search(r"\d{4}", record.venue_name)] == []
    assert all(record.venue_slug or record.venue_text == "arXiv" for record in records)


def test_summaries_are_twelve_in_two_languages_and_of_papers_here() -> None:
    titles = {row["id"]: row["title"] for row in rows()}
    assert Counter(summary["lang"] for summary in summaries()) == {"en": 8, "zh": 4}
    assert len({(summary["id"], summary["lang"]) for summary in summaries()}) == 12
    for summary in summaries():
        assert summary["title"] == titles[summary["id"]]
        assert summary["kind"] == "human"


@pytest.mark.parametrize("summary", summaries(), ids=lambda summary: f"{summary['id']}-{summary['lang']}")
def test_a_summary_answers_questions_with_what_a_renderer_must_master(summary: Row) -> None:
    text, rendered = summary["markdown"], str(render_markdown(summary["markdown"]))
    questions = re.findall(r"^## .*[?？]$", text, re.MULTILINE)
    assert len(questions) >= 5
    n_words = len(re.findall(r"[\u4e00-\u9fff]", text)) if summary["lang"] == "zh" else len(text.split())
    assert 400 <= n_words <= 1500
    assert text.count("$$") >= 2
    assert re.search(r"\\begin\{(align|aligned|equation|pmatrix)\}", text)
    assert rendered.count("math-display") >= 2
    for tag in ("<table", "<pre", "<li", "<strong"):
        assert tag in rendered, tag
    assert "[^" not in text
    assert not set("\\$") & set(visible(rendered))


def test_summaries_hold_the_constructs_that_break_renderers() -> None:
    texts = [summary["markdown"] for summary in summaries()]
    for pattern in (
        r"^\|.*\$[^$\n]*\|[^$\n]*\$.*\|$",  # a pipe inside a formula inside a table
        r"^\|.*\$[^$\n]*\\mid[^$\n]*\$.*\|$",
        r"\*\*[^*\n]*\$[^$\n]+\$[^*\n]*\*\*",  # bold around a formula
        r"^> ",
        r"^\d\. .*\$",
    ):
        assert sum(bool(re.search(pattern, text, re.MULTILINE)) for text in texts) >= 2, pattern


@pytest.mark.django_db
def test_the_searches_a_newcomer_tries_find_what_they_should() -> None:
    call_command("load_starter", verbosity=0)
    backend = MemoryBackend()
    rebuild_index(backend)
    for query, wanted in {
        "attention": "arxiv:1706.03762",
        "contrastive learning": "arxiv:2002.05709",
        "matrix completion": "arxiv:0805.4471",
        "au:Hinton": "jmlr2014:dropout",
        "BM25": "fntir2009:bm25",
        "au:Scholkopf": "neco1998:kpca",
        "Sparck Jones": "jdoc1972:idf",
        "venue:SIGIR year:1998..2009": "sigir2009:rrf",
        "cat:math.DG": "arxiv:math/0211159",
        '"nuclear norm" cat:cs.IT': "arxiv:0903.1476",
    }.items():
        page = search_papers(Question(query, strict=True), engine=backend)
        assert wanted in [hit.key for hit in page.hits], query
        assert page.total < len(rows()) / 2, query


class TestAgainstSharedData:
    pytestmark = needs_shared

    def test_facts_agree_wherever_the_shared_papers_have_them(self) -> None:
        report = compare(rows(), read_rows(SHARED / "papers.jsonl.gz"))
        assert report.differences == []
        assert len(report.matched) >= 45
        assert report.agreed["title"] >= 45


def test_the_comparison_notices_what_differs() -> None:
    ours = {
        "id": "arxiv:1706.03762",
        "title": "Attention",
        "authors": ["A. Vaswani"],
        "year": 2017,
        "venue": "NeurIPS 2017",
    }
    theirs = {**ours, "id": "nips2017:9372", "authors": ["N. Shazeer"], "year": 2018, "venue": "NIPS 2017"}
    assert compare([ours], [theirs]).differences == [
        (ours["id"], "authors", ("vaswani",), ("shazeer",)),
        (ours["id"], "year", 2017, 2018),
    ]
    elsewhere = {**theirs, "authors": ["Ashish Vaswani"], "venue": "ICLR 2018"}
    report = compare([ours], [elsewhere])
    assert report.differences == []
    assert json.loads(json.dumps(report.agreed)) == {"title": 1, "authors": 1}
