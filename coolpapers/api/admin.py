"""API tokens in Django's admin: create a token, whose text is shown once; delete it to revoke it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from coolpapers.api.models import ApiToken, new_token_text

if TYPE_CHECKING:  # Django's classes take parameters for type checkers only
    _TokenAdmin = admin.ModelAdmin[ApiToken]
else:
    _TokenAdmin = admin.ModelAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(_TokenAdmin):
    """The text of a token is not stored, so only its name can be edited."""

    list_display = ("name", "user", "scope", "beginning", "created_at")
    list_filter = ("scope",)
    search_fields = ("name", "user__username", "beginning")
    autocomplete_fields = ("user",)
    fields = ("user", "name", "scope")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return ("user", "scope", "beginning", "created_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if not change:
            text = new_token_text()
            obj.set_text(text)
            messages.warning(request, _("The token, shown only once: %(text)s") % {"text": text})
        super().save_model(request, obj, form, change)
