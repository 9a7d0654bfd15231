from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import set_script_prefix
from django.utils import translation

from coolpapers.papers.templatetags import fragments
from coolpapers.papers.templatetags.fragments import kept_fragment


@pytest.fixture(autouse=True)
def _empty() -> Any:
    fragments._rendered.cache_clear()
    yield
    set_script_prefix("/")
    fragments._rendered.cache_clear()


def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def render(name: str) -> str:
        names.append(name)
        return render_to_string(name)

    monkeypatch.setattr(fragments, "render_to_string", render)
    return names


@pytest.mark.parametrize("name", ["_keys.html", "papers/_menu.html", "search/_language.html"])
def test_a_fragment_is_rendered_once_for_each_language_and_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = rendered(monkeypatch)
    english = kept_fragment(name)
    assert english == kept_fragment(name) == render_to_string(name)
    with translation.override("zh-hans"):
        assert kept_fragment(name) == render_to_string(name) != english
    set_script_prefix("/library/")
    assert 'href="/library/' in kept_fragment(name)
    assert names == [name] * 3


@pytest.mark.parametrize(
    "name", ["_display_choices.html", "papers/_list_filter.html", "papers/_pane.html", "papers/_selection_bar.html"]
)
def test_parts_of_each_list_are_in_the_language_of_the_reader(name: str) -> None:
    english = kept_fragment(name)
    with translation.override("zh-hans"):
        assert kept_fragment(name) == render_to_string(name) != english


def test_a_fragment_is_rendered_anew_while_templates_may_change(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.DEBUG = True
    names = rendered(monkeypatch)
    kept_fragment("_keys.html")
    kept_fragment("_keys.html")
    assert len(names) == 2
