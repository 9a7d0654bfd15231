from __future__ import annotations

import pytest
from django.utils import translation

from search.vocabulary.categories import (
    ARCHIVES,
    CATEGORY_ALIASES,
    CATEGORY_NAMES,
    GROUPS,
    arxiv_category_name,
    category_group,
    category_name,
    fold_category,
)


@pytest.mark.parametrize(
    ("code", "name"),
    [("cs.CL", "Computation and Language"), ("hep-th", "High Energy Physics - Theory"), ("math", "Mathematics")],
)
def test_names_of_categories_and_archives(code: str, name: str) -> None:
    assert category_name(code) == name


@pytest.mark.parametrize("code", ["", "35J60", "cs.XX"])
def test_unknown_codes_have_no_name(code: str) -> None:
    assert category_name(code) == ""


def test_names_are_in_the_language_of_the_page_but_for_programs() -> None:
    with translation.override("zh-hans"):
        assert category_name("cs.CL") == "计算与语言"
        assert arxiv_category_name("cs.CL") == "Computation and Language"
        assert all(category_name(code) != arxiv_category_name(code) for code in CATEGORY_NAMES)


def test_every_category_of_arxiv_has_a_group() -> None:
    assert all(category_group(code) for code in CATEGORY_NAMES)
    assert {category_group(code) for code in CATEGORY_NAMES} | {""} == set(GROUPS)
    assert category_group("35J60") == ""


def test_aliases_are_not_listed_beside_their_code() -> None:
    assert not CATEGORY_NAMES.keys() & CATEGORY_ALIASES.keys()
    assert CATEGORY_NAMES.keys() >= set(CATEGORY_ALIASES.values())


def test_archives_are_the_parts_before_the_dot() -> None:
    assert {"cs", "math", "cond-mat", "hep-th"} <= ARCHIVES


@pytest.mark.parametrize(("alias", "code"), CATEGORY_ALIASES.items())
def test_aliases_of_categories_are_one_category(alias: str, code: str) -> None:
    assert fold_category(alias) == code
    assert fold_category(code) == code
