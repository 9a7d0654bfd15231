from __future__ import annotations

import pytest
from django.template import Context, Template

from coolpapers.papers.pages.cards import Card
from tests.coolpapers.reading.made import make_paper

pytestmark = pytest.mark.django_db


def test_the_block_of_each_card_follows_its_facts() -> None:
    template = Template(
        "{% load cards %}{% cards found %}<b>{{ card.number }}</b>{{ foreign }}{% endcards %}{{ card }}"
    )
    cards = [Card(make_paper(), number) for number in (1, 2)]
    html = template.render(Context({"found": cards, "foreign": "<i>"}))
    assert html.index("<b>1</b>&lt;i&gt;") < html.index("#2") < html.index("<b>2</b>")
    assert html.endswith("</li>")


@pytest.mark.parametrize("density", ["list", "compact", "full"])
def test_the_density_is_that_of_the_page(density: str) -> None:
    template = Template("{% load cards %}{% cards cards %}{% endcards %}")
    assert f"is-{density}" in template.render(Context({"cards": [Card(make_paper())], "density": density}))


def test_a_part_is_rendered_by_its_name() -> None:
    html = Template('{% load cards %}{% card_part "meta" card %}').render(Context({"card": Card(make_paper())}))
    assert html.startswith('<p class="card-meta">')
