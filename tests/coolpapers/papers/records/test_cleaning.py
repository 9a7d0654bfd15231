from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coolpapers.papers.names.people import part_names
from coolpapers.papers.records.cleaning import clean_authors, clean_name, clean_text


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("  two\r\n  lines\tand\xa0more ", "two lines and more"),
        ("recog(cid:173) nition and similar(cid:173)ity", "recognition and similarity"),
        ("soft\xad hyphen soft\xadhyphen", "softhyphen softhyphen"),
        ("arti(cid:12)cially neuroscienti(cid:2)c e(cid:11)ect", "artificially neuroscientific effect"),
        ("tra(cid:14)c in(cid:3)uence", "traffic influence"),
        ("underlying (cid:2)ring rate", "underlying firing rate"),
        ("block (cid:96)1 and (cid:15)-tubes, (cid:7)", "block ℓ1 and ε-tubes,"),
        ("it\x92s \x93quoted\x94", "it’s “quoted”"),
        ("itâ\x80\x99s Ã\x9f", "it’s ß"),
        ("Online \ufffcMatrix", "Online Matrix"),
        ("bell\x07 and null\x00 and \x7f", "bell and null and"),
        ("\ufeffmark and zero\u200bwidth", "mark and zerowidth"),
        ("turned \u202eround\u202c and \u2067isolated\u2069", "turned round and isolated"),
        ("SchrÃ¶dinger and cafÃ© in MÃ¼nster", "Schrödinger and café in Münster"),
        ("FranÃ§ois â€œquotedâ€\x9d, donâ€™t", "François “quoted”, don’t"),
        ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚ Ð¼Ð¸Ñ€", "привет мир"),
        ("CAFÉ–BAR, Âme, √n, Łódź and Ã", "CAFÉ–BAR, Âme, √n, Łódź and Ã"),
        (r"Alzheimer\'s disease and the authors\' model", "Alzheimer's disease and the authors' model"),
        (r"don\'t, O\'Neil, coup d\'Etat, caf\'e, \'Etat, $f\'s$", r"don't, O'Neil, coup d'Etat, café, État, $f\'s$"),
        ("one---two --- three, ----, ---> $a---b$", "one—two — three, ----, ---> $a---b$"),
        ("eﬃcient ﬂow and ﬁne", "efficient flow and fine"),
        (r"a view of the authors\'", "a view of the authors'"),
        ("x<sub>i</sub><sup>2</sup>", "x$_i^2$"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("a &lt; b &amp;&amp; c &#8212; d &nbsp;e", "a < b && c — d e"),
        ("AT&T and R&D; &unknown;", "AT&T and R&D; &unknown;"),
        ("caf&eacute; &ndash; AT&amp;amp;T &alpha;&#x3b2;&#0; &rarr;", "café – AT&T αβ →"),
        ("<i>E. coli</i> in CO<sub>2</sub>", r"\emph{E. coli} in CO$_2$"),
        ("&lt;i&gt;E. coli&lt;/i&gt; and a &lt; b", r"\emph{E. coli} and a < b"),
        ('Schr\\"odinger with $\\"x$', 'Schrödinger with $\\"x$'),
        ("e\u0301", "é"),
        ("中文 标题", "中文 标题"),
        ("", ""),
    ],
)
def test_damage_is_mended(found: str, wanted: str) -> None:
    assert clean_text(found) == wanted


def test_blank_lines_stay_where_paragraphs_are_wanted() -> None:
    assert clean_text("one\ntwo\n \n three ", paragraphs=True) == "one two\n\nthree"
    assert clean_text("one\n\ntwo") == "one two"


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (r"J\"org M\"uller", "Jörg Müller"),
        ("Fr\\'ed\\'eric Bernicot (LM-Orsay)", "Frédéric Bernicot"),
        ("Tadeusz Chmaj,", "Tadeusz Chmaj"),
        ("{The Test Collaboration}", "The Test Collaboration"),
        ("A.~B. Writer", "A. B. Writer"),
        ("Jane (Jenny) Doe", "Jane (Jenny) Doe"),
        ("Peter St\\ütz", "Peter Stütz"),
        ("JÃ¶rg MÃ¼ller", "Jörg Müller"),
        (r"Jan Ku\'s", "Jan Kuś"),
        (r"Shaquille O\'Neal", "Shaquille O'Neal"),
        ("Thorbjφrn S⊘rensen and φ Φ", "Thorbjørn S⊘rensen and φ Φ"),
        ("Xuhai \"Orson'' Xu", 'Xuhai "Orson" Xu'),
        (r"Jane \textsc{Doe}$^{1,2}$", "Jane Doe"),
        (r"Jane Doe$^\dagger$", "Jane Doe"),
        ("Food\xa0and Drug Administration", "Food and Drug Administration"),
    ],
)
def test_names_lose_affiliations_and_stray_marks(found: str, wanted: str) -> None:
    assert clean_name(found) == wanted


