"""``/me/keywords``: the keywords by which ♥ ranks lists, with weights. The page works with and without an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coolpapers.people.state.items import Items, read_weight
from coolpapers.people.state.preference import MAX_WORD
from coolpapers.people.state.storage import (
    csrf_protect_accounts,
    has_items,
    load_items,
    parse_items,
    save_writes,
    serialize_items,
)
from coolpapers.people.state.writes import Write
from search.ranking.preference import MAX_KEYWORDS, can_order

WEIGHTS = {1: gettext_lazy("weight 1"), 2: gettext_lazy("weight 2"), 3: gettext_lazy("weight 3")}

Change = tuple[Sequence[Write], str]  # the writes to save, and the message for the reader


@csrf_protect_accounts
def list_keywords(request: HttpRequest) -> HttpResponseBase:
    """The page, or for htmx its changing part; a form posted to it changes a keyword (``do``)."""
    items = load_items(request, now=timezone.now())
    writes, message = _change(request, items) if request.method == "POST" else ([], "")
    removed = items.deleted_by(writes)
    save_writes(request.user, writes)
    context = {
        "keywords": items.after(writes).keywords(),
        "weights": WEIGHTS,
        "has_items": has_items(request),
        "writes": serialize_items(writes),
        "undo": serialize_items(removed) if removed else "",
        "message": message,
    }
    template = "people/_keywords.html" if getattr(request, "htmx", False) else "people/keywords.html"
    return render(request, template, context)


def _change(request: HttpRequest, items: Items) -> Change:
    form = request.POST
    do, word = form.get("do", ""), form.get("word", "")
    if do == "restore":
        return items.restore(parse_items(form.get("removed", ""))), _("Restored.")
    if do == "add":
        return _add(items, form.get("words", ""), weight=read_weight(form.get("weight")))
    if do == "remove":
        return items.remove_keyword(word), _("Deleted “%(name)s”.") % {"name": word[:MAX_WORD]}
    if do == "weigh" and any(keyword.word == word for keyword in items.keywords()):
        return items.save_keyword(word, read_weight(form.get("weight"))), _("Saved.")
    return [], ""


def _add(items: Items, text: str, *, weight: int) -> Change:
    """Add the words separated by commas, up to MAX_KEYWORDS in all, without stop words and numbers."""
    words = list(dict.fromkeys(word for part in text.split(",") if (word := " ".join(part.split())[:MAX_WORD])))
    unusable = [word for word in words if not can_order(word)]
    existing = {keyword.word.casefold() for keyword in items.keywords()}
    n_free = MAX_KEYWORDS - len(existing)
    added: list[str] = []
    for word in words:
        is_new = word.casefold() not in existing
        if word in unusable or (is_new and n_free <= 0):
            continue
        n_free -= is_new
        existing.add(word.casefold())
        added.append(word)
    writes = [write for word in added for write in items.save_keyword(word, weight)]
    return writes, " ".join(_sentences(added, unusable, n_too_many=len(words) - len(added) - len(unusable)))


def _sentences(added: Iterable[str], unusable: Sequence[str], *, n_too_many: int) -> list[str]:
    sentences = [_("Saved “%(name)s”.") % {"name": word} for word in added]
    if unusable:
        sentences.append(_("“%(name)s” cannot rank papers: it is a stop word or a number.") % {"name": unusable[0]})
    if n_too_many > 0:
        sentences.append(_("At most %(limit)d keywords; delete one first.") % {"limit": MAX_KEYWORDS})
    return sentences or [_("Enter at least one keyword.")]
