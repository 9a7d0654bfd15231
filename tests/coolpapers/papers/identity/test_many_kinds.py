"""Many inputs of each kind: records that are one work, and records that only look like it."""

from __future__ import annotations

from typing import Any

import pytest

from coolpapers.papers.identity.keys import keys_of
from coolpapers.papers.identity.verdicts import Relation, compare
from tests.coolpapers.papers.identity.make import evidence

TITLE = "A study of parsing in long sentences"

OTHER_SIGNS = [
    ("Search for $B^0 \\to K^+ \\pi^-$ decays", "Search for $B^0 \\to K^- \\pi^+$ decays"),
    ("Decays B+ → K+ μ+ μ− at work", "Decays B+ → K+ e+ e− at work"),
    ("Measurement of Ω_c^0 production", "Measurement of Ω_b^0 production"),
    ("Estimates for x≥0 in Banach spaces", "Estimates for x≤0 in Banach spaces"),
    ("The equation a≠b revisited here", "The equation a=b revisited here"),
    ("Learning F# by example", "Learning F by example"),
    ("Programming in C++11 for experts", "Programming in C++14 for experts"),
    ("Ratio 3:1 of mixing in fluids", "Ratio 31 of mixing in fluids"),
    ("Search for K+ → π+ ν ν̄ in flight", "Search for K− → π− ν ν̄ in flight"),
    ("Effects of pH 7.4 on membranes", "Effects of pH 74 on membranes"),
    ("Collisions at √s = 7 TeV", "Collisions at √s = 13 TeV"),
    ("Asymmetry in e+e− collisions", "Asymmetry in e+p collisions"),
    ("Bounds on k-SAT when k>3 holds", "Bounds on k-SAT when k<3 holds"),
    ("Weighted sums ∑ over primes p", "Weighted products ∏ over primes p"),
    ("Intersection A∩B of convex bodies", "Union A∪B of convex bodies"),
    ("The set ∂Ω of domains is small", "The set Ω of domains is small"),
    ("Integrals with ±1 boundary values", "Integrals with ∓1 boundary values"),
    ("Membership x ∈ A of random points", "Membership x ∉ A of random points"),
    ("Random walks on Z^2 with drift", "Random walks on Z^3 with drift"),
    ("Vitamin D in old age and bone", "Vitamin K in old age and bone"),
    ("Hepatitis B in dialysis patients", "Hepatitis C in dialysis patients"),
    ("The $\\alpha$-decay of heavy nuclei", "The $\\beta$-decay of heavy nuclei"),
    ("Influenza A(H1N1) in swine herds", "Influenza A(H3N2) in swine herds"),
    ("Type I error of sequential tests", "Type II error of sequential tests"),
    ("50% of all galaxies are dark", "5% of all galaxies are dark"),
    ("L^p estimates of the Laplacian", "L^q estimates of the Laplacian"),
]
ONE_TITLE = [
    ("Search for $B^0 \\to K^+ \\pi^-$ decays", "Search for B<sup>0</sup> → K<sup>+</sup> π<sup>−</sup> decays"),
    ("Estimates for $x \\geq 0$ in Banach spaces", "Estimates for x ≥ 0 in Banach spaces"),
    ("The equation $a \\neq b$ revisited here", "The equation a ≠ b revisited here"),
    ("The equation $a \\not= b$ revisited here", "The equation a ≠ b revisited here"),
    ("Membership $x \\notin A$ of random points", "Membership x ∉ A of random points"),
    ("Membership $x \\not\\in A$ of random points", "Membership x ∉ A of random points"),
    ("$H_2O$ in molecular clouds and stars", "H₂O in molecular clouds and stars"),
    ("CO$_{2}$ capture by minerals in soil", "CO2 capture by minerals in soil"),
    ("The $\\alpha$-decay of heavy nuclei", "The alpha decay of heavy nuclei"),
    ("50\\% of all galaxies are dark", "50% of all galaxies are dark"),
    ("$L^{p}$ estimates of the Laplacian", "L<sup>p</sup> estimates of the Laplacian"),
    ("Naïve Bayes for spam and ham", "Naive Bayes for spam and ham"),
    ("Erdős–Rényi graphs and their cores", "Erdos-Renyi graphs and their cores"),
    ("Gödel's proof, explained to all", "Goedel's proof, explained to all"),
    ("Schrödinger operators on trees", 'Schr\\"odinger operators on trees'),
    ("State of the art in parsing texts", "State-of-the-art in parsing texts"),
    ("Bounds for $\\mathcal{O}(n \\log n)$ sorting", "Bounds for O(n log n) sorting"),
    ("Deep Learning &amp; Vision in the Wild", "Deep Learning and Vision in the Wild"),
    ("“Why should I trust you?” in models", '"Why Should I Trust You?" in models'),
    ("An introduction to $\\varepsilon$-nets", "An introduction to ε-nets"),
    ("RETRACTED ARTICLE: A study of parsing", "A study of parsing"),
    ("On the (In-)Consistency of parsers", "ON THE (IN-)CONSISTENCY OF PARSERS"),
]
OTHER_PARTS = [
    ("Modular forms, I", "Modular forms, II"),
    ("Modular forms and L-functions. I", "Modular forms and L-functions. IV"),
    ("Modular forms (Part 1) in general", "Modular forms (Part 2) in general"),
    ("Handbook of Parsing, Vol. 1", "Handbook of Parsing, Vol. 2"),
    ("Handbook of Parsing: Volume One", "Handbook of Parsing: Volume Two"),
    ("Handbook of Parsing (3rd edition)", "Handbook of Parsing (4th edition)"),
    ("Handbook of Parsing, Chapter 3", "Handbook of Parsing, Chapter 4"),
    ("Modular forms and L-functions, Part A", "Modular forms and L-functions, Part B"),
    ("Modular forms, first part of three", "Modular forms, second part of three"),
    ("Parsing long texts, part three", "Parsing long texts, part four"),
    ("Parsing of German texts, Teil 1", "Parsing of German texts, Teil 2"),
    ("Analyse des textes, première partie", "Analyse des textes, deuxième partie"),
    ("Theory of parsing: Book I", "Theory of parsing: Book II"),
    ("Lecture 5: parsing of long texts", "Lecture 6: parsing of long texts"),
    ("Parsing long texts: a sequel", "Parsing long texts"),
    ("Parsing long texts 2", "Parsing long texts"),
    ("Parsing long texts revisited", "Parsing long texts"),
    ("Parsing long texts (continued)", "Parsing long texts"),
    ("YOLOv3 detection of small objects", "YOLOv4 detection of small objects"),
    ("GPT-3 as a parser of texts", "GPT-4 as a parser of texts"),
    ("On parsing. Part II: applications", "On parsing. Part I: applications"),
    ("解析の研究 その1について考える", "解析の研究 その2について考える"),
]
NOTICES = [
    "Erratum: {}", "Erratum to “{}”", "Errata: {}", 'Corrigendum to "{}" [J. Foo 12 (2020) 1-9]', "Correction: {}",
    "Author Correction: {}", "Publisher's Note: {}", "Correction to: {}", "Addendum: {}", "Retraction Note to: {}",
    "Expression of Concern: {}", "Notice of Retraction: {}", "Reply to comment on '{}'", "Comments on “{}”",
    "Response to ‘{}’", "Rejoinder: {}", "Discussion: {}", "Invited discussion: {}", "{}: Rejoinder", "{} [Erratum]",
    "{} - Reply", "{}—Authors' reply", "{}. Reply", "Book review: {}", "Review of {}", "Preface to {}",
    "Introduction to “{}”", "Supplementary material for {}", "Online appendix to {}", "{} (Extended Abstract)",
    "Editorial comment on {}", "A comment on “{}”", "Letter: {}", "Closure to “{}”", "In response to: {}",
    "Poster: {}", "{} (poster)", "Berichtigung: {}", "Publisher Correction to: {}", "Summary of “{}”", "{}: a summary",
    "{}: Supplementary Material", "{} (Invited Talk)", "Abstract: {}",
]  # fmt: skip
ONE_PEOPLE = [
    ("Søren Østergaard; Łukasz Kaiser", "Soren Ostergaard; Lukasz Kaiser"),
    ("Jürgen Müller; Bo Walker", "Juergen Mueller; Bo Walker"),
    ("Jürgen Müller; Bo Walker", "Jurgen Muller; Bo Walker"),
    ("Müller, Jürgen; Walker, Bo", "J. Mueller; B. Walker"),
    ("Geoffrey Hinton; Yann LeCun", "Hinton GE; LeCun Y"),
    ("Ludwig van Beethoven; Bo Walker", "van Beethoven, Ludwig; Walker, Bo"),
    ("Jean-Pierre Serre; Bo Walker", "Serre, Jean Pierre; Walker, Bo"),
    ("Xiaoming Wang; Li Zhang", "Wang Xiaoming; Zhang Li"),
    ("Hyun-Woo Kim; Bo Walker", "Hyunwoo Kim; Bo Walker"),
    ("José García-Márquez; Ana López", "J. García Márquez; A. López"),
    ("Åke Björck; Gene Golub", "Aake Bjoerck; Gene H. Golub"),
    ("Thomas Weiß; Bo Walker", "Thomas Weiss; Bo Walker"),
    ("Dan Jurafsky; James Martin", "Daniel Jurafsky; James H. Martin"),
    ("Mike Jordan; Larry Page", "Michael Jordan; Lawrence Page"),
    ("Robert Downey Jr.; Bo Walker", "Robert Downey; Bo Walker"),
    ("Wei Wang 0001; Bo Walker", "Wei Wang; Bo Walker"),
    ("Patrick O'Brien; Bo Walker", "P. OBrien; B. Walker"),
    ("Çağlar Gülçehre; Bo Walker", "Caglar Guelcehre; Bo Walker"),
    ("Ada Example; Bo Walker; C. Dee; E. Eff", "Ada Example; others"),
    ("Nguyễn Văn An; Bo Walker", "Van An Nguyen; Bo Walker"),
    ("Þórir Jónsson; Bo Walker", "Thorir Jonsson; Bo Walker"),
    ("LeCun, Yann; Bengio, Yoshua", "Yann Le Cun; Yoshua Bengio"),
    ("ATLAS Collaboration", "The ATLAS Collaboration"),
]
OTHER_PEOPLE = [
    ("Jing Wang; Bo Li", "Jin Wang; Bo Liu"),
    ("John Smith", "Jane Smith"),
    ("Wei Zhang; Li Chen", "Wei Zhang; Min Xu; Kai Yu"),
    ("J. Müller", "K. Müller"),
    ("ATLAS Collaboration", "CMS Collaboration"),
]
VOLUMES = [
    "10.1007/978-3-030-01234-2", "10.1007/11564751", "10.1007/b98765", "10.18653/v1/2020.acl-main", "10.3115/v1/P15-1",
    "10.1109/CVPR42600.2020", "10.1016/c2018-0-01234-5", "10.1016/s0140-6736(20)x0012-3", "10.1002/9781118786352",
    "10.4018/978-1-5225-1234-5", "10.1142/9789811234567", "10.1515/9783110123456", "10.1017/cbo9780511804441",
    "10.1093/oso/9780198812345.001.0001", "10.4230/lipics.icalp.2020", "10.1609/aaai.v34i01", "10.52202/075280",
    "10.1090/conm/567", "10.1201/9781003012345", "10.21437/interspeech.2020", "10.3233/faia325", "10.1145/3372278",
]  # fmt: skip
RECURRING = [
    "Editorial", "Introduction", "Preface", "Guest Editors' Introduction", "Introduction to the Special Issue",
    "Message from the Editor-in-Chief", "Letter from the Editor", "President's Message", "In Memoriam", "Book Reviews",
    "Conference Report", "Report of the Committee on Parsing", "Annual Report", "Call for papers", "Errata",
    "Problems and Solutions", "Author index", "Abstracts of the annual meeting", "News and views", "Keynote address",
    "List of reviewers", "Vorwort", "Éditorial", "Prólogo", "Введение", "前言", "編集後記", "Notes and news",
    "Editor's Choice", "Highlights of this issue", "Year in review", "Report on the workshop", "Selected papers",
]  # fmt: skip


