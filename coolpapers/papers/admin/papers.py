"""The catalogue in Django's admin, for an administrator: find papers, correct them, withdraw them, index them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coolpapers.papers.admin.filters import CategoryFilter, RememberingPaginator, SourceFilter, VenueFilter, YearFilter
from coolpapers.papers.admin.pairs import merge_selected, report_decisions, separate_selected
from coolpapers.papers.citations.tex import plain_text
from coolpapers.papers.errors import PairError
from coolpapers.papers.importing.curation import reindex_papers, save_corrections, set_withdrawn
from coolpapers.papers.models import (
    Category,
    ImportProblem,
    ImportRun,
    Paper,
    PaperQuerySet,
    PaperSource,
    PaperVersion,
    Venue,
)
from search.vocabulary.identifiers import parse_identifier

_SHOWN_AUTHORS = 3
_TITLE_CHARS = 120
# Addresses without a scheme are taken as https, as all of Django will from its version 6.
_HTTPS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {models.URLField: {"assume_scheme": "https"}}

if TYPE_CHECKING:  # Django's classes take parameters for type checkers only
    _PaperAdmin = admin.ModelAdmin[Paper]
    _VenueAdmin = admin.ModelAdmin[Venue]
    _RunAdmin = admin.ModelAdmin[ImportRun]
    _AnyAdmin = admin.ModelAdmin[Any]
    _SourceInline = admin.TabularInline[PaperSource, Paper]
    _VersionInline = admin.TabularInline[PaperVersion, Paper]
    _ProblemInline = admin.TabularInline[ImportProblem, ImportRun]
    _PaperForm = forms.ModelForm[Paper]
    _VenueForm = forms.ModelForm[Venue]
else:
    _PaperAdmin = _VenueAdmin = _RunAdmin = _AnyAdmin = admin.ModelAdmin
    _SourceInline = _VersionInline = _ProblemInline = admin.TabularInline
    _PaperForm = _VenueForm = forms.ModelForm


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class PaperForm(_PaperForm):
    """Lists are written one a line instead of as JSON."""

    authors = LinesField(required=False, help_text=_("One name a line, in order."))
    categories = LinesField(required=False, help_text=_("One code a line, the primary one first."))
    keywords = LinesField(required=False)
    editors = LinesField(required=False, help_text=_("One name a line, in order."))
    affiliations = LinesField(required=False, help_text=_("One institution a line."))
    report_numbers = LinesField(required=False, help_text=_("One number a line."))
    sort_names = LinesField(
        required=False,
        help_text=_("One name a line, as an index has it, where the family name is more than the last word."),
    )


class ReadOnlyMixin:
    """Rows that imports write: to be looked at, not changed."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False


class SourceInline(ReadOnlyMixin, _SourceInline):
    model = PaperSource
    formfield_overrides = _HTTPS
    fields = ("source", "ident", "key", "page_url", "pdf_url")
    extra = 0


class VersionInline(_VersionInline):
    model = PaperVersion
    fields = ("number", "date", "note")
    extra = 0


