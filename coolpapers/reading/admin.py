"""Django's admin of reading: summaries with an action to generate them again, fetched PDFs, the site's preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coolpapers.reading.errors import QueueFull
from coolpapers.reading.models import PdfFetch, SitePreference, Summary
from coolpapers.reading.summaries.services import request_summary
from coolpapers.reading.tasks import notify_worker

if TYPE_CHECKING:
    PdfFetchModelAdmin = admin.ModelAdmin[PdfFetch]
    SitePreferenceModelAdmin = admin.ModelAdmin[SitePreference]
    SummaryModelAdmin = admin.ModelAdmin[Summary]
else:
    PdfFetchModelAdmin = SitePreferenceModelAdmin = SummaryModelAdmin = admin.ModelAdmin


@admin.register(Summary)
class SummaryAdmin(SummaryModelAdmin):
    """Texts are read-only: a summary is corrected at its source and imported again."""

    list_display = ("paper", "language", "status", "source", "label", "requested_at", "finished_at")
    list_filter = ("status", "source", "language", "kind")
    search_fields = ("paper__title", "paper__key", "label")
    list_select_related = ("paper",)
    ordering = ("-requested_at",)
    actions = ("write_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Summary | None = None) -> bool:
        return False

    @admin.action(description=_("Generate again (keeps the old text until then)"), permissions=["delete"])
    def write_again(self, request: HttpRequest, queryset: QuerySet[Summary]) -> None:
        """Request the selected summaries again."""
        n_requested = 0
        try:
            for summary in queryset.select_related("paper"):
                request_summary(summary.paper, language=summary.language, now=timezone.now(), again=True)
                n_requested += 1
        except (QueueFull, LookupError) as exc:
            self.message_user(request, str(exc), messages.ERROR)
        notify_worker()
        text = ngettext("%(n)d summary will be written.", "%(n)d summaries will be written.", n_requested) % {
            "n": n_requested
        }
        self.message_user(request, text, messages.SUCCESS)


@admin.register(SitePreference)
class SitePreferenceAdmin(SitePreferenceModelAdmin):
    """What the site asks its librarian, to be changed at any time; a deleted one is asked again."""

    list_display = ("name", "is_on")


@admin.register(PdfFetch)
class PdfFetchAdmin(PdfFetchModelAdmin):
    """PDFs that readers asked for, and why some could not be fetched. A deleted request leaves the file."""

    list_display = ("url", "status", "n_bytes", "requested_at", "error")
    list_filter = ("status",)
    search_fields = ("url",)
    ordering = ("-requested_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PdfFetch | None = None) -> bool:
        return False