def relation(here: dict[str, Any], there: dict[str, Any]) -> Relation:
    one, other = evidence(**here), evidence(**there)
    found = compare(one, other).relation
    assert compare(other, one).relation is found
    return found


def people(names: str) -> list[str]:
    return names.split("; ")


@pytest.mark.parametrize(("one", "other"), OTHER_SIGNS + OTHER_PARTS)
def test_signs_and_parts_tell_works_apart(one: str, other: str) -> None:
    assert relation({"title": one}, {"title": other}) in (Relation.DIFFERENT, Relation.UNRELATED)


@pytest.mark.parametrize(("one", "other"), ONE_TITLE)
def test_one_title_in_two_notations_is_one_work(one: str, other: str) -> None:
    assert relation({"title": one}, {"title": other}) is Relation.SAME
    keys = [keys_of(title, ["Ada Example", "Bo Walker"]) for title in (one, other)]
    assert keys[0].title == keys[1].title or keys[0].authors == keys[1].authors


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_is_not_the_paper_that_it_is_about(notice: str) -> None:
    shared = {"doi": "10.1000/1"}
    for fields in ({}, shared):
        found = relation({"title": TITLE, **fields}, {"title": notice.format(TITLE), **fields})
        assert found in (Relation.DIFFERENT, Relation.UNRELATED)


