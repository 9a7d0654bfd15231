from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.citations.journal_refs import parse_journal_ref


@pytest.mark.parametrize(
    ("text", "container", "volume", "issue", "pages", "year"),
    [
        ("Phys.Rev. D54 (1996) 1234-1240", "Phys.Rev.", "D54", "", "1234-1240", 1996),
        ("Phys. Rev. Lett. 116, 061102 (2016)", "Phys. Rev. Lett.", "116", "", "061102", 2016),
        ("Nature 521, 436–444 (2015)", "Nature", "521", "", "436-444", 2015),
        ("Commun. Math. Phys. 104 (1986), no. 2, 207-226", "Commun. Math. Phys.", "104", "2", "207-226", 1986),
        ("Annals of Statistics 2010, Vol. 38, No. 5, 2733-2763", "Annals of Statistics", "38", "5", "2733-2763", 2010),
        ("JMLR, vol. 15, no. 3, pp. 1929-1958, 2014", "JMLR", "15", "3", "1929-1958", 2014),
        ("J. Artif. Intell. Res. 4(1), 237--285, 1996", "J. Artif. Intell. Res.", "4", "1", "237-285", 1996),
        ("Phys.Rev.Lett.116:061102,2016", "Phys.Rev.Lett.", "116", "", "061102", 2016),
        ("Phys.Rev.D 98 (2018) 3, 030001", "Phys.Rev.D", "98", "3", "030001", 2018),
        ("Eur.Phys.J.C 77 (2017) 5, 317", "Eur.Phys.J.C", "77", "5", "317", 2017),
        ("Astrophys.J. 802 (2015) 1, L12", "Astrophys.J.", "802", "1", "L12", 2015),
        ("Phys.Rev.D75:084031,2007; Erratum-ibid.D79:129902,2009", "Phys.Rev.", "D75", "", "084031", 2007),
        (
            "Phys. Rev. D 75, 084031 (2007) [Erratum: Phys. Rev. D 79, 129902 (2009)]",
            "Phys. Rev. D",
            "75",
            "",
            "084031",
            2007,
        ),
        ("JHEP 0712:022,2007, Addendum-ibid. 0801:001,2008", "JHEP", "0712", "", "022", 2007),
        ("Physical Review A 90.3 (2014): 032301", "Physical Review A", "90", "3", "032301", 2014),
        ("Entropy 2019, 21(3), 255", "Entropy", "21", "3", "255", 2019),
        ("JHEP 12 (2019) 045", "JHEP", "12", "", "045", 2019),
        ("Astron.Astrophys. 641 (2020) A6", "Astron.Astrophys.", "641", "", "A6", 2020),
    ],
)
def test_usual_forms_are_read(text: str, container: str, volume: str, issue: str, pages: str, year: int) -> None:
    ref = parse_journal_ref(text)
    assert (ref.container, ref.volume, ref.issue, ref.pages, ref.year) == (container, volume, issue, pages, year)
    assert not ref.is_conference


@pytest.mark.parametrize(
    "text",
    [
        "Proceedings of the 35th International Conference on Machine Learning, PMLR 80, 2018",
        "In Proc. ICML 2018",
        "Lecture Notes in Computer Science, vol. 11213, 2018",
    ],
)
def test_proceedings_stay_whole_and_are_a_conference(text: str) -> None:
    ref = parse_journal_ref(text)
    assert ref.is_conference
    assert ref.year == 2018
    assert text.endswith(ref.container)
    assert not ref.volume


def test_a_journal_called_proceedings_is_a_journal() -> None:
    assert not parse_journal_ref("Proc. Natl. Acad. Sci. 117 (2020) 30071-30078").is_conference


@pytest.mark.parametrize("text", ["to appear in Annals of Mathematics", "Journal of Things, accepted", "", "12 34"])
def test_what_cannot_be_read_stays_whole(text: str) -> None:
    ref = parse_journal_ref(text)
    assert (ref.container, ref.volume, ref.pages) == (text, "", "")


def test_a_correction_alone_is_read_as_it_stands() -> None:
    assert parse_journal_ref("Erratum-ibid. D79 (2009) 129902").year == 2009


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    ref = parse_journal_ref(text)
    assert ref.year is None or 1900 <= ref.year <= 2099
