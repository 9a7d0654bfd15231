"""``/me/keywords``: the words by which ♥ orders lists, and how much each counts; with and without an account alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coolpapers.people.state.items import Items, read_weight
from coolpapers.people.state.preference import MAX_WORD
from coolpapers.people.state.storage import guarded, items_of, keep, read_items, write_items
from coolpapers.people.state.writes import Write
from search.ranking.preference import MAX_KEYWORDS, can_order

WEIGHTS = {1: gettext_lazy("weight 1"), 2: gettext_lazy("weight 2"), 3: gettext_lazy("weight 3")}

Change = tuple[Sequence[Write], str]  # what to keep, and what to say of it


@guarded
def list_keywords(request: HttpRequest) -> HttpResponseBase:
    """The page, and for htmx its changing part; a form posted to it changes a word (``do``)."""
    items = items_of(request, now=timezone.now())
    writes, message = _change(request, items) if request.method == "POST" else ([], "")
    removed = items.deleted_by(writes)
    keep(request.user, writes)
    context = {
        "keywords": items.after(writes).keywords(),
        "weights": WEIGHTS,
        "is_known": request.user.is_authenticated or "items" in request.POST,
        "writes": write_items(writes),
        "undo": write_items(removed) if removed else "",
        "message": message,
    }
    template = "people/_keywords.html" if getattr(request, "htmx", False) else "people/keywords.html"
    return render(request, template, context)


def _change(request: HttpRequest, items: Items) -> Change:
    form = request.POST
    do, word = form.get("do", ""), form.get("word", "")
    if do == "restore":
        return items.restore(read_items(form.get("removed", ""))), _("Restored.")
    if do == "add":
        return _add(items, form.get("words", ""), weight=read_weight(form.get("weight")))
    if do == "remove":
        return items.remove_keyword(word), _("Deleted “%(name)s”.") % {"name": word[:MAX_WORD]}
    if do == "weigh" and any(one.word == word for one in items.keywords()):
        return items.keep_keyword(word, read_weight(form.get("weight"))), _("Saved.")
    return [], ""


def _add(items: Items, text: str, *, weight: int) -> Change:
    """Each of the words between commas, as long as there is room and papers can be ordered by it."""
    words = list(dict.fromkeys(clean for part in text.split(",") if (clean := " ".join(part.split())[:MAX_WORD])))
    useless = [word for word in words if not can_order(word)]
    known = {one.word.casefold() for one in items.keywords()}
    room = MAX_KEYWORDS - len(known)
    kept: list[str] = []
    for word in words:
        is_new = word.casefold() not in known
        if word in useless or (is_new and room <= 0):
            continue
        room -= is_new
        known.add(word.casefold())
        kept.append(word)
    writes = [write for word in kept for write in items.keep_keyword(word, weight)]
    return writes, " ".join(_sentences(kept, useless, n_too_many=len(words) - len(kept) - len(useless)))


def _sentences(kept: Iterable[str], useless: Sequence[str], *, n_too_many: int) -> list[str]:
    said = [_("Saved “%(name)s”.") % {"name": word} for word in kept]
    if useless:
        said.append(_("“%(name)s” cannot rank papers: it is a stop word or a number.") % {"name": useless[0]})
    if n_too_many > 0:
        said.append(_("At most %(limit)d keywords; delete one first.") % {"limit": MAX_KEYWORDS})
    return said or [_("Enter at least one keyword.")]