@pytest.mark.parametrize(("one", "other"), ONE_PEOPLE)
def test_names_in_two_manners_are_the_same_people(one: str, other: str) -> None:
    assert relation({"authors": people(one)}, {"authors": people(other)}) is Relation.SAME


@pytest.mark.parametrize(("one", "other"), OTHER_PEOPLE)
def test_other_people_wrote_another_work(one: str, other: str) -> None:
    assert relation({"authors": people(one)}, {"authors": people(other)}) is not Relation.SAME


@pytest.mark.parametrize("doi", VOLUMES)
def test_the_doi_of_a_volume_joins_no_papers(doi: str) -> None:
    here = {"title": "Parsing of long texts by humans", "doi": doi}
    for title in ("Parsing of long texts by machines", "Proceedings of the conference on parsing"):
        assert relation(here, {"title": title, "doi": doi}) is not Relation.SAME


@pytest.mark.parametrize("title", RECURRING)
def test_a_recurring_title_needs_the_same_place(title: str) -> None:
    here = {"title": title, "venue": "Journal of Baz", "volume": "3", "issue": "1", "pages": "5"}
    for there in ({"volume": "4", "year": 2021}, {"issue": "2", "pages": "77"}, {"venue": "Journal of Qux"}):
        assert relation(here, {**here, **there}) is not Relation.SAME
    assert relation({"title": title, "year": 2019}, {"title": title}) is not Relation.SAME
