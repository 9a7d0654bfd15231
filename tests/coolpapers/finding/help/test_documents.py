"""The documentation as pages of the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from coolpapers.finding.help.documents import HELP_PAGES, TRANSLATIONS, help_titles, read_help
from tests.coolpapers.finding.test_query_language import CODE, rows, section
from tests.house.source import ROOT

LANGUAGES = ["en", *TRANSLATIONS]


def source(name: str, language: str) -> str:
    return (ROOT / "docs" / TRANSLATIONS.get(language, "") / HELP_PAGES[name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", HELP_PAGES)
def test_every_page_is_there_in_every_language(name: str, language: str) -> None:
    page = read_help(name, language)
    assert page.language == language
    assert page.title == source(name, language).partition("\n")[0].removeprefix("# ")
    body = html.fromstring(f"<div>{page.body}</div>")
    text = source(name, language)
    assert len(body.findall(".//h2")) == len(re.findall(r"^## ", text, re.M))
    assert len(body.findall(".//tbody/tr")) == len(rows(text))
    assert not body.findall(".//h1")


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("name", HELP_PAGES)
def test_a_translation_says_what_the_page_says(name: str, language: str) -> None:
    """It has the same sections, the same rows and the same examples."""
    texts = [source(name, "en"), source(name, language)]
    shapes = [
        {
            "headings": len(re.findall(r"^#+ ", text, re.M)),
            "rows": [len(row) for row in rows(text)],
            "first cells": [CODE.findall(row[0]) for row in rows(text)],
            "fences": text.count("```"),
            "items": len(re.findall(r"^- ", text, re.M)),
        }
        for text in texts
    ]
    assert shapes[0] == shapes[1]


def test_the_examples_of_the_query_language_are_those_that_are_tested() -> None:
    translated = source("query-language", "zh-hans")
    assert set(CODE.findall(section("Dates"))) <= set(CODE.findall(translated))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", HELP_PAGES)
def test_links_lead_to_pages_of_the_site_or_to_the_web(name: str, language: str) -> None:
    targets = re.findall(r'href="([^"]*)"', read_help(name, language).body)
    pages = {f"/help/{page}" for page in HELP_PAGES}
    assert [target for target in targets if target not in pages and not re.match(r"https?://", target)] == []
    assert "](" not in read_help(name, language).body


def test_a_page_without_a_translation_is_shown_in_english(settings: Any, tmp_path: Path) -> None:
    settings.DOCS_DIR = tmp_path
    (tmp_path / "first-steps.md").write_text("# First\n\nSee [keys](reference/keys.md) and [code](../coolpapers).")
    page = read_help("first-steps", "zh-hans")
    assert (page.title, page.language) == ("First", "en")
    assert 'See <a href="/help/keys"' in page.body
    assert "and code." in page.body


def test_the_index_has_all_titles_in_order() -> None:
    assert [name for name, _ in help_titles("en")] == list(HELP_PAGES)
    assert dict(help_titles("zh-hans"))["query-language"] == "检索语言"


def test_an_unknown_page_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read_help("nothing", "en")


def test_lines_of_chinese_are_joined_without_a_blank(settings: Any, tmp_path: Path) -> None:
    settings.DOCS_DIR = tmp_path
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "first-steps.md").write_text("# 题\n\n第一行，\n第二行 a\nb。\n\n- 项\n", encoding="utf-8")
    body = read_help("first-steps", "zh-hans").body
    assert "第一行，第二行 a\nb。" in body
    assert "<li>项</li>" in body
