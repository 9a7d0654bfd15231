"""The contract of search engines: which papers they find."""

from __future__ import annotations

from datetime import date

from search.engines.base import SearchBackend
from search.language.query import And, Everything, Exact, Flag, Fuzzy, Keys, Not, Or, Phrase, Prefix, Range, Term
from tests.search.engines.contract.answers import found_keys, ranked_keys
from tests.search.make import make_document, titled

FIELD_NAMES = ("title", "abstract", "author", "venue", "comment", "journal")


class FindingContract:
    """The hits of queries and their order."""

    def test_words_are_searched_in_every_field(self, backend: SearchBackend) -> None:
        backend.rebuild(
            [
                make_document("p:title", title="Zebras"),
                make_document("p:abstract", abstract="We study zebras."),
                make_document("p:author", authors=["Z. Zebras"]),
                make_document("p:venue", venue="Zebras 2024 Conference on Zebras"),
                make_document("p:comment", comment="Presented to zebras"),
                make_document("p:journal", journal="Zebras and Their Stripes"),
                make_document("p:none", title="Horses"),
            ],
            revision=1,
        )
        assert found_keys(backend, Term("zebras")) == {f"p:{name}" for name in FIELD_NAMES}
        for field in FIELD_NAMES:
            assert found_keys(backend, Term("zebras", field)) == {f"p:{field}"}

    def test_affiliations_and_report_numbers_are_found_where_they_are_named(self, backend: SearchBackend) -> None:
        backend.rebuild(
            [
                make_document(
                    "p:0", affiliations=["DESY, Hamburg", "Zürich University"], report_numbers=["DESY-12-001"]
                ),
                make_document("p:1", report_numbers=["CERN-PH-EP-2012-218", "DESY-12-010"]),
                make_document("p:2", title="DESY and CERN in Hamburg", comment="DESY-12-001"),
            ],
            revision=1,
        )
        assert found_keys(backend, Term("desy", "affiliation")) == {"p:0"}
        assert found_keys(backend, Term("zurich", "affiliation")) == {"p:0"}
        assert found_keys(backend, Phrase("Zürich University", "affiliation")) == {"p:0"}
        assert found_keys(backend, Term("DESY-12-001", "report")) == {"p:0"}
        assert found_keys(backend, Prefix("DESY-12", "report")) == {"p:0", "p:1"}
        assert found_keys(backend, Term("2012", "report")) == {"p:1"}
        assert found_keys(backend, Term("Hamburg")) == {"p:2"}

    def test_a_whole_name_is_neither_a_longer_nor_an_abbreviated_one(self, backend: SearchBackend) -> None:
        names = [
            "Wei Wang",
            "Wang, Wei",
            "Weiqi Wang",
            "W. Wang",
            "Wei-Lun Wang",
            "Wei Wangberg",
            "Łukasz van der Wäls",
        ]
        backend.rebuild([make_document(f"p:{n}", authors=[name]) for n, name in enumerate(names)], revision=1)
        assert found_keys(backend, Exact("exactauthor", "Wei Wang")) == {"p:0", "p:1"}
        assert found_keys(backend, Exact("exactauthor", "wang, wei")) == {"p:0", "p:1"}
        assert found_keys(backend, Exact("exactauthor", "W. Wang")) == {"p:3"}
        assert found_keys(backend, Exact("exactauthor", "Wei Lun Wang")) == {"p:4"}
        assert found_keys(backend, Exact("exactauthor", "van der Wals, Lukasz")) == {"p:6"}
        assert found_keys(backend, Exact("exactauthor", "Wang")) == set()
        assert found_keys(backend, Exact("exactauthor", "(")) == set()

    def test_a_title_weighs_more_than_an_abstract_and_an_abstract_more_than_other_fields(
        self, backend: SearchBackend
    ) -> None:
        backend.rebuild(
            [
                make_document("p:venue", title="Horse", abstract="Horses run.", venue="Zebra"),
                make_document("p:abstract", title="Horse", abstract="Zebra run.", venue="Horse"),
                make_document("p:title", title="Zebra", abstract="Horses run.", venue="Horse"),
            ],
            revision=1,
        )
        assert ranked_keys(backend, Term("zebra")) == ["p:title", "p:abstract", "p:venue"]

    def test_the_exact_form_ranks_above_its_stem(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Trained networks", "Training networks", "Train networks"), revision=1)
        assert ranked_keys(backend, Term("training"))[0] == "p:1"
        assert ranked_keys(backend, Term("trained"))[0] == "p:0"
        assert found_keys(backend, Term("train")) == {"p:0", "p:1", "p:2"}

    def test_an_accent_scores_higher_and_is_not_required(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Schrodinger operators", "Schrödinger operators"), revision=1)
        assert found_keys(backend, Term("schrodinger")) == {"p:0", "p:1"}
        assert ranked_keys(backend, Term("Schrödinger")) == ["p:1", "p:0"]

    def test_stop_words_are_dropped_beside_words_and_kept_alone(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph of the world", "Graph world", "Of the people"), revision=1)
        assert found_keys(backend, And((Term("graph"), Term("of")))) == {"p:0", "p:1"}
        assert found_keys(backend, And((Term("of"), Term("the")))) == {"p:0", "p:2"}
        assert found_keys(backend, Phrase("graph of the world")) == {"p:0"}

    def test_two_words_also_find_them_as_one_the_typed_form_first(self, backend: SearchBackend) -> None:
        titles = ("A dataset", "A data set", "A set of data", "Data", "A data-set of graphs")
        backend.rebuild(titled(*titles), revision=1)
        two_words = And((Term("data"), Term("set")))
        assert found_keys(backend, two_words) == {"p:0", "p:1", "p:2", "p:4"}
        assert ranked_keys(backend, two_words)[-1] == "p:0"
        assert ranked_keys(backend, two_words).index("p:1") < ranked_keys(backend, two_words).index("p:4")
        assert found_keys(backend, And((Term("data", "title"), Term("set", "title")))) == {"p:0", "p:1", "p:2", "p:4"}
        assert found_keys(backend, And((Term("data", "title"), Term("set", "abstract")))) == set()
        assert found_keys(backend, And((Term("data"), Term("set"), Not(Term("graphs"))))) == {"p:0", "p:1", "p:2"}
        assert found_keys(backend, And((Term("data"), Term("set"), Keys(frozenset({"p:0"}))))) == {"p:0"}
        assert found_keys(backend, And((Term("data"), Term("set"), Term("graphs")))) == {"p:4"}
        assert found_keys(backend, And((Term("data"), Term("of"), Term("set")))) == {"p:1", "p:2", "p:4"}

    def test_closed_and_hyphenated_compounds_match_each_other_the_typed_form_first(
        self, backend: SearchBackend
    ) -> None:
        backend.rebuild(
            titled("Multi-task learning", "Multitask learning", "Learning of a task", "Multi-tasking", "Tasks, multi"),
            revision=1,
        )
        assert found_keys(backend, Term("multitask")) == {"p:0", "p:1", "p:3"}
        assert found_keys(backend, Term("multi-task", "title")) == {"p:0", "p:1", "p:3", "p:4"}
        assert found_keys(backend, Term("multitask", "abstract")) == set()
        assert ranked_keys(backend, And((Term("multitask"), Term("learning")))) == ["p:1", "p:0"]
        assert ranked_keys(backend, And((Term("multi-task"), Term("learning")))) == ["p:0", "p:1"]
        assert found_keys(backend, Prefix("multita")) == {"p:0", "p:1", "p:3"}
        assert found_keys(backend, Prefix("multi-ta")) == {"p:0", "p:1", "p:3", "p:4"}
        assert found_keys(backend, And((Term("learning"), Not(Term("multitask"))))) == {"p:2"}

    def test_a_rare_spelling_ranks_below_the_usual_one(self, backend: SearchBackend) -> None:
        usual = titled(*(f"Database number{n}" for n in range(30)))
        backend.rebuild([*usual, make_document("p:odd", title="Data-base number")], revision=1)
        assert ranked_keys(backend, Term("database"))[-1] == "p:odd"

    def test_scripts_without_blanks_match_by_any_word(self, backend: SearchBackend) -> None:
        backend.rebuild(
            titled("การประมวลผลภาษาไทย", "ເຄື່ອງວັດແທກອຸນຫະພູມ", "ការរៀនម៉ាស៊ីនសម្រាប់ភាសាខ្មែរ", "မြန်မာဘာသာစကား", "น้ำ ภาษี"),
            revision=1,
        )
        assert found_keys(backend, Term("ภาษา")) == {"p:0"}
        assert found_keys(backend, Phrase("ภาษาไทย")) == {"p:0"}
        assert found_keys(backend, Term("ອຸນຫະພູມ")) == {"p:1"}
        assert found_keys(backend, Term("ភាសាខ្មែរ", "title")) == {"p:2"}
        assert found_keys(backend, Term("ဘာသာ")) == {"p:3"}
        assert found_keys(backend, Term("น\u0e4d\u0e49า")) == {"p:4"}

    def test_a_phrase_requires_adjacent_words_in_order(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Deep neural networks", "Networks deep and neural", "Neural deep networks"), revision=1)
        assert found_keys(backend, Phrase("deep neural")) == {"p:0"}
        assert found_keys(backend, Phrase("neural network")) == {"p:0"}

    def test_a_phrase_does_not_match_across_authors(self, backend: SearchBackend) -> None:
        backend.rebuild([make_document("p:0", authors=["Xiao Wang", "Li Zhang"])], revision=1)
        assert found_keys(backend, Phrase("wang li", "author")) == set()
        assert found_keys(backend, Phrase("li zhang", "author")) == {"p:0"}

    def test_not_excludes(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graph networks", "Graph colouring", "Words"), revision=1)
        assert found_keys(backend, And((Term("graph"), Not(Term("networks"))))) == {"p:1"}
        assert found_keys(backend, And((Everything(), Not(Term("graph"))))) == {"p:2"}
        assert found_keys(backend, Not(Term("graph"))) == {"p:2"}

    def test_a_prefix_matches_unstemmed_words_also_with_accents(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Convolutional filters", "Convolution theorem", "Schrödinger", "Volcano"), revision=1)
        assert found_keys(backend, Prefix("convolutional")) == {"p:0"}
        assert found_keys(backend, Prefix("convol")) == {"p:0", "p:1"}
        assert found_keys(backend, Prefix("schro")) == {"p:2"}
        assert found_keys(backend, Prefix("schrö")) == {"p:2"}

    def test_a_fuzzy_word_matches_similar_words_the_exact_one_first(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Gausian noise", "Gaussian noise", "Gallican noise"), revision=1)
        assert ranked_keys(backend, Fuzzy("gaussian")) == ["p:1", "p:0"]
        assert found_keys(backend, Fuzzy("guassian")) == {"p:1"}  # a swap is one edit
        assert found_keys(backend, Fuzzy("guassian", distance=2)) == {"p:0", "p:1"}

    def test_ranges_include_both_ends_and_may_be_open(self, backend: SearchBackend) -> None:
        days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
        backend.rebuild([make_document(f"p:{n}", day=day) for n, day in enumerate(days)], revision=1)
        assert found_keys(backend, Range("date", days[1], days[2])) == {"p:1", "p:2"}
        assert found_keys(backend, Range("date", None, days[1])) == {"p:0", "p:1"}
        assert found_keys(backend, Range("date", days[2], None)) == {"p:2", "p:3"}
        assert found_keys(backend, Range("year", date(2024, 1, 1), date(2024, 12, 31))) == {"p:1", "p:2"}
        assert found_keys(backend, Range("date", days[2], days[1])) == set()

    def test_a_paper_with_only_a_year_is_in_ranges_over_the_whole_year(self, backend: SearchBackend) -> None:
        backend.rebuild([make_document("p:0", year=2024), make_document("p:1")], revision=1)
        assert found_keys(backend, Range("date", date(2024, 1, 1), date(2024, 12, 31))) == {"p:0"}
        assert found_keys(backend, Range("date", date(2023, 5, 1), date(2025, 2, 1))) == {"p:0"}
        assert found_keys(backend, Range("date", date(2024, 1, 2), None)) == set()

    def test_flags_and_keys(self, backend: SearchBackend) -> None:
        backend.rebuild([make_document("p:0", flags=["code", "pdf"]), make_document("p:1", flags=["pdf"])], revision=1)
        assert found_keys(backend, Flag("has", "code")) == {"p:0"}
        assert found_keys(backend, Keys(frozenset({"p:1", "p:404"}))) == {"p:1"}
        assert found_keys(backend, Keys(frozenset())) == set()
        assert found_keys(backend, Flag("is", "starred")) == set()

    def test_words_without_tokens_match_nothing_and_do_not_affect_others(self, backend: SearchBackend) -> None:
        backend.rebuild(titled("Graphs"), revision=1)
        assert found_keys(backend, Term("!?")) == set()
        assert found_keys(backend, And((Term("!?"), Term("graphs")))) == {"p:0"}
        assert found_keys(backend, Or((Term("!?"), Term("graphs")))) == {"p:0"}
        assert found_keys(backend, Term("\ud800")) == set()
