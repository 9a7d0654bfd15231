from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.management.commands.load_starter import STARTER as STARTER_FOLDER
from coolpapers.papers.names.venues import is_journal, parse_track, parse_venue, series_name, venue_label, with_event

ACL_MEETING = "Annual Meeting of the Association for Computational Linguistics"
TITLES = [
    ("ICLR 2025", "ICLR", 2025, ""),
    ("NIPS 2012", "NeurIPS", 2012, ""),
    ("ICLR 2021 submission", "ICLR", 2021, "Submission"),
    ("ICLR 2025 Poster", "ICLR", 2025, "Poster"),
    ("ICML 2024 Workshop FM-Wild", "ICML", 2024, "Workshop"),
    ("neurips", "NeurIPS", None, ""),
    ("3DV 2020", "3DV", 2020, ""),
    ("Findings of the Association for Computational Linguistics: EMNLP 2023", "EMNLP", 2023, "Findings"),
    ("Findings of the Association for Computational Linguistics: ACL-IJCNLP 2021", "ACL", 2021, "Findings"),
    ("Proceedings of the 2020 Empirical Methods in Natural Language Processing (EMNLP)", "EMNLP", 2020, ""),
    (f"Proceedings of the 61st {ACL_MEETING} (Volume 1: Long Papers)", "ACL", None, "Long"),
    (
        "Proceedings of the 2019 Conference of the North American Chapter of the Association for Computational "
        "Linguistics: Human Language Technologies, Volume 2 (Short Papers)",
        "NAACL",
        2019,
        "Short",
    ),
    (
        "Proceedings of the 16th Conference of the European Chapter of the ACL: System Demonstrations",
        "EACL",
        None,
        "Demo",
    ),
    ("COLING 2016, the 26th International Conference on Computational Linguistics: Papers", "COLING", 2016, ""),
    ("Computational Linguistics, Language Resources and Evaluation (LREC-COLING 2024)", "LREC-COLING", 2024, ""),
    ("Proceedings of the Twelfth Language Resources and Evaluation Conference", "LREC", None, ""),
    ("Proceedings of the 5th Workshop on Noisy User-generated Text (W-NUT 2019)", "W-NUT", 2019, ""),
    ("Proceedings of the 3rd Workshop on Asian Translation (WAT2016)", "WAT", None, ""),
    ("Advances in Neural Information Processing Systems 30", "NeurIPS", None, ""),
    ("Nature (London)", "Nature-London", None, ""),
    ("Ecology (Durham)", "Ecology-Durham", None, ""),
    ("Journal of the ACM (JACM)", "JACM", None, ""),
    ("Annual Conference of the Foo Association (Interfoo)", "Interfoo", None, ""),
    ("Gathering of Foo (Interfoo 2020)", "Interfoo", 2020, ""),
    ("arXiv", "", None, ""),
    ("arXiv preprint arXiv:1706.03762", "", None, ""),
    ("", "", None, ""),
]


@pytest.mark.parametrize(("text", "slug", "year", "track"), TITLES)
def test_it_reads_series_year_and_track(text: str, slug: str, year: int | None, track: str) -> None:
    reading = parse_venue(text)
    assert (reading.slug, reading.year, reading.track) == (slug, year, track)


ACL_IDS = [
    ("2020.acl-main.1", "Proceedings of the 58th Annual Meeting", "ACL", 2020, "Main"),
    ("2023.findings-emnlp.1", "Findings of the Association", "EMNLP", 2023, "Findings"),
    ("2021.acl-srw.3", "Proceedings of the Student Research Workshop", "ACL", 2021, "Student Workshop"),
    ("2022.naacl-industry.3", "Industry Papers", "NAACL", 2022, "Industry"),
    ("2024.lrec-main.5", "Joint International Conference (LREC-COLING 2024)", "LREC-COLING", 2024, "Main"),
    ("2020.lrec-1.5", "Proceedings of the Twelfth Language Resources and Evaluation Conference", "LREC", 2020, ""),
    ("2024.nlp4pi-1.3", "Proceedings of the Third Workshop on NLP for Positive Impact", "nlp4pi", 2024, ""),
    ("2025.nlp4pi-1.3", "Fourth Workshop on NLP for Positive Impact (NLP4PI)", "NLP4PI", 2025, ""),
    ("P19-1001", f"Proceedings of the 57th {ACL_MEETING}", "ACL", None, ""),
    ("P05-1001", "Proceedings of the 43rd Annual Meeting", "ACL", None, ""),
    ("W18-3028", "Proceedings of the Third Workshop on Learning for NLP", "Workshop-on-Learning-for-NLP", None, ""),
]


@pytest.mark.parametrize(("acl_id", "text", "slug", "year", "track"), ACL_IDS)
def test_the_anthology_s_ids_say_more_than_titles(
    acl_id: str, text: str, slug: str, year: int | None, track: str
) -> None:
    reading = parse_venue(text, acl_id=acl_id)
    assert reading.slug.lower() == slug.lower()
    assert (reading.year, reading.track) == (year, track)


@pytest.mark.parametrize(
    ("status", "track"),
    [
        ("poster", "Poster"),
        ("Oral", "Oral"),
        ("Withdraw", "Withdrawn"),
        ("Reject", "Rejected"),
        ("accepted", ""),
        ("System Demonstrations", "Demo"),
        ("Poster Workshop", "Poster Workshop"),
        ("", ""),
    ],
)
def test_decisions_become_one_word_of_ours(status: str, track: str) -> None:
    assert parse_track(status) == track