@admin.register(Paper)
class PaperAdmin(_PaperAdmin):
    form = PaperForm
    formfield_overrides = _HTTPS
    list_display = ("short_title", "first_authors", "venue", "venue_year", "category_codes", "announced", "withdrawn")
    list_select_related = ("venue",)
    list_filter = ("withdrawn", YearFilter, VenueFilter, CategoryFilter, SourceFilter)
    paginator = RememberingPaginator
    search_fields = ("title", "authors", "=key")
    search_help_text = _("Words of title or authors, or an identifier or address of a paper.")
    show_full_result_count = False  # counting a million rows beside each result helps nobody
    list_per_page = 50
    ordering = ("-pk",)
    actions = ("reindex", "withdraw", "restore", "merge", "keep_apart")
    autocomplete_fields = ("venue",)
    inlines = (SourceInline, VersionInline)
    readonly_fields = ("key", "revision", "edited", "match_key", "content_hash", "created_at", "modified_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Paper], search_term: str
    ) -> tuple[QuerySet[Paper], bool]:
        """An identifier or address finds its paper; anything else is searched for as words."""
        identifier = parse_identifier(search_term)
        if identifier is not None:
            sources = PaperSource.objects.filter(source=identifier.source, ident=identifier.value)
            found = queryset.filter(pk__in=sources.values("paper_id"))
            if identifier.source in ("arxiv", "doi"):
                name = {"arxiv": "arxiv_id", "doi": "doi"}[identifier.source]
                found = found | queryset.filter(**{name: identifier.value})
            return found, False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Papers come from sources; a single one through import_papers with a BibTeX entry."""
        return False

    def save_model(self, request: HttpRequest, obj: Paper, form: _PaperForm, change: bool) -> None:
        save_corrections(obj, form.changed_data)

    @admin.display(description=_("title"), ordering="title")
    def short_title(self, paper: Paper) -> str:
        """Without TeX commands, and cut: titles of some sources are paragraphs."""
        return Truncator(plain_text(paper.title)).chars(_TITLE_CHARS) or paper.key

    @admin.display(description=_("authors"))
    def first_authors(self, paper: Paper) -> str:
        names = ", ".join(paper.authors[:_SHOWN_AUTHORS])
        return f"{names} …" if len(paper.authors) > _SHOWN_AUTHORS else names

    @admin.display(description=_("categories"))
    def category_codes(self, paper: Paper) -> str:
        return " ".join(paper.categories)

    @admin.action(description=_("Index again"), permissions=["change"])
    def reindex(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        count = reindex_papers(cast(PaperQuerySet, queryset))
        text = ngettext(
            "%(count)d paper will be indexed again by the next update_index.",
            "%(count)d papers will be indexed again by the next update_index.",
            count,
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Mark as withdrawn"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        count = set_withdrawn(cast(PaperQuerySet, queryset), withdrawn=True)
        text = ngettext("%(count)d paper is now withdrawn.", "%(count)d papers are now withdrawn.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Mark as not withdrawn"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        count = set_withdrawn(cast(PaperQuerySet, queryset), withdrawn=False)
        text = ngettext("%(count)d paper is no longer withdrawn.", "%(count)d papers are no longer withdrawn.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Merge into one paper"), permissions=["change"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        self._decide(request, queryset, merge_selected)

    @admin.action(description=_("Keep apart, also in later imports"), permissions=["change"])
    def keep_apart(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        self._decide(request, queryset, separate_selected)

    def _decide(self, request: HttpRequest, papers: QuerySet[Paper], decide: Callable[..., int]) -> None:
        try:
            report_decisions(self, request, decide(papers, by=request.user.get_username()))
        except PairError as exc:
            self.message_user(request, str(exc), messages.ERROR)


class CountedAdmin(_AnyAdmin):
    """Rows with the number of their papers."""

    counted = "papers"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return cast("QuerySet[Any]", super().get_queryset(request).annotate(n_papers=Count(self.counted)))

    @admin.display(description=_("papers"), ordering="n_papers")
    def n_papers(self, row: Any) -> int:
        return int(row.n_papers)


@admin.register(Venue)
class VenueAdmin(CountedAdmin):
    list_display = ("slug", "name", "n_papers")
    search_fields = ("slug", "name")

    def save_model(self, request: HttpRequest, obj: Venue, form: _VenueForm, change: bool) -> None:
        """A venue's name is searched for with its papers, so they are indexed again."""
        super().save_model(request, obj, form, change)
        reindex_papers(Paper.objects.filter(venue=obj))


@admin.register(Category)
class CategoryAdmin(CountedAdmin):
    counted = "paper_rows"
    list_display = ("code", "name", "n_papers")
    search_fields = ("code", "name")


class ProblemInline(ReadOnlyMixin, _ProblemInline):
    model = ImportProblem
    verbose_name_plural = _("refused records and dropped fields")
    fields = ("refused", "location", "line", "field", "reason")
    extra = 0


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyMixin, _RunAdmin):
    list_display = (
        "source", "location", "position", "n_added", "n_changed", "n_skipped", "n_refused", "n_dropped", "finished",
        "updated_at",
    )  # fmt: skip
    inlines = (ProblemInline,)
    list_filter = ("source", "finished")
    search_fields = ("location",)
    ordering = ("-updated_at",)
