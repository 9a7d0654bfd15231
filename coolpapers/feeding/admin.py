"""Sources in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from coolpapers.feeding.models import FeedSource

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[FeedSource]
else:
    _Admin = admin.ModelAdmin


@admin.register(FeedSource)
class FeedSourceAdmin(_Admin):
    list_display = ("name", "kind", "is_active", "finished_at", "n_added", "n_changed", "n_refused", "error")
    list_filter = ("kind", "is_active")
    readonly_fields = ("started_at", "finished_at", "retry_at", "n_failures", "error", "refusals", "cursor")
