"""Catalogues contain exactly the strings of code and templates, all translated, and Django reads them."""

from __future__ import annotations

import ast
from datetime import date

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import to_language

from tests.house.source import python_files
from tools import make_messages
from tools.make_messages import LANGUAGES, as_mo, path_of, problems, update

languages = pytest.mark.parametrize("language", LANGUAGES)


@languages
def test_every_string_is_translated_with_its_placeholders(language: str) -> None:
    assert problems(update(language)) == []


@languages
def test_the_catalogue_has_the_strings_of_today_and_no_others(language: str) -> None:
    with path_of(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    expected = {(message.id, message.context) for message in update(language) if message.id}
    assert {(message.id, message.context) for message in catalogue if message.id} == expected


@languages
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    assert path_of(language).with_suffix(".mo").read_bytes() == as_mo(make_messages.read_catalogue(language))


def test_there_is_a_catalogue_for_every_language_but_the_sources() -> None:
    offered = {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert {to_language(language) for language in LANGUAGES} == offered


def test_no_string_is_marked_inside_an_f_string() -> None:
    hidden = [
        f"{path.name}:{node.lineno}"
        for path in python_files(*make_messages.CODE)
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for node in ast.walk(text)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in make_messages.KEYWORDS
    ]
    assert hidden == []


def test_a_page_speaks_chinese_with_its_dates() -> None:
    with translation.override("zh-hans"):
        text = Template("{% load i18n %}{% translate 'Related papers' %} {% translate 'Abstract' %}").render(Context())
        assert text == "相关论文 摘要"
        assert date_format(date(2026, 3, 2)) == "2026年3月2日"


def test_missing_and_invalid_translations_are_named() -> None:
    from babel.messages.catalog import Catalog

    catalogue = Catalog(locale="zh_Hans")
    catalogue.add("one %(n)d", "一 %(n)d")
    catalogue.add("two %(n)d", "二")
    catalogue.add("three", "")
    catalogue.add(("four %(n)s", "four %(n)ss"), ("四 %(n)s",))
    assert [line.split(":")[0] for line in problems(catalogue)] == ["'two %(n)d'", "'three'"]