def test_a_list_of_authors_that_repeats_itself_is_folded() -> None:
    assert clean_authors(["A B", "C D", "A B", "C D"]) == ["A B", "C D"]
    assert clean_authors(["A B", "A B"]) == ["A B"]
    assert clean_authors(["A B", "C D", "A B"]) == ["A B", "C D", "A B"]
    assert clean_authors(["A B", "C D", "C D", "A B"]) == ["A B", "C D", "C D", "A B"]
    assert clean_authors(["", " ,"]) == []


def test_affiliations_that_were_cut_at_their_commas_are_no_authors() -> None:
    assert clean_authors(["A. One (Lab", "City)", "B. Two"]) == ["A. One", "B. Two"]
    numbered = ["A. One (1", "2)", "B. Two (1", "2) ((1) Lab", "(2) Other Lab", "Brazil)"]
    assert clean_authors(numbered) == ["A. One", "B. Two"]
    assert clean_authors(["A. One (L2S", "IPSA), B. Two (X", "Y)"]) == ["A. One", "B. Two"]
    assert clean_authors(["A. One (Lab", "B. Two", "C. Three"]) == ["A. One", "B. Two", "C. Three"]


@pytest.mark.parametrize(
    "mark",
    ["<i>", "<p></i>", "<i", "&amp;", "<!--", "<math></math>", "\n", "Ã©", "---", "\u202e", "(cid:2)", r"\'s", "â€"],
)
def test_hostile_repetitions_take_linear_time(mark: str) -> None:
    began = time.process_time()
    clean_text(mark * (100_000 // len(mark)), paragraphs=True)
    assert time.process_time() - began < 2


@given(st.text())
def test_clean_text_holds_no_control_and_cleans_to_itself(text: str) -> None:
    cleaned = clean_text(text)
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000 for char in cleaned)
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    cleaned.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("Filip Rindler,\n  Anna Skorobogatova", ["Filip Rindler", "Anna Skorobogatova"]),
        ("M. B. Dias and A. Stentz", ["M. B. Dias", "A. Stentz"]),
        ("Jane Doe (Example University),\n  Anne-Sophie de Roe (EU)", ["Jane Doe", "Anne-Sophie de Roe"]),
        ("Roberto de A. Roe (EU),\n  Jane Dassy do Doe", ["Roberto de A. Roe", "Jane Dassy do Doe"]),
        ("Department of Health and Human Services", ["Department of Health and Human Services"]),
        ("R. Smith and Sons", ["R. Smith and Sons"]),
        ("ATLAS and CMS Collaborations", ["ATLAS and CMS Collaborations"]),
        ("U.S. Securities and Exchange Commission", ["U.S. Securities and Exchange Commission"]),
        ("N. Y. Academy of Arts and Sciences", ["N. Y. Academy of Arts and Sciences"]),
        ("J C Robinson & W Sadowski", ["J C Robinson", "W Sadowski"]),
        ("Texas A & M University", ["Texas A & M University"]),
        ("J. Robinson & W. Sadowski", ["J. Robinson", "W. Sadowski"]),
        ("A. Doe\xa0and B. Roe", ["A. Doe and B. Roe"]),
    ],
)
def test_two_people_in_one_entry_are_two(name: str, people: list[str]) -> None:
    assert clean_authors([name]) == people


def test_a_list_that_says_itself_four_times_is_read_once() -> None:
    assert clean_authors(["Ada Lovelace", "Jane Doe"] * 4) == ["Ada Lovelace", "Jane Doe"]


