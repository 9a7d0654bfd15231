from __future__ import annotations

import pytest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from coolpapers.base.compiled_templates import make_environment


def test_values_are_escaped_and_functions_and_filters_are_known() -> None:
    environment = make_environment(filters={"comma": lambda n: f"{n:,}"}, shout=str.upper)
    template = environment.from_string("{{ n|comma }} {{ shout(word) }}")
    assert template.render(n=1234, word="<b>") == "1,234 &lt;B&gt;"


def test_templates_of_the_site_are_found() -> None:
    assert make_environment().get_template("papers/cards.jinja").filename is not None


class _Named(str):
    """A text of a class of its own."""


class _Html:
    def __html__(self) -> str:
        return "<b>"


@pytest.mark.parametrize(
    "value",
    ["plain", "", "<script>", "a & b", "it's", 'say "x"', "名前", 7, 0, -1, 1.5, None, True, ["<"], Markup("<i>"),
     SafeString("<u>"), _Named("<x>"), _Html(), gettext_lazy("a < b")],
)  # fmt: skip
def test_values_are_escaped_as_markupsafe_does(value: object) -> None:
    environment = make_environment()
    assert environment.from_string("{{ value }}").render(value=value) == str(escape(value))


@pytest.mark.parametrize(
    "source", ["{{ value|upper }}", "{{ value ~ value }}", "{{ f(value) }}", "{% if 1 %}{{ value }}{% endif %}"]
)
def test_every_expression_is_escaped(source: str) -> None:
    html = make_environment(f=lambda value: value).from_string(source).render(value="<a href='x'>&\"")
    assert not set("<>'\"") & set(html)


def test_a_missing_attribute_fails() -> None:
    template = make_environment().from_string("{{ value.nothing }}")
    with pytest.raises(AttributeError):
        template.render(value=3)


def test_functions_and_macros_get_their_arguments() -> None:
    macro = "{% macro bold(text, sign='!') %}<b>{{ text }}{{ sign }}</b>{% endmacro %}"
    calls = "{{ bold(f(value), '?') }}{{ bold(value, sign='.') }}{{ bold(value) }}{{ value.upper() }}"
    html = make_environment(f=lambda value: value * 2).from_string(macro + calls).render(value="a")
    assert html == "<b>aa?</b><b>a.</b><b>a!</b>A"


def test_what_a_macro_returns_is_escaped_once() -> None:
    source = "{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}<p>{{ bold(value) }}</p>"
    assert make_environment().from_string(source).render(value="a&b") == "<p><b>a&amp;b</b></p>"
