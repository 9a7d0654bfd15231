"""Cards and their parts as HTML: gives ``templates/papers/cards.jinja`` its functions and words.

Start at :func:`render_cards` and :func:`render_part`. Jinja renders cards, Django everything else
(``docs/decisions/0020-cards-are-rendered-by-jinja.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from jinja2 import Environment

from coolpapers.base.compiled_templates import make_environment
from coolpapers.papers.citations.embedded.coins import context_object
from coolpapers.papers.citations.work import describe_work
from coolpapers.papers.names.permalinks import path_maker, web_address
from coolpapers.papers.pages.cards import Card
from coolpapers.reading.markup.markdown import render_abstract, render_title
from coolpapers.reading.summaries.selectors import can_show_pdf, papers_with_summary
from coolpapers.reading.summaries.services import current_summarizer
from coolpapers.reading.summarizers.gist import result_sentence

TEMPLATE = "papers/cards.jinja"

Extra = Callable[[Card], str]


@dataclass(frozen=True, slots=True)
class ReadingActions:
    """Addresses of a card's buttons, "" where there is nothing to open."""

    pdf_path: str  # of the panel
    pdf_url: str  # where the link leads without scripts: the viewer, or the source where the site has no copy
    is_pdf_here: bool
    summary_path: str
    has_summary: bool
    related_path: str
    citation_path: str


def render_cards(cards: Sequence[Card], *, density: str, extra: Extra) -> str:
    """Cards as list items. ``extra`` returns what follows the facts of a card, as safe HTML."""
    module = _module(cards)
    return "".join(module.card_item(card, density, extra) for card in cards)


def render_part(name: str, card: Card) -> str:
    """A part of one card: ``title``, ``authors``, ``meta``, ``buttons``, ``tools`` or ``abstract``."""
    return str(getattr(_module([card]), name)(card))


def actions_of(card: Card) -> ReadingActions:
    """Where the parts of one paper are found."""
    return _actions_of([card])(card)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return make_environment(
        title_of=title_of,
        abstract_of=abstract_of,
        gist_of=gist_of,
        coins_of=lambda paper: context_object(describe_work(paper, has_contents=False)),
        unapi_of=lambda paper: quote(paper.key, safe=":/@"),
        n_more_authors=_more_authors,
        starred_by=_starred_by,
        translated=_,
    )


def _module(cards: Sequence[Card]) -> Any:
    """The macros of the template, bound to the words and the summaries of one page."""
    words = {"words": _words(), "actions_of": _actions_of(cards)}
    return _environment().get_template(TEMPLATE).make_module(words)


def _actions_of(cards: Sequence[Card]) -> Callable[[Card], ReadingActions]:
    """The actions of each of these cards; their summaries are looked up together."""
    summarized = papers_with_summary([card.paper.pk for card in cards])
    offers_summaries = current_summarizer() is not None
    pdf_of, summary_of = path_maker("reading:show_pdf"), path_maker("reading:show_summary")
    related_of, citation_of = path_maker("search:show_related"), path_maker("reading:show_citation")

    def actions(card: Card) -> ReadingActions:
        pdf_path, source = pdf_of(card.name), web_address(card.pdf_url)
        is_here, has_summary = can_show_pdf(card), card.paper.pk in summarized
        return ReadingActions(
            pdf_path=pdf_path if is_here or source else "",
            pdf_url=pdf_path if is_here else source,
            is_pdf_here=is_here,
            summary_path=summary_of(card.name) if has_summary or offers_summaries else "",
            has_summary=has_summary,
            related_path=related_of(card.name),
            citation_path=citation_of(card.name),
        )

    return actions


def title_of(card: Card) -> SafeString:
    """The title, with the words that a search found."""
    found: SafeString | None = card.highlights.get("title")
    return found or render_title(card.paper.title)


def abstract_of(card: Card) -> SafeString:
    """The abstract, with the words that a search found."""
    found: SafeString | None = card.highlights.get("abstract")
    return found or render_abstract(card.paper.abstract)


def gist_of(card: Card) -> SafeString:
    """Two lines: the TL;DR, else the sentences that a search found, else the one that tells the result."""
    found: SafeString | None = card.highlights.get("gist")
    if found and not card.paper.tldr:
        return found
    return render_title(card.paper.tldr or result_sentence(card.paper.abstract))


def _more_authors(n: int) -> str:
    return _("et al. (%(n)s more)") % {"n": n}


def _starred_by(n: int) -> str:
    return ngettext("starred by %(n)s reader", "starred by %(n)s readers", n) % {"n": n}


def _words() -> SimpleNamespace:
    """The words of a card in the reader's language, looked up once for a page."""
    return SimpleNamespace(
        pdf=_("PDF"),
        pdf_title=_("Read the PDF (p)"),
        summary=_("Summary"),
        summary_title=_("Read the summary (i)"),
        related=_("Related"),
        cite=_("Cite"),
        star=_("Star"),
        star_title=_("Star (s)"),
        more=_("More actions"),
        more_title=_("More actions (m)"),
        withdrawn=_("Withdrawn"),
        fold_title=_("Show or hide the abstract (e)"),
        et_al=_("et al."),
        new=pgettext("paper", "New"),
    )
