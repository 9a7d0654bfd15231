"""Cards in templates: ``{% cards cards %}extra of each card{% endcards %}``, ``{% card_part "authors" card %}``,
``{% reading_actions card as actions %}``.

Inside the block tag ``card`` is the card; what the block renders follows the card's facts. The density is that of the
page (``coolpapers/papers/pages/density.py``).
"""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token

from coolpapers.papers.pages.cards import Card
from coolpapers.papers.pages.density import DEFAULT
from coolpapers.reading.pages.card_parts import ReadingActions, actions_of, render_cards, render_part

register = template.Library()


class CardsNode(template.Node):
    child_nodelists = ("extra",)

    def __init__(self, cards: FilterExpression, extra: NodeList) -> None:
        self.cards = cards
        self.extra = extra

    def render(self, context: template.Context) -> str:
        def extra_of(card: Card) -> str:
            with context.push(card=card, paper=card.paper):
                return self.extra.render(context)

        return render_cards(self.cards.resolve(context), density=context.get("density") or DEFAULT, extra=extra_of)


@register.tag("cards")
def parse_cards(parser: Parser, token: Token) -> CardsNode:
    _name, expression = token.split_contents()
    extra = parser.parse(("endcards",))
    parser.delete_first_token()
    return CardsNode(parser.compile_filter(expression), extra)


class CardPartNode(template.Node):
    def __init__(self, name: str, card: FilterExpression) -> None:
        self.name = name
        self.card = card

    def render(self, context: template.Context) -> str:
        return render_part(self.name, self.card.resolve(context))


@register.tag("card_part")
def parse_card_part(parser: Parser, token: Token) -> CardPartNode:
    _name, part, expression = token.split_contents()
    return CardPartNode(part.strip("\"'"), parser.compile_filter(expression))


@register.simple_tag
def reading_actions(card: Card) -> ReadingActions:
    """The addresses of a paper's PDF and summary."""
    return actions_of(card)
