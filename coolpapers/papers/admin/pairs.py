"""Possible duplicates in Django's admin: both papers side by side, merged, kept apart, or left as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coolpapers.papers.duplicates.decisions import find_named, merge_papers, separate_papers, undo_decision
from coolpapers.papers.duplicates.listing import DescribedPair, Side, describe_pairs, find_pairs
from coolpapers.papers.errors import PairError
from coolpapers.papers.identity.comparisons import Weight
from coolpapers.papers.models import Paper, PaperPair, PaperSource

_SHOWN_AUTHORS = 4
_FIELD_LABELS: dict[str, str | Promise] = {
    "title": _("title"),
    "authors": _("authors"),
    "year": _("year"),
    "venue": _("venue"),
    "pages": _("volume and first page"),
    "entry": _("entry of a registry"),
    "arxiv": _("arXiv id"),
    "doi": _("DOI"),
    "kind": _("kind"),
    "abstract": _("abstract"),
}
_WEIGHT_LABELS: dict[Weight, str | Promise] = {
    Weight.SAME: _("for one work"),
    Weight.DIFFERENT: _("for two works"),
    Weight.NEITHER: _("neither"),
}

if TYPE_CHECKING:  # Django's classes take parameters for type checkers only
    _PairAdmin = admin.ModelAdmin[PaperPair]
else:
    _PairAdmin = admin.ModelAdmin


class PairChangeList(ChangeList):
    """Pairs with what their records say, loaded for the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = [_with_description(described) for described in describe_pairs(self.result_list)]