@pytest.mark.parametrize(
    ("names", "people"),
    [
        (["Doe, Jane", "van der Berg, Jan", "Müller, J.-P."], ["Jane Doe", "Jan van der Berg", "J.-P. Müller"]),
        (["Ann Alpha", "Laks Lakshmanan, V.S.", "Bob Beta"], ["Ann Alpha", "V.S. Laks Lakshmanan", "Bob Beta"]),
        (
            ["Ann Alpha", "Ling Zhou, Guojiang Dong", "Bob Beta"],
            ["Ann Alpha", "Ling Zhou", "Guojiang Dong", "Bob Beta"],
        ),
        (["Ann Alpha", "Carvalho Roe, Max Moe (EU)", "Bob"], ["Ann Alpha", "Carvalho Roe", "Max Moe", "Bob"]),
        (["Ann Alpha", "Ling Zhou, Guojiang ang Dong", "Bob"], ["Ann Alpha", "Ling Zhou", "Guojiang ang Dong", "Bob"]),
        (
            ["Ann Alpha", "Roberto de A. Roe (EU), Jane do Doe", "Bob"],
            ["Ann Alpha", "Roberto de A. Roe", "Jane do Doe", "Bob"],
        ),
        (
            ["Ann Alpha", "Max Planck Institute, Example Town", "Bob"],
            ["Ann Alpha", "Max Planck Institute, Example Town", "Bob"],
        ),
        (["García Márquez, Gabriel José"], ["Gabriel José García Márquez"]),
        (["Guy L. Steele, Jr."], ["Guy L. Steele, Jr."]),
        (["Barnes and Noble, Inc.", "OpenAI, Ltd"], ["Barnes and Noble, Inc.", "OpenAI, Ltd"]),
        (["Institute of Tests, Testville", "Jane Doe"], ["Institute of Tests, Testville", "Jane Doe"]),
        (["Jane Doe, Ph.D.", "Max Moe"], ["Jane Doe", "Max Moe"]),
    ],
)
def test_names_in_the_order_of_an_index_are_turned(names: list[str], people: list[str]) -> None:
    natural, _ = part_names(clean_authors(names))
    assert natural == tuple(people)


def test_a_ligature_that_a_wrong_encoding_hid_is_letters() -> None:
    assert (
        clean_text("suï¬€ers, eﬃcient, ï¬\u0081rst")
        == clean_text(clean_text("suï¬€ers, eﬃcient, ï¬\u0081rst"))
        == "suffers, efficient, first"
    )


@pytest.mark.parametrize(
    "name",
    [
        "Jane Doe*", "Jane Doe†,‡", "Jane Doe¹,²", "Jane Doe 1,2", "Jane Doe1", "Jane Doe <jane@example.org>",
        "Jane Doe https://orcid.org/0000-0001-2345-678X", "Jane Doe, 0000-0001-2345-6789", "and Jane Doe",
        "Jane Doe and", "by Jane Doe", "Dr. Jane Doe, PhD", "Prof. Dr. Jane Doe", "Jane Doe, M.D., Ph.D.", "[Jane Doe]",
        '"Jane Doe"',
    ],
)  # fmt: skip
def test_what_lists_set_around_a_name_goes(name: str) -> None:
    assert clean_authors([name]) == ["Jane Doe"]


@pytest.mark.parametrize(
    "name",
    [
        "CLAS12 Collaboration", "D0 Collaboration", "NA61/SHINE", "Web3", "Belle II", "Elizabeth II", "Dr. Dre",
        "Guy L. Steele, Jr.", 'Jane "JD" Doe', '"Q" Smith', "X Æ A-12", "Group 42", "By Feng",
    ],
)  # fmt: skip
def test_what_belongs_to_a_name_stays(name: str) -> None:
    assert clean_authors([name]) == [name]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("pre-\ntraining of\nmodels", "pre-training of models"),
        ("state-of-the-\n  art", "state-of-the-art"),
        ("pre-\nand post-training", "pre- and post-training"),
        ("a -\nb", "a - b"),
    ],
)
def test_a_compound_over_two_lines_is_one(text: str, clean: str) -> None:
    assert clean_text(text) == clean
