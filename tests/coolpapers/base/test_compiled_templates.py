from __future__ import annotations

from coolpapers.base.compiled_templates import make_environment


def test_values_are_escaped_and_functions_and_filters_are_known() -> None:
    environment = make_environment(filters={"comma": lambda n: f"{n:,}"}, shout=str.upper)
    template = environment.from_string("{{ n|comma }} {{ shout(word) }}")
    assert template.render(n=1234, word="<b>") == "1,234 &lt;B&gt;"


def test_templates_of_the_site_are_found() -> None:
    assert make_environment().get_template("papers/cards.jinja").filename is not None