class StateFilter(admin.SimpleListFilter):
    """Pairs to be decided where nothing is chosen."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        decided = [(value, label) for value, label in PaperPair.State.choices if value != PaperPair.State.OPEN]
        return [*decided, ("all", _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": PaperPair.State.OPEN.label}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[PaperPair]) -> QuerySet[PaperPair]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or PaperPair.State.OPEN)


@admin.register(PaperPair)
class PaperPairAdmin(_PairAdmin):
    list_display = ("first_paper", "second_paper", "fields_same", "fields_different", "state", "reason", "decided_by")
    list_display_links = ("first_paper", "second_paper")
    list_filter = (StateFilter, "reason")
    search_fields = ("first", "second")
    search_help_text = _("Words of a title, or the key of a record.")
    show_full_result_count = False
    list_per_page = 25
    actions = ("merge", "keep_apart", "undo")
    change_form_template = "admin/papers/paperpair/change_form.html"

    def get_fields(self, request: HttpRequest, obj: PaperPair | None = None) -> tuple[()]:
        """Nothing is edited; the template shows both records."""
        return ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaperPair]:
        return find_pairs(state="")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PairChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PaperPair], search_term: str
    ) -> tuple[QuerySet[PaperPair], bool]:
        """Words of a title find its pairs, and so does a key."""
        if not search_term:
            return queryset, False
        words = Q()
        for word in search_term.split():
            words &= Q(paper__title__icontains=word)
        # Titles of records that are in pairs: those of all papers would be read otherwise.
        in_pairs = Q(key__in=PaperPair.objects.values("first")) | Q(key__in=PaperPair.objects.values("second"))
        keys = PaperSource.objects.filter(in_pairs).filter(words | Q(key=search_term)).values("key")
        return queryset.filter(Q(first__in=keys) | Q(second__in=keys)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Imports find pairs; any two papers are merged in the list of papers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PaperPair | None = None) -> bool:
        """A decision is undone, which also brings the papers back."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Both records side by side, with a button for each decision."""
        pair = self.get_object(request, object_id)
        if pair is None:
            return super().change_view(request, object_id, form_url, extra_context)
        (described,) = describe_pairs([pair])
        context = {
            "described": described,
            "rows": [
                (_FIELD_LABELS[row.field], row.first, row.second, _WEIGHT_LABELS[row.weight])
                for row in described.comparisons
            ],
            "is_decided": pair.state != PaperPair.State.OPEN,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def save_model(self, request: HttpRequest, obj: PaperPair, form: Any, change: bool) -> None:
        """Nothing is edited in the form; its buttons decide."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return next((str(label) for name, (label, _act) in _BUTTONS.items() if name in request.POST), "")

    def response_change(self, request: HttpRequest, obj: PaperPair) -> HttpResponse:
        for name, (_label, act) in _BUTTONS.items():
            if name in request.POST:
                self._act(request, [obj], act)
        return HttpResponseRedirect(reverse("admin:papers_paperpair_changelist"))

    @admin.display(description=_("first paper"))
    def first_paper(self, pair: PaperPair) -> str:
        return _side_text(_description(pair).first)

    @admin.display(description=_("second paper"))
    def second_paper(self, pair: PaperPair) -> str:
        return _side_text(_description(pair).second)

    @admin.display(description=_("for one work"))
    def fields_same(self, pair: PaperPair) -> str:
        return _field_names(pair, Weight.SAME)

    @admin.display(description=_("for two works"))
    def fields_different(self, pair: PaperPair) -> str:
        return _field_names(pair, Weight.DIFFERENT)

    @admin.action(description=_("Merge"), permissions=["change"])
    def merge(self, request: HttpRequest, queryset: QuerySet[PaperPair]) -> None:
        self._act(request, queryset, _merge)

    @admin.action(description=_("Keep apart"), permissions=["change"])
    def keep_apart(self, request: HttpRequest, queryset: QuerySet[PaperPair]) -> None:
        self._act(request, queryset, _keep_apart)

    @admin.action(description=_("Undo the decision"), permissions=["change"])
    def undo(self, request: HttpRequest, queryset: QuerySet[PaperPair]) -> None:
        self._act(request, queryset, _undo)

    def _act(self, request: HttpRequest, pairs: Any, act: Callable[[PaperPair, str], None]) -> None:
        """Decide on pairs one by one; a pair that cannot be decided does not stop the others."""
        n_decided = 0
        for pk in [pair.pk for pair in pairs]:
            pair = PaperPair.objects.filter(pk=pk).first()
            if pair is None:  # an earlier pair of this request decided it too
                continue
            try:
                act(pair, request.user.get_username())
            except PairError as exc:
                self.message_user(request, str(exc), messages.ERROR)
            else:
                n_decided += 1
        report_decisions(self, request, n_decided)


def report_decisions(model_admin: Any, request: HttpRequest, n_decided: int) -> None:
    """Tell how many decisions were saved, if any."""
    if n_decided:
        text = ngettext("%(count)d decision was saved.", "%(count)d decisions were saved.", n_decided)
        model_admin.message_user(request, text % {"count": n_decided}, messages.SUCCESS)


def merge_selected(papers: QuerySet[Paper], *, by: str) -> int:
    """Merge papers into the oldest of them; return the number of decisions.

    Raises
    ------
    PairError
        If fewer than two papers are given.
    """
    keys = _two_or_more(papers, refusal=_now("Choose two or more papers to merge."))
    for key in keys[1:]:
        merge_papers(find_named(keys[0]), find_named(key), by=by, now=timezone.now())
    return len(keys) - 1


def separate_selected(papers: QuerySet[Paper], *, by: str) -> int:
    """Keep papers apart, each from each other; return the number of decisions.

    Raises
    ------
    PairError
        If fewer than two papers are given.
    """
    keys = _two_or_more(papers, refusal=_now("Choose two or more papers to keep apart."))
    pairs = [(one, other) for n, one in enumerate(keys) for other in keys[n + 1 :]]
    for one, other in pairs:
        separate_papers(find_named(one), find_named(other), by=by, now=timezone.now())
    return len(pairs)


def _two_or_more(papers: QuerySet[Paper], *, refusal: str) -> list[str]:
    """The keys of papers, oldest first."""
    keys = list(papers.order_by("pk").values_list("key", flat=True))
    if len(keys) < 2:
        raise PairError(refusal)
    return keys


def _merge(pair: PaperPair, by: str) -> None:
    merge_papers(find_named(pair.first), find_named(pair.second), by=by, now=timezone.now())


def _keep_apart(pair: PaperPair, by: str) -> None:
    separate_papers(find_named(pair.first), find_named(pair.second), by=by, now=timezone.now())


def _undo(pair: PaperPair, _by: str) -> None:
    undo_decision(pair, now=timezone.now())


_BUTTONS: dict[str, tuple[str | Promise, Callable[[PaperPair, str], None]]] = {
    "_merge": (_("Merge"), _merge),
    "_keep_apart": (_("Keep apart"), _keep_apart),
    "_undo": (_("Undo the decision"), _undo),
}


def _with_description(described: DescribedPair) -> PaperPair:
    cast(Any, described.pair).described = described
    return described.pair


def _description(pair: PaperPair) -> DescribedPair:
    return cast(DescribedPair, cast(Any, pair).described)


def _side_text(side: Side) -> str:
    if side.node is None:
        return _now("%(key)s (not in the library)") % {"key": side.record}
    authors = ", ".join(side.authors[:_SHOWN_AUTHORS]) + (" …" if len(side.authors) > _SHOWN_AUTHORS else "")
    years = "–".join(map(str, side.years))
    identifiers = " ".join(f"{scheme}:{value}" for scheme, value in side.identifiers.items()) or side.record
    return " · ".join(filter(None, (side.title, authors, years, side.venue, identifiers)))


def _field_names(pair: PaperPair, weight: Weight) -> str:
    return ", ".join(str(_FIELD_LABELS[name]) for name in _description(pair).fields_for(weight))