@given(st.text(max_size=200))
def test_any_text_gives_a_slug_that_fits_an_address(text: str) -> None:
    reading = parse_venue(text)
    assert len(reading.slug) <= 60
    assert len(reading.name) <= 200
    assert re.fullmatch(r"[\w*-]*", reading.slug)


STARTER = STARTER_FOLDER / "papers.jsonl"
JOURNALS_OF_THE_STARTER_LIBRARY = """
Annals of Mathematical Statistics; Annals of Mathematics; Annals of Statistics; ACM TOIS; Bell System Technical Journal;
Communications of the ACM; Computational Linguistics; Computer Networks and ISDN Systems; Forum of Mathematics, Pi;
Foundations and Trends in Information Retrieval; Foundations of Computational Mathematics; IEEE Computer; IEEE TPAMI;
IEEE Transactions on Information Theory; Inventiones mathematicae; Israel Journal of Mathematics; JMLR;
Journal of Basic Engineering; Journal of Chemical Physics; Journal of Computer and System Sciences;
Journal of Documentation; Journal of Fourier Analysis and Applications; Journal of the ACM;
Journal of the American Society for Information Science; Journal of the Royal Statistical Society: Series B;
Machine Learning; Mathematics of Computation; Nature; Neural Computation; PNAS; Proceedings of the IEEE; Program;
Psychometrika; Publications mathématiques de l'IHÉS; Science; SIAM Journal on Imaging Sciences; SIAM Review; TACL;
Theory of Probability and Its Applications
"""


def test_every_venue_of_the_starter_library_has_its_kind_as_data() -> None:
    journals = {name.strip() for name in JOURNALS_OF_THE_STARTER_LIBRARY.split(";")}
    rows = STARTER.read_text(encoding="utf-8").splitlines()
    venues = {json.loads(row).get("venue", "") for row in rows if row.startswith("{")} - {""}
    readings = {re.sub(r" (?:19|20)\d\d$", "", venue): parse_venue(venue) for venue in venues}
    series = {name: reading.slug for name, reading in readings.items() if reading.slug}
    assert {name for name, slug in series.items() if not series_name(slug)} == set()  # each is an entry of venues.toml
    assert {name for name, slug in series.items() if is_journal(slug)} == journals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Physical Review Letters", True),
        ("Journal of Fluid Mechanics, Volume 12", True),
        ("Communications in Mathematical Physics", True),
        ("Proceedings of the National Academy of Sciences", True),
        ("Proceedings of the Royal Society A", True),
        ("Mathematical Proceedings of the Cambridge Philosophical Society", True),
        ("Frontiers in Neuroscience", True),
        ("Reviews of Modern Physics", True),
        ("Nature Communications", True),
        ("Proceedings of the 3rd Workshop on Letters and Reviews", False),
        ("Advances in Neural Information Processing Systems", False),
        ("International Conference on Nature", False),
        ("Lecture Notes in Computer Science", False),
        ("Some Gathering", False),
    ],
)
def test_a_series_without_an_entry_is_judged_by_its_name(text: str, expected: bool) -> None:
    assert is_journal("", text) is expected


@pytest.mark.parametrize(
    ("event", "slug", "year"),
    [
        ("NIPS 2012", "NeurIPS", 2012),
        ("NLP4X 2020", "NLP4X", 2020),
        ("MT Summit 2021", "MT-Summit", 2021),
        ("Odd Meeting 2021", "Odd-Workshop", None),
        ("3rd Odd Workshop, Paris", "Odd-Workshop", None),
        ("", "Odd-Workshop", None),
    ],
)
def test_the_short_name_of_a_conference_says_the_series(event: str, slug: str, year: int | None) -> None:
    reading = with_event(parse_venue("Odd Workshop"), event)
    assert (reading.slug, reading.year) == (slug, year)


@pytest.mark.parametrize(
    ("slug", "name", "label"),
    [
        ("ICLR", "International Conference on Learning Representations", "ICLR"),
        ("W-NUT", "Workshop on Noisy and User-generated Text", "W-NUT"),
        ("LREC-COLING", "", "LREC-COLING"),
        ("MT-Summit", "Machine Translation Summit", "MT Summit"),
        ("Annals-of-Mathematical-Statistics", "Annals of Mathematical Statistics", "Annals of Mathematical Statistics"),
        ("Annals-of-Mathematical-Statistics", "", "Annals of Mathematical Statistics"),
        ("Phys-Rev-D", "Phys. Rev. D", "Phys. Rev. D"),
        ("Comm-Math-Phys", "Comm. Math. Phys.", "Comm. Math. Phys."),
        ("Letters-A-B", "Letters (A & B) 1987", "Letters (A & B)"),
        ("Renamed-by-hand", "Another name", "Renamed by hand"),
        ("数学-学报", "数学 学报", "数学 学报"),
        ("", "", ""),
    ],
)
def test_pages_show_acronyms_and_readable_names(slug: str, name: str, label: str) -> None:
    assert venue_label(slug, name) == label


def test_a_name_that_was_cut_in_the_slug_is_cut_in_the_label() -> None:
    reading = parse_venue("Workshop on the Many Ways to Say the Same Thing at Great Length in Front of Few People")
    label = venue_label(reading.slug, reading.name)
    assert label.endswith(" …")
    assert reading.name.startswith(label.removesuffix(" …"))


@pytest.mark.parametrize(
    "text", ["Annals of Physics 1999", "J. Stat. Mech.", "Ann. Inst. H. Poincaré, Sect. A", "Notices AMS"]
)
def test_a_venue_read_from_its_title_has_a_label_without_hyphens_of_the_slug(text: str) -> None:
    reading = parse_venue(text)
    assert "-" not in venue_label(reading.slug, reading.name)
